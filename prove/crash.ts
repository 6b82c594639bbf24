import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import process from 'node:process';
import type { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { bundle } from '../infra/bundle.ts';
import type { CrashEnd } from './crash/ways.ts';
import { openCrashWays } from './crash/ways.ts';
import type { Proven } from './proof.ts';
import { openTrial } from './proof.ts';
import { openStage } from './stage.ts';

/**
 * Every function on the way is killed at every await, or each so manieth, and others finish what it has begun: nothing is
 * lost, and there is one effect.
 */
export async function proveCrashPoints({ every }: { readonly every: number }): Promise<Proven> {
  const trial = openTrial('lost', 'crash points');
  const figures: Record<string, number> = {};
  const stage = await openStage();
  const bundles = join(stage.dir, 'bundles');
  await bundle({ to: bundles });
  const { ways, finish } = await openCrashWays(stage);
  for (const way of ways) {
    const file = join(bundles, way.function, 'index.mjs');
    let isThrough = false;
    for (let crashAt = 1; !isThrough; crashAt += every * (way.every ?? 1)) {
      const { event, after } = await way.begin(crashAt);
      const end = await runUntil(crashAt, { file, name: way.function, event });
      const otherwise = await after(end);
      trial.holds(otherwise === undefined, () => `${way.name}, killed at await ${crashAt}: ${otherwise}`);
      isThrough = end !== undefined;
      figures[`awaits of ${way.name}`] = end?.awaits ?? crashAt;
    }
  }
  await finish();
  const left = await stage.left();
  trial.holds(left === 0, () => `${left} messages are left on the queues`);
  await stage.stop();
  return trial.proven(figures);
}

interface Run {
  readonly file: string;
  readonly name: string;
  readonly event: unknown;
}

/** Undefined: it was killed. */
async function runUntil(crashAt: number, { file, name, event }: Run): Promise<CrashEnd | undefined> {
  const args = [fileURLToPath(new URL('crash/child.ts', import.meta.url)), file, name, `${crashAt}`];
  const child = spawn(process.execPath, args, { stdio: ['pipe', 'ignore', 'inherit', 'pipe'] });
  child.stdin?.end(JSON.stringify(event));
  const [said, [code, signal]] = await Promise.all([text(child.stdio[3] as Readable), once(child, 'exit')]);
  if (signal === 'SIGKILL') return undefined;
  if (code !== 0) throw new Error(`the function ended with ${code}`);
  return JSON.parse(said) as CrashEnd;
}
