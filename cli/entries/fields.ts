import type { Entry } from '../../functions/core/ledger/ledger.ts';

/** What is shown and written down of an entry, in this order; the table has a few marks of its own besides. */
export const ENTRY_FIELDS = [
  'id',
  'state',
  'source',
  'kind',
  'scope',
  'brand',
  'email',
  'contactId',
  'occurredAt',
  'receivedAt',
  'claimedAt',
  'closedAt',
  'attempts',
  'reason',
  'evidence',
  'changed',
  'lastStatus',
  'lastCategory',
  'correlationId',
  'dueAt',
  'reopenedAt',
  'discardedAt',
  'optedInAt',
  'erasedAt',
  'signedReceipt',
] as const satisfies readonly (keyof Entry)[];

/** An entry as it is exported. */
export function shown(entry: Entry): Partial<Entry> {
  return Object.fromEntries(ENTRY_FIELDS.flatMap((name) => (entry[name] === undefined ? [] : [[name, entry[name]]])));
}
