import type { Entry } from '../ledger/ledger.ts';
import { commandOf } from '../ledger/ledger.ts';
import type { OperatorLedger } from '../ledger/operator-ledger.ts';
import type { OptOut } from '../model/opt-out.ts';
import type { Report } from '../model/telemetry.ts';
import type { Run } from './run.ts';

export interface RequeuePorts {
  readonly operatorLedger: Pick<OperatorLedger, 'unfinished' | 'requeue'>;
  /** Resolves once every command is durable. */
  readonly enqueue: (commands: readonly OptOut[]) => Promise<void>;
  readonly report: Report;
}

/** The queue may deliver late. One hour after the due time the message is considered lost. */
const LOST_AFTER_MS = 3_600_000;
const MAX_PER_RUN = 500;

/**
 * Enqueues open commands again whose message was lost: moved to the dead-letter queue, expired, or deleted. A duplicate
 * message is harmless: the second attempt finds the lease or a closed entry, and it reads from HubSpot before it
 * writes.
 */
export async function requeueLost({ now, hasTime }: Run, ports: RequeuePorts): Promise<void> {
  let requeued = 0;
  for await (const entry of ports.operatorLedger.unfinished('open')) {
    if (requeued === MAX_PER_RUN || !hasTime()) return;
    if (isLost(entry, now) && (await requeue(entry, now, ports))) requeued += 1;
  }
}

function isLost({ dueAt }: Entry, now: Date): boolean {
  return dueAt !== undefined && now.getTime() - dueAt > LOST_AFTER_MS;
}

/**
 * Updates the ledger before the queue. If the run is interrupted in between, a later run enqueues the command an hour
 * after the new due time. In the other order, every run would enqueue it again for as long as the ledger could not be
 * written.
 */
async function requeue(entry: Entry, now: Date, { operatorLedger, enqueue, report }: RequeuePorts): Promise<boolean> {
  const optOut = commandOf(entry);
  if (optOut === undefined || !(await operatorLedger.requeue(entry, now))) return false;
  await enqueue([optOut]);
  report({ event: 'optout.requeued', optOut });
  return true;
}
