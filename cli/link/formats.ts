import type { ReadyLink } from '../../functions/core/links/list-unsubscribe.ts';
import type { Row } from '../input/addresses.ts';
import { csvRow } from '../terminal/csv.ts';

/** An output format for links. */
export interface Format {
  /** Written before the first row. */
  readonly head: string;
  readonly row: (row: Row, link: ReadyLink) => string;
}

/** JSON Lines with `--json`, the rows of a CSV file with three more columns, or text. */
export function formatOf({ json, csv }: { json?: boolean; csv?: string }, columns: readonly string[]): Format {
  if (json) return { head: '', row: ({ line }, link) => `${JSON.stringify({ line, ...link })}\n` };
  if (csv === undefined) return { head: '', row: (_row, link) => `${[link.url, ...headerLines(link)].join('\n')}\n\n` };
  return {
    head: csvRow([...columns, 'url', 'List-Unsubscribe', 'List-Unsubscribe-Post']),
    // Pads or cuts each row to the header's length, so that the added columns line up.
    row: ({ cells }, { url, headers }) =>
      csvRow([...columns.map((_name, index) => cells[index] ?? ''), url, ...Object.values(headers)]),
  };
}

function headerLines({ headers }: ReadyLink): readonly string[] {
  return Object.entries(headers).map(([name, value]) => `${name}: ${value}`);
}
