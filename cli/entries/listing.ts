import type { Entry } from '../../functions/core/ledger/ledger.ts';
import { countOf, shortId, timeOf } from '../terminal/format.ts';
import { tableOf } from '../terminal/table.ts';

/** Below that, what belongs together stands one below the other. */
const WIDE = 110;

/** More than that nobody reads, and a table of ten thousand takes minutes to draw. */
const MOST = 50;

/** The first of these entries, with as much of the id as other commands need. */
export function listingOf(entries: readonly Entry[], columns: number | undefined): string {
  const table = tableOfEntries(entries.slice(0, MOST), columns);
  const more = entries.length - MOST;
  return more > 0 ? `${table}and ${countOf(more, 'more', 'more')}; --json lists them all\n` : table;
}

function tableOfEntries(entries: readonly Entry[], columns: number | undefined): string {
  if (columns !== undefined && columns < WIDE) return narrow(entries, columns);
  const head = ['id', 'received (UTC)', 'source', 'kind', 'why', 'whom'];
  const rows = entries.map((entry) => [
    shortId(entry.id),
    timeOf(entry.receivedAt),
    entry.source,
    entry.kind,
    whyOf(entry),
    whomOf(entry),
  ]);
  return tableOf({ head, rows, columns: columns ?? Number.POSITIVE_INFINITY });
}

function narrow(entries: readonly Entry[], columns: number): string {
  const head = ['id', 'received (UTC)', 'source, kind', 'whom, why'];
  const rows = entries.map((entry) => [
    shortId(entry.id),
    timeOf(entry.receivedAt).slice(0, -':00'.length),
    `${entry.source}\n${entry.kind}`,
    `${whomOf(entry)}\n${whyOf(entry)}`,
  ]);
  return tableOf({ head, rows, columns, isRuled: true });
}

function whyOf({ reason, lastStatus, lastCategory }: Entry): string {
  return reason ?? [lastStatus, lastCategory].filter(Boolean).join(' ');
}

function whomOf({ email, contactId, erasedAt }: Entry): string {
  if (erasedAt !== undefined) return 'forgotten';
  return email ?? `contact ${contactId}`;
}
