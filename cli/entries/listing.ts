import type { Entry } from '../../functions/core/ledger/ledger.ts';
import { formatTime, shortId } from '../terminal/format.ts';
import { tableOf } from '../terminal/table.ts';

/** On narrower terminals a row takes two lines. */
const WIDE_COLUMNS = 110;

/** A table of ten thousand rows would take minutes to draw. */
const MAX_ROWS = 50;

/** A table of the first 50 entries, with ids as other commands accept them. */
export function listingOf(entries: readonly Entry[], columns: number | undefined): string {
  const first = entries.slice(0, MAX_ROWS);
  const isNarrow = columns !== undefined && columns < WIDE_COLUMNS;
  const table = isNarrow ? narrowTable(first, columns) : wideTable(first, columns);
  const more = entries.length - first.length;
  return more > 0 ? `${table}… and ${more.toLocaleString('en')} more. Add --json to list all.\n` : table;
}

function wideTable(entries: readonly Entry[], columns = Number.POSITIVE_INFINITY): string {
  const head = ['id', 'received (UTC)', 'source', 'kind', 'reason', 'recipient'];
  const rows = entries.map((entry) => [
    shortId(entry.id),
    formatTime(entry.receivedAt),
    entry.source,
    entry.kind,
    reasonOf(entry),
    recipientOf(entry),
  ]);
  return tableOf({ head, rows, columns });
}

function narrowTable(entries: readonly Entry[], columns: number): string {
  const head = ['id', 'received (UTC)', 'source, kind', 'recipient, reason'];
  const rows = entries.map((entry) => [
    shortId(entry.id),
    formatTime(entry.receivedAt).slice(0, -':00'.length),
    `${entry.source}\n${entry.kind}`,
    `${recipientOf(entry)}\n${reasonOf(entry)}`,
  ]);
  return tableOf({ head, rows, columns, isRuled: true });
}

/** Why it is held, or HubSpot's last response. */
function reasonOf({ reason, lastStatus, lastCategory }: Entry): string {
  return reason ?? [lastStatus, lastCategory].filter(Boolean).join(' ');
}

function recipientOf({ email, contactId, erasedAt }: Entry): string {
  if (erasedAt !== undefined) return 'erased';
  return email ?? `contact ${contactId}`;
}
