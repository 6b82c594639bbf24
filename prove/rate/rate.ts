import type { LoggedRequest } from '../../local/hubspot/request-log.ts';
import { commandFor } from '../harness/commands.ts';
import type { ProofResult } from '../harness/proof.ts';
import { createProof } from '../harness/proof.ts';
import type { Stage } from '../harness/stage.ts';
import { createStage } from '../harness/stage.ts';
import { until } from '../harness/until.ts';
import type { Work } from './calls.ts';
import { proveCalls } from './calls.ts';
import { measureCeiling } from './ceiling.ts';

export interface RateSize {
  /** The number of queued opt-outs. */
  readonly commands: number;
  /** HubSpot's limit: calls per ten seconds. */
  readonly per10Seconds: number;
  /** The numbers of concurrent instances to measure, one after the other. */
  readonly instances: readonly number[];
  /** The share of the limit that must be used: 0 to 1. */
  readonly minShare: number;
  /** What may take how many calls. */
  readonly work: readonly Work[];
  /** The number of opt-outs that measure the speed in batches. */
  readonly ceilingOptOuts: number;
}

/** The largest accepted share of calls that HubSpot answers with 429. */
const MAX_THROTTLED_SHARE = 0.001;

/** Drains a queue at nearly HubSpot's limit, with hardly any 429 response and without needless calls. */
export async function proveRate(size: RateSize): Promise<ProofResult> {
  const proof = createProof('overlooked', 'rate');
  const figures: Record<string, string> = {};
  const stage = await createStage();
  for (const instances of size.instances) {
    const { share, throttled } = await drain(stage, size, instances);
    const figure = `${(share * 100).toFixed(1)} % of the limit, ${(throttled * 100).toFixed(2)} % 429`;
    proof.check(share >= size.minShare, () => `${instances} instances: only ${figure}`);
    proof.check(throttled <= MAX_THROTTLED_SHARE, () => `${instances} instances: ${figure}`);
    figures[`${instances} instances`] = figure;
  }
  Object.assign(figures, await proveCalls(size.work, stage, proof));
  const ceiling = await measureCeiling(stage, size.ceilingOptOuts);
  figures['in batches, one instance, ledger in memory'] = `${ceiling} confirmed a second`;
  await stage.stop();
  return proof.result(figures);
}

async function drain(stage: Stage, { commands, per10Seconds }: RateSize, instances: number) {
  const spacingMs = 10_000 / per10Seconds;
  await stage.sim('reset', 'POST');
  await stage.sim('limits', 'POST', { per10Seconds });
  await stage.enqueue(Array.from({ length: commands }, (_none, index) => commandFor(`${instances}-${index}`)));
  const stop = await stage.startDelivery({
    DELIVER_CONCURRENCY: `${instances}`,
    HUBSPOT_RATE_PER_10_S: `${per10Seconds}`,
    HUBSPOT_BATCH: 'false',
  });
  const isSuccess = ({ status }: { readonly status: number }) => status === 200;
  const limitMs = 3 * commands * spacingMs + 30_000;
  const isDrained = (requests: readonly LoggedRequest[]) => requests.filter(isSuccess).length >= commands;
  const calls = await until(stage.hubspotRequests, isDrained, { limitMs, everyMs: 500 });
  await stop();
  const times = calls.map(({ at }) => Date.parse(at));
  const tookMs = Math.max(...times) - Math.min(...times);
  const share = ((calls.length - 1) / tookMs) * spacingMs;
  return { share, throttled: calls.filter(({ status }) => status === 429).length / calls.length };
}
