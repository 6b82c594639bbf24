import { commandFor } from '../harness/commands.ts';
import type { Proven } from '../harness/proof.ts';
import { createTrial } from '../harness/proof.ts';
import type { Stage } from '../harness/stage.ts';
import { createStage } from '../harness/stage.ts';
import { until } from '../harness/until.ts';

export interface RateSize {
  /** Open commands to drain. */
  readonly commands: number;
  /** HubSpot's limit. */
  readonly per10Seconds: number;
  /** How many instances deliver at once, one after the other. */
  readonly instances: readonly number[];
  /** What of the limit must be used. */
  readonly atLeast: number;
}

const MOST_REFUSED = 0.001;

/** A queue full of commands is drained as quickly as HubSpot lets it, and HubSpot hardly ever has to say so. */
export async function proveRate(size: RateSize): Promise<Proven> {
  const trial = createTrial('waits', 'rate');
  const figures: Record<string, string> = {};
  const stage = await createStage();
  for (const instances of size.instances) {
    const { share, refused } = await drain(stage, size, instances);
    const told = `${(share * 100).toFixed(1)} % of the limit, ${(refused * 100).toFixed(2)} % 429`;
    trial.holds(share >= size.atLeast, () => `${instances} instances: only ${told}`);
    trial.holds(refused <= MOST_REFUSED, () => `${instances} instances: ${told}`);
    figures[`${instances} instances`] = told;
  }
  await stage.stop();
  return trial.proven(figures);
}

async function drain(stage: Stage, { commands, per10Seconds }: RateSize, instances: number) {
  const spacingMs = 10_000 / per10Seconds;
  await stage.sim('reset', 'POST');
  await stage.sim('limits', 'POST', { per10Seconds });
  await stage.enqueue(Array.from({ length: commands }, (_none, index) => commandFor(`${instances}-${index}`)));
  const stop = await stage.deliverWith({
    DELIVER_CONCURRENCY: `${instances}`,
    HUBSPOT_RATE_PER_10_S: `${per10Seconds}`,
  });
  const isOut = ({ status }: { readonly status: number }) => status === 200;
  const limitMs = 3 * commands * spacingMs + 30_000;
  const calls = await until(stage.asked, (asked) => asked.filter(isOut).length >= commands, { limitMs, everyMs: 500 });
  await stop();
  const times = calls.map(({ at }) => Date.parse(at));
  const tookMs = Math.max(...times) - Math.min(...times);
  const share = ((calls.length - 1) / tookMs) * spacingMs;
  return { share, refused: calls.filter(({ status }) => status === 429).length / calls.length };
}
