import type { Entry } from '../ledger/ledger.ts';
import { commandOf } from '../ledger/ledger.ts';
import type { Run, SweepPorts } from './sweep.ts';

/** The queue may be late; an hour after it was due, no message brings the command any more. */
const LOST_AFTER_MS = 3_600_000;
const MOST_PER_RUN = 500;

/**
 * Puts the commands on the queue again whose message is gone: a dead letter by now, expired, or deleted by hand. Harmless
 * where it is not: whoever comes second finds the lease or a closed entry, and asks HubSpot before it tells.
 */
export async function requeueLost({ now, hasTime }: Run, through: SweepPorts): Promise<void> {
  let requeued = 0;
  for await (const entry of through.operatorLedger.unfinished('open')) {
    if (requeued === MOST_PER_RUN || !hasTime()) return;
    if (isLost(entry, now) && (await requeue(entry, now, through))) requeued += 1;
  }
}

function isLost({ dueAt }: Entry, now: Date): boolean {
  return dueAt !== undefined && now.getTime() - dueAt > LOST_AFTER_MS;
}

/**
 * The ledger first. If the run dies before the message is sent, the next due time passes too, and an hour later it is sent
 * all the same; the other way round, as long as the ledger could not be written, every run would send one more.
 */
async function requeue(entry: Entry, now: Date, { operatorLedger, enqueue, report }: SweepPorts): Promise<boolean> {
  const optOut = commandOf(entry);
  if (optOut === undefined || !(await operatorLedger.requeue(entry, now))) return false;
  await enqueue([optOut]);
  report({ event: 'optout.requeued', optOut });
  return true;
}
