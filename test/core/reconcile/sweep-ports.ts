import type { Entry } from '../../../functions/core/ledger/ledger.ts';
import type { OptOut } from '../../../functions/core/model/opt-out.ts';
import type { RelayEvent } from '../../../functions/core/model/telemetry.ts';
import type { Run } from '../../../functions/core/reconcile/run.ts';
import { AT, optOut, plus } from '../examples.ts';
import { createMemoryLedger } from '../ledger/memory.ts';

/** An entry that has been open since AT. */
export function entry(id: string, change: Partial<Entry> = {}): Entry {
  const { version: _version, ...command } = optOut({ id });
  return { ...command, state: 'open', claimedAt: AT.toISOString(), attempts: 1, ...change };
}

/** An entry that was confirmed one second after AT. */
export function confirmedEntry(id: string, change: Partial<Entry> = {}): Entry {
  const closed = { closedAt: plus(1).toISOString(), evidence: 'response', changed: true, signedReceipt: 'signed' };
  return entry(id, { state: 'confirmed', ...closed, ...change });
}

/** The ports of the sweep: a ledger with these entries, the queue, and the reported events. */
export function sweepPorts(entries: readonly Entry[] = []) {
  const { operatorLedger, cursors, find, put } = createMemoryLedger(entries);
  const queue: OptOut[] = [];
  const events: RelayEvent[] = [];
  return {
    operatorLedger,
    cursors,
    find,
    put,
    queue,
    events,
    enqueue: async (commands: readonly OptOut[]) => void queue.push(...commands),
    report: (event: RelayEvent) => void events.push(event),
  };
}

/** A run that begins this many seconds after AT and has time for this many steps. */
export function run(seconds: number, steps = Number.POSITIVE_INFINITY): Run {
  let left = steps;
  const hasTime = () => {
    left -= 1;
    return left >= 0;
  };
  return { now: plus(seconds), hasTime };
}
