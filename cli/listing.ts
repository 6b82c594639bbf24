import type { Entry } from '../functions/core/ledger.ts';
import { tableOf } from './table.ts';
import { shortId, timeOf } from './words.ts';

const HEAD = ['id', 'received (UTC)', 'source', 'kind', 'why', 'whom'];

/** Entries a line each, with as much of the id as other commands need. */
export function listingOf(entries: readonly Entry[], columns: number | undefined): string {
  const rows = entries.map((entry) => [
    shortId(entry.id),
    timeOf(entry.receivedAt),
    entry.source,
    entry.kind,
    entry.reason ?? [entry.lastStatus, entry.lastCategory].filter(Boolean).join(' '),
    whomOf(entry),
  ]);
  return tableOf({ head: HEAD, rows, columns });
}

function whomOf({ email, contactId, forgottenAt }: Entry): string {
  if (forgottenAt !== undefined) return 'forgotten';
  return email ?? `contact ${contactId}`;
}
