import { setTimeout as sleep } from 'node:timers/promises';
import { commandFor } from '../harness/commands.ts';
import type { Proof } from '../harness/proof.ts';
import type { Stage } from '../harness/stage.ts';
import { until } from '../harness/until.ts';

/** Opt-outs on the queue, and how many calls to HubSpot they may take. */
export interface Work {
  readonly name: string;
  readonly optOuts: number;
  readonly maxCalls: number;
  /** The age of the opt-outs. @default fresh */
  readonly hoursOld?: number;
  /** HubSpot's limits. @default 190 calls per ten seconds */
  readonly limits?: { readonly per10Seconds?: number; readonly daily?: number };
  readonly faults?: readonly object[];
  readonly batch?: boolean;
  /** Counts the calls of this long, instead of until everything is confirmed. */
  readonly seconds?: number;
}

export const WORK: readonly Work[] = [
  { name: '100 fresh', optOuts: 100, maxCalls: 105 },
  { name: '100 two hours old', optOuts: 100, hoursOld: 2, maxCalls: 210 },
  {
    name: '150 fresh, 100 per 10 s, one 429 with Retry-After 15',
    optOuts: 150,
    limits: { per10Seconds: 100 },
    faults: [{ match: 'unsubscribe-all', status: 429, times: 1, headers: { 'Retry-After': '15' } }],
    maxCalls: 165,
  },
  { name: '1,000 in batches', optOuts: 1_000, batch: true, maxCalls: 60 },
  { name: '1,000 in batches, two hours old', optOuts: 1_000, hoursOld: 2, batch: true, maxCalls: 90 },
  // Last, since its opt-outs stay on the queue until the next quarter of an hour.
  { name: 'daily limit spent, 60 waiting, 20 s', optOuts: 60, limits: { daily: 0 }, seconds: 20, maxCalls: 5 },
];

const INSTANCES = 2;
const PER_10_S = 190;

/** Delivers each piece of work and counts every call to HubSpot, whatever the response. Returns the counts by name. */
export async function proveCalls(
  work: readonly Work[],
  stage: Stage,
  proof: Proof,
): Promise<Readonly<Record<string, string>>> {
  const counts: Record<string, string> = {};
  for (const each of work) {
    const calls = await countCalls(each, stage, proof);
    proof.check(calls <= each.maxCalls, () => `${each.name}: ${calls} calls, at most ${each.maxCalls} expected`);
    counts[each.name] = `${calls} calls (at most ${each.maxCalls})`;
  }
  return counts;
}

async function countCalls(work: Work, stage: Stage, proof: Proof): Promise<number> {
  const { name, optOuts, hoursOld = 0, limits = {}, faults = [], batch = false, seconds } = work;
  const { per10Seconds = PER_10_S } = limits;
  await stage.sim('reset', 'POST');
  await stage.sim('limits', 'POST', { per10Seconds, ...limits });
  await stage.sim('faults', 'POST', faults);
  const occurredAt = new Date(Date.now() - hoursOld * 3_600_000).toISOString();
  const commands = Array.from({ length: optOuts }, (_none, index) => ({
    ...commandFor(`${name} ${index}`.replaceAll(/\W+/g, '-').toLowerCase()),
    occurredAt,
  }));
  await stage.enqueue(commands);
  const stop = await stage.startDelivery({
    DELIVER_CONCURRENCY: `${INSTANCES}`,
    HUBSPOT_RATE_PER_10_S: `${per10Seconds}`,
    HUBSPOT_BATCH: `${batch}`,
  });
  if (seconds === undefined)
    await until(
      () => stage.queuedMessages(),
      (left) => left === 0,
      { limitMs: 180_000, everyMs: 500 },
    );
  else await sleep(seconds * 1000);
  await stop();
  const { length } = await stage.hubspotRequests();
  if (seconds === undefined) await checkAll(commands, stage, proof);
  return length;
}

async function checkAll(commands: readonly { readonly email: string }[], stage: Stage, proof: Proof): Promise<void> {
  for (const { email } of commands) {
    const { optOutWrites } = await stage.contact(email);
    proof.check(optOutWrites === 1, () => `${email} was written ${optOutWrites} times`);
  }
}
