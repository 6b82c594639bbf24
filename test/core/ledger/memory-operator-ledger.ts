import type { Entry } from '../../../functions/core/ledger/ledger.ts';
import { commandOf } from '../../../functions/core/ledger/ledger.ts';
import type { OperatorLedger } from '../../../functions/core/ledger/operator-ledger.ts';
import type { OptOut } from '../../../functions/core/model/opt-out.ts';
import type { RelayEvent } from '../../../functions/core/model/telemetry.ts';
import type { Run } from '../../../functions/core/reconcile/sweep.ts';
import { AT, optOut, plus } from '../examples.ts';

/** An entry of the ledger that is open since AT. */
export function entry(id: string, change: Partial<Entry> = {}): Entry {
  const { version: _version, ...command } = optOut({ id });
  return { ...command, state: 'open', claimedAt: AT.toISOString(), attempts: 1, ...change };
}

/** One that was confirmed a second after AT. */
export function confirmedEntry(id: string, change: Partial<Entry> = {}): Entry {
  const closed = { closedAt: plus(1).toISOString(), evidence: 'response', changed: true, signedReceipt: 'signed' };
  return entry(id, { state: 'confirmed', ...closed, ...change });
}

/** A operatorLedger that keeps its promises; its pages are in the order of the ids. */
export function memoryDesk(entries: readonly Entry[] = []) {
  const items = new Map(entries.map((each) => [each.id, each]));
  const notes = new Map<string, unknown>();
  const change = (id: string, isSo: (known: Entry) => boolean, changed: Partial<Entry>): Entry | undefined => {
    const known = items.get(id);
    if (!known || !isSo(known)) return undefined;
    const next = { ...known, ...changed };
    items.set(id, next);
    return next;
  };
  const operatorLedger: OperatorLedger = {
    async *unfinished(state) {
      const found = [...items.values()].filter((each) => each.state === state && each.discardedAt === undefined);
      yield* found.toSorted((one, two) => one.claimedAt.localeCompare(two.claimedAt));
    },
    about: async (email) => [...items.values()].filter((each) => each.email === email),
    async page(after, limit) {
      const behind = [...items.values()].filter(({ id }) => after === undefined || id > after);
      const found = behind.toSorted((one, two) => one.id.localeCompare(two.id)).slice(0, limit);
      const last = found.at(-1);
      return { entries: found, ...(last && behind.length > limit ? { cursor: last.id } : {}) };
    },
    async reopen(id, from, now) {
      const isSo = ({ state, erasedAt }: Entry) => state === from && erasedAt === undefined;
      const opened = change(id, isSo, { state: 'open', reopenedAt: now.toISOString(), dueAt: now.getTime() });
      return opened && commandOf(opened);
    },
    discard: async (id, now) =>
      change(id, (known) => known.state === 'held', { discardedAt: now.toISOString() }) !== undefined,
    requeue: async ({ id, dueAt }, now) =>
      change(id, (known) => known.state === 'open' && known.dueAt === dueAt, { dueAt: now.getTime() }) !== undefined,
    async recordOptIn(id, at) {
      change(id, ({ state }) => state === 'confirmed', { optedInAt: at.toISOString() });
    },
    async sign(id, signedReceipt) {
      change(id, (known) => known.closedAt !== undefined && known.signedReceipt === undefined, { signedReceipt });
    },
    loadCursor: async (name) => notes.get(name),
    async saveCursor(name, value) {
      notes.set(name, structuredClone(value));
    },
  };
  return { operatorLedger, notes, find: (id: string) => items.get(id), put: (each: Entry) => items.set(each.id, each) };
}

/** What the parts of the sweep work with: a operatorLedger with these entries, a queue, and what was reported. */
export function sweepPorts(entries: readonly Entry[] = []) {
  const { operatorLedger, ...look } = memoryDesk(entries);
  const queue: OptOut[] = [];
  const events: RelayEvent[] = [];
  return {
    ...look,
    operatorLedger,
    queue,
    events,
    enqueue: async (commands: readonly OptOut[]) => void queue.push(...commands),
    report: (event: RelayEvent) => void events.push(event),
  };
}

/** A run so many seconds after AT, with time for so many steps. */
export function run(seconds: number, steps = Number.POSITIVE_INFINITY): Run {
  let left = steps;
  const hasTime = () => {
    left -= 1;
    return left >= 0;
  };
  return { now: plus(seconds), hasTime };
}
