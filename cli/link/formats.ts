import type { ReadyLink } from '../../functions/core/links/list-unsubscribe.ts';
import type { Row } from '../input/addresses.ts';
import { csvRow } from '../terminal/csv.ts';

/** How links are written down. */
export interface Format {
  /** What stands before the first. */
  readonly head: string;
  readonly row: (row: Row, ready: ReadyLink) => string;
}

/** JSON by line where it is asked for, a CSV file's rows with three more columns, or blocks that people can read. */
export function formatOf({ json, csv }: { json?: boolean; csv?: string }, columns: readonly string[]): Format {
  if (json) return { head: '', row: ({ line }, ready) => `${JSON.stringify({ line, ...ready })}\n` };
  if (csv === undefined)
    return { head: '', row: (_row, ready) => `${[ready.url, ...headerLines(ready)].join('\n')}\n\n` };
  return {
    head: csvRow([...columns, 'url', 'List-Unsubscribe', 'List-Unsubscribe-Post']),
    // Rows shorter or longer than the first one must not move what is added.
    row: ({ cells }, { url, headers }) =>
      csvRow([...columns.map((_name, index) => cells[index] ?? ''), url, ...Object.values(headers)]),
  };
}

function headerLines({ headers }: ReadyLink): readonly string[] {
  return Object.entries(headers).map(([name, value]) => `${name}: ${value}`);
}
