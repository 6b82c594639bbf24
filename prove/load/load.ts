import process from 'node:process';
import { stubCertificates } from '../harness/certificates.ts';
import { createOutcomeLog } from '../harness/outcome-log.ts';
import type { ProofResult } from '../harness/proof.ts';
import { createProof } from '../harness/proof.ts';
import type { Stage } from '../harness/stage.ts';
import { createStage } from '../harness/stage.ts';
import { until } from '../harness/until.ts';
import { auditOptOuts } from './audit.ts';
import type { RequestCounts, SenderRequest } from './requests.ts';
import { createRequests, FAULTS } from './requests.ts';

export interface LoadSize extends RequestCounts {
  /** How many consecutive calls HubSpot fails in the middle of the run. */
  readonly outage: number;
}

const CONCURRENT_POSTS = 16;
const INSTANCES = 8;

/** Many senders post concurrently, with duplicates and out of order, while HubSpot fails. Then every opt-out is audited by its id. */
export async function proveLoad(size: LoadSize): Promise<ProofResult> {
  const proof = createProof('lost', 'two-phase load');
  const outcomes = createOutcomeLog();
  const restoreFetch = stubCertificates();
  const stage = await createStage({ onOutput: outcomes.read });
  const requests = shuffled(createRequests(size, stage.url));
  await injectFaults(stage, requests);
  const stop = await stage.startDelivery({ DELIVER_CONCURRENCY: `${INSTANCES}`, HUBSPOT_RATE_PER_10_S: '999999' });

  const startedAt = performance.now();
  await Promise.all(Array.from({ length: CONCURRENT_POSTS }, (_none, worker) => postAll(worker)));
  const acceptedMs = performance.now() - startedAt;
  const expected = new Map(requests.flatMap(({ commands }) => commands.map((command) => [command.id, command])));
  const isDone = async () =>
    [...expected.keys()].every((id) => outcomes.closed.has(id)) && (await stage.queuedMessages()) === 0;
  const limitMs = 60_000 + expected.size * 30;
  await until(isDone, Boolean, { limitMs, everyMs: 500 }).catch(() =>
    proof.violation(`opt-outs were still open after ${limitMs} ms`),
  );
  const tookMs = performance.now() - startedAt;
  await stop();

  const { waits, states } = await auditOptOuts(expected, { proof, dir: stage.dir });
  await stage.stop();
  restoreFetch();
  const perSecond = (count: number, ms: number) => Math.round((count * 1000) / ms);
  return proof.result({
    posts: requests.length,
    'opt-outs': expected.size,
    ...states,
    deferred: [...outcomes.deferred.values()].reduce((sum, count) => sum + count, 0),
    'accepted/s': perSecond(expected.size, acceptedMs),
    'confirmed/s': perSecond(states['confirmed'] ?? 0, tookMs),
    'p50 ms': waits[Math.floor(waits.length * 0.5)] ?? 0,
    'p99 ms': waits[Math.floor(waits.length * 0.99)] ?? 0,
    'RSS MB, with all emulators': Math.round(process.resourceUsage().maxRSS / 1024),
  });

  async function postAll(worker: number): Promise<void> {
    const middle = Math.floor(requests.length / 2);
    for (let index = worker; index < requests.length; index += CONCURRENT_POSTS) {
      if (index === middle && size.outage > 0) await startOutage(stage, size.outage);
      const status = await requests[index]?.post(stage);
      proof.check(status === 200, () => `a sender got ${status}`);
    }
  }
}

/** Sets each fault as often as there are addresses with its prefix. */
async function injectFaults(stage: Stage, requests: readonly SenderRequest[]): Promise<void> {
  const addresses = requests.flatMap(({ commands }) => commands.map(({ email }) => email ?? ''));
  const faults = Object.entries(FAULTS).flatMap(([prefix, fault]) => {
    const times = new Set(addresses.filter((address) => address.startsWith(`${prefix}-`))).size;
    return fault === undefined || times === 0 ? [] : [{ match: `/${prefix}-`, method: 'POST', times, ...fault }];
  });
  await stage.sim('faults', 'POST', faults);
}

async function startOutage(stage: Stage, times: number): Promise<void> {
  await stage.sim('faults', 'POST', [{ match: 'unsubscribe-all', times, status: 503 }]);
}

/** Fisher–Yates shuffle. */
function shuffled<Item>(items: readonly Item[]): Item[] {
  const all = [...items];
  for (let last = all.length - 1; last > 0; last -= 1) {
    const other = Math.floor(Math.random() * (last + 1));
    [all[last], all[other]] = [all[other] as Item, all[last] as Item];
  }
  return all;
}
