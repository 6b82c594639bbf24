import type { Completion, Entry, Ledger } from '../../../functions/core/ledger/ledger.ts';
import { commandOf, emailOf } from '../../../functions/core/ledger/ledger.ts';
import type { OperatorLedger } from '../../../functions/core/ledger/operator-ledger.ts';
import { hashOf, KEYED } from './keyed-hashes.ts';

const LEASE_MS = 15_000;

interface Item extends Entry {
  readonly leasedUntil?: number;
  readonly isReleased?: boolean;
  readonly answeredAttempts?: number;
  readonly eraseOnClose?: boolean;
  readonly expiresAt?: number;
}

type Fields = { readonly [Name in keyof Item]?: Item[Name] | undefined };

interface Store {
  readonly items: Map<string, Item>;
  /** The time of the latest erasure, by address or contact id. */
  readonly tombstones: Map<string, Date>;
  readonly cursors: Map<string, unknown>;
  readonly completions: Completion[];
}

/** A ledger in memory. It passes `describeLedger` and `describeOperatorLedger` as the one on DynamoDB does. */
export function createMemoryLedger(entries: readonly Entry[] = []) {
  const items = new Map<string, Item>(entries.map((entry) => [entry.id, entry]));
  const store: Store = { items, tombstones: new Map(), cursors: new Map(), completions: [] };
  return {
    ledger: ledgerOn(store),
    operatorLedger: operatorLedgerOn(store),
    /** Every completion in turn, including those that changed nothing. */
    completions: store.completions,
    cursors: store.cursors,
    find: (id: string): Entry | undefined => items.get(id),
    put: (entry: Entry) => items.set(entry.id, entry),
  };
}

/**
 * Sets fields, and removes the undefined ones, if the condition is true. Returns the item, or undefined if it is false.
 */
function update({ items }: Store, id: string, fields: Fields, condition: (item: Item) => boolean): Item | undefined {
  const item = items.get(id);
  if (!item || !condition(item)) return undefined;
  const defined = Object.entries({ ...item, ...fields }).filter(([, value]) => value !== undefined);
  const next = Object.fromEntries(defined) as unknown as Item;
  items.set(id, next);
  return next;
}

function ledgerOn(store: Store): Ledger {
  const { items, tombstones, completions } = store;
  return {
    async claim(optOut, now) {
      const { id, version: _version, ...command } = optOut;
      const leasedUntil = now.getTime() + LEASE_MS;
      const lease = { leasedUntil, dueAt: leasedUntil };
      const before = items.get(id);
      const first = { ...command, id, state: 'open', attempts: 1, claimedAt: now.toISOString() } as const;
      if (!before) items.set(id, { ...first, ...lease });
      else if (before.state !== 'open') return { kind: 'closed' };
      else if (!update(store, id, { ...lease, attempts: before.attempts + 1 }, hasNoLease(now))) {
        const leftMs = (before.leasedUntil ?? 0) - now.getTime();
        return { kind: 'leased', retryAfterSeconds: Math.max(1, Math.ceil(leftMs / 1000)) };
      }
      const item = items.get(id) as Item;
      const { attempts: attempt, claimedAt, answeredAttempts = 0, reopenedAt } = item;
      const isReopened = reopenedAt !== undefined;
      const { isReleased = isReopened } = item;
      const stored = { stored: commandOf(item) ?? optOut, claimedAt: new Date(claimedAt), email: emailOf(item) };
      return {
        ...{ kind: 'claimed', attempt, ...stored },
        ...{ isReleased, isReopened, wasSent: answeredAttempts < attempt - 1 },
      };
    },
    async erasedUntil(recipients) {
      const times = recipients.flatMap(({ email, contactId }) => tombstones.get(email ?? contactId) ?? []);
      return times.toSorted((one, two) => two.getTime() - one.getTime())[0];
    },
    async complete({ id }, completion, now) {
      completions.push(completion);
      const item = items.get(id);
      if (item?.state === 'open' && item.attempts === completion.attempt) completeItem(store, item, completion, now);
    },
    async erase({ email, contactId }, now, until = now) {
      const known = [...items.values()].filter((item) => contactId !== undefined && item.contactId === contactId);
      return eraseEach(store, [email ?? contactId, ...known.map((item) => item.email)], until, now);
    },
    find: async (id) => items.get(id),
  };
}

function hasNoLease(now: Date) {
  return ({ leasedUntil }: Item) => leasedUntil !== undefined && leasedUntil < now.getTime();
}

function completeItem(store: Store, item: Item, completion: Completion, now: Date): void {
  const email = completion.email ?? item.email;
  const isMarked = item.eraseOnClose && completion.outcome.kind !== 'deferred';
  const until = completion.erasedUntil ?? (isMarked ? now : undefined);
  if (until) eraseEach(store, [email], until, now);
  const address = until ? erasedFields({ email }, now) : { email };
  update(store, item.id, { ...completedFields(completion, now), ...address }, () => true);
}

type Response = Pick<Completion['outcome'], 'kind'> & { status?: number; category?: string; correlationId?: string };
type Details = Pick<Completion['outcome'], 'kind'> &
  Pick<Fields, 'reason' | 'evidence' | 'changed' | 'businessUnits' | 'kept' | 'unchecked'>;

function completedFields({ attempt, outcome, isSent, signedReceipt, expiresAt }: Completion, now: Date): Fields {
  const { status: lastStatus, category: lastCategory, correlationId }: Response = outcome;
  const response = { lastStatus, lastCategory, correlationId, ...(isSent ? {} : { answeredAttempts: attempt }) };
  if (outcome.kind === 'deferred') {
    return { ...response, leasedUntil: 0, dueAt: now.getTime() + outcome.retryAfterSeconds * 1000, isReleased: true };
  }
  const { reason, evidence, changed, businessUnits, kept, unchecked }: Details = outcome;
  return {
    ...{ ...response, reason, evidence, changed, businessUnits, kept, unchecked, signedReceipt },
    ...{ state: outcome.kind, closedAt: now.toISOString() },
    ...{ expiresAt: expiresAt && Math.floor(expiresAt.getTime() / 1000) },
    ...{ leasedUntil: undefined, dueAt: undefined, isReleased: undefined },
  };
}

/**
 * Erases the items that were received until a time for these addresses and contacts. Returns how many items changed.
 */
function eraseEach(store: Store, identifiers: readonly (string | undefined)[], until: Date, now: Date): number {
  const known = identifiers.filter((each) => each !== undefined);
  for (const each of known) {
    const before = store.tombstones.get(each);
    if (!before || before < until) store.tombstones.set(each, until);
  }
  const due = [...store.items.values()].filter(
    ({ email, contactId, receivedAt }) =>
      Date.parse(receivedAt) <= until.getTime() && known.some((each) => each === email || each === contactId),
  );
  const mark = ({ id }: Item) =>
    update(store, id, { eraseOnClose: true }, (item) => item.state === 'open' && !item.eraseOnClose);
  const erase = (item: Item) =>
    update(store, item.id, erasedFields(item, now), ({ closedAt, erasedAt }) => !!closedAt && !erasedAt);
  return due.filter((item) => mark(item) ?? erase(item)).length;
}

function erasedFields({ email }: Pick<Fields, 'email'>, now: Date): Fields {
  const hash = email && hashOf(email, 'new');
  return { email: hash, contactId: undefined, eraseOnClose: undefined, erasedAt: now.toISOString() };
}

function operatorLedgerOn(store: Store): OperatorLedger {
  const { items, cursors } = store;
  return {
    async *unfinished(state) {
      const found = [...items.values()].filter(
        (item) => item.state === state && !item.discardedAt && !item.erasedAt && !item.resolvedAt,
      );
      yield* found.toSorted((one, two) => one.claimedAt.localeCompare(two.claimedAt));
    },
    async about(email) {
      const keys: readonly (string | undefined)[] = [email, ...(await KEYED.hashes(email))];
      return [...items.values()].filter((item) => keys.includes(item.email));
    },
    /** In the order of the ids. */
    async page(after, limit) {
      const rest = [...items.values()].filter(({ id }) => after === undefined || id > after);
      const entries = rest.toSorted((one, two) => one.id.localeCompare(two.id)).slice(0, limit);
      const last = entries.at(-1);
      return { entries, ...(last && rest.length > limit ? { cursor: last.id } : {}) };
    },
    async reopen(id, from, now) {
      const open = { state: 'open', leasedUntil: 0, dueAt: now.getTime(), reopenedAt: now.toISOString() } as const;
      const end = { closedAt: undefined, reason: undefined, evidence: undefined, changed: undefined };
      const details = { businessUnits: undefined, kept: undefined, unchecked: undefined };
      const isReopenable = ({ state, erasedAt, discardedAt, resolvedAt }: Item) =>
        state === from && !erasedAt && !discardedAt && !resolvedAt;
      const item = update(store, id, { ...open, ...end, ...details, expiresAt: undefined }, isReopenable);
      return item && commandOf(item);
    },
    async discard(id, now) {
      const isDiscardable = ({ state, erasedAt, discardedAt }: Item) => state === 'held' && !erasedAt && !discardedAt;
      return update(store, id, { discardedAt: now.toISOString() }, isDiscardable) !== undefined;
    },
    async resolve(id, resolution) {
      const isResolvable = ({ state, erasedAt, resolvedAt }: Item) => state === 'rejected' && !erasedAt && !resolvedAt;
      return update(store, id, resolution, isResolvable) !== undefined;
    },
    async requeue({ id, dueAt }, now) {
      const isUnchanged = (item: Item) => item.state === 'open' && item.dueAt === dueAt;
      return update(store, id, { dueAt: now.getTime() }, isUnchanged) !== undefined;
    },
    async recordOptIn(id, at) {
      update(store, id, { optedInAt: at.toISOString() }, ({ state }) => state === 'confirmed');
    },
    async sign(id, signedReceipt) {
      update(store, id, { signedReceipt }, (item) => item.closedAt !== undefined && item.signedReceipt === undefined);
    },
    loadCursor: async (name) => cursors.get(name),
    async saveCursor(name, value) {
      cursors.set(name, structuredClone(value));
    },
  };
}
