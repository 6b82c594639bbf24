import { join } from 'node:path';
import { bundle } from '../../infra/bundle.ts';
import type { Proven, Trial } from '../harness/proof.ts';
import { createTrial } from '../harness/proof.ts';
import { createStage } from '../harness/stage.ts';
import { startDoomed } from './doomed.ts';
import type { CrashWay } from './ways.ts';
import { createCrashWays } from './ways.ts';

/**
 * Every function on the way is killed at every await, or each so manieth, and others finish what it has begun: nothing is
 * lost, and there is one effect.
 */
export async function proveCrashPoints({ every }: { readonly every: number }): Promise<Proven> {
  const trial = createTrial('lost', 'crash points');
  const figures: Record<string, number> = {};
  const stage = await createStage();
  const bundles = join(stage.dir, 'bundles');
  await bundle({ to: bundles });
  const { ways, finish } = await createCrashWays(stage);
  for (const way of ways) figures[`awaits of ${way.name}`] = await killAlong(way, { bundles, every, trial });
  await finish();
  const left = await stage.left();
  trial.holds(left === 0, () => `${left} messages are left on the queues`);
  await stage.stop();
  return trial.proven(figures);
}

interface Killing {
  readonly bundles: string;
  readonly every: number;
  readonly trial: Trial;
}

/** From the first await to the last; gives how many there are. */
async function killAlong(way: CrashWay, { bundles, every, trial }: Killing): Promise<number> {
  const start = (crashAt: number) => startDoomed(crashAt, { bundles, name: way.function });
  let next = start(1);
  for (let crashAt = 1; ; crashAt += every) {
    const doomed = next;
    // It gets ready while this one runs: to start a process takes the most time of all.
    next = start(crashAt + every);
    const { event, after } = await way.begin(crashAt);
    const end = await doomed.run(event);
    const otherwise = await after(end);
    trial.holds(otherwise === undefined, () => `${way.name}, killed at await ${crashAt}: ${otherwise}`);
    if (end === undefined) continue;
    next.end();
    return end.awaits;
  }
}
