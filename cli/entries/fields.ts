import type { Entry } from '../../functions/core/ledger/ledger.ts';

/** The fields of an entry that `--json` and exports contain, in this order. The table's internal attributes are left out. */
export const ENTRY_FIELDS = [
  'id',
  'state',
  'source',
  'kind',
  'scope',
  'brand',
  'property',
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
  'businessUnits',
  'kept',
  'unchecked',
  'lastStatus',
  'lastCategory',
  'correlationId',
  'dueAt',
  'reopenedAt',
  'discardedAt',
  'resolvedAt',
  'note',
  'optedInAt',
  'erasedAt',
  'signedReceipt',
] as const satisfies readonly (keyof Entry)[];

/** An entry with its exported fields only. */
export function exportedEntry(entry: Entry): Partial<Entry> {
  return Object.fromEntries(ENTRY_FIELDS.flatMap((name) => (entry[name] === undefined ? [] : [[name, entry[name]]])));
}
