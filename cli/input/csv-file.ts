import { createReadStream, statSync } from 'node:fs';
import { parse } from 'csv-parse';
import { UsageError } from '../command.ts';
import { option } from '../define-command.ts';
import type { AddressList, Row } from './addresses.ts';

export interface CsvFile {
  readonly file: string;
  readonly column: string;
  readonly delimiter: string;
  /** Called for lines that are not a valid row. */
  readonly onInvalid: (lines: InvalidLines) => void;
}

/** Lines that are not a valid row. `lastLine` is Infinity if an unclosed quote spans the rest of the file. */
export interface InvalidLines {
  readonly line: number;
  readonly lastLine: number;
}

/** `--column <name>`. */
export const COLUMN = option('name', 'the column of addresses; default: email');

/** `--delimiter <character>`. */
export const DELIMITER = option('character', 'separates the cells of the file; default: ,');

/** Describes invalid lines. The number of the first one precedes the text. */
export function invalidLinesText({ line, lastLine }: InvalidLines): string {
  const end = lastLine === Number.POSITIVE_INFINITY ? 'the end of the file' : `line ${lastLine}`;
  return `not a valid CSV row${lastLine > line ? `, up to ${end}` : ''}: check for an unclosed quote`;
}

/** csv-parse codes for a quote that spans the rest of the file. */
const UNCLOSED_QUOTE: ReadonlySet<string> = new Set(['CSV_QUOTE_NOT_CLOSED', 'CSV_MAX_RECORD_SIZE']);

/** Larger than any row. Once a quoted cell exceeds it, the parser finds no further row and does not count lines. */
const MAX_ROW_BYTES = 1_048_576;

/**
 * Reads a CSV file whose first row names the columns.
 * @throws UsageError if the column is missing
 */
export async function csvList({ file, column, delimiter, onInvalid }: CsvFile): Promise<AddressList> {
  const { size } = statSync(file);
  const source = createReadStream(file);
  const firstLines = new WeakMap<readonly string[], number>();
  /** csv-parse counts a CRLF inside quotes as two lines; `extraLines` is how many it counted in excess. */
  let [lastLine, extraLines] = [0, 0];
  const parser = parse({
    bom: true,
    delimiter,
    record_delimiter: ['\r\n', '\n', '\r'],
    relax_column_count: true,
    relax_quotes: true,
    skip_empty_lines: true,
    skip_records_with_error: true,
    max_record_size: MAX_ROW_BYTES,
    on_record: (cells, { lines }) => {
      const breaks = cells.join('').match(/\r\n|\r|\n/g) ?? [];
      extraLines += breaks.filter((each) => each === '\r\n').length;
      lastLine = lines - extraLines;
      firstLines.set(cells, lastLine - breaks.length);
      return cells;
    },
    on_skip: (error): undefined => {
      if (lastLine === Number.POSITIVE_INFINITY) return;
      const line = lastLine + 1;
      const isUnclosed = UNCLOSED_QUOTE.has(error?.code ?? '');
      lastLine = isUnclosed ? Number.POSITIVE_INFINITY : Math.max(line, Number(error?.['lines'] ?? 0) - extraLines);
      onInvalid({ line, lastLine });
    },
  });
  source.on('error', (error) => parser.destroy(error));
  const records = recordsOf(source.pipe(parser), firstLines);
  const { value: header } = await records.next();
  const columns = header ? header.cells : [];
  const at = columnIndex(columns, column);
  if (at < 0) throw new UsageError(`the first row of ${file} has no column "${column}"`);
  async function* rows() {
    for await (const { line, cells } of records) yield { line, cells, email: cells[at] ?? '' };
  }
  return { rows: rows(), columns, share: () => source.bytesRead / size };
}

/** Rows with the line that each begins on. */
async function* recordsOf(
  parser: AsyncIterable<readonly string[]>,
  firstLines: WeakMap<readonly string[], number>,
): AsyncGenerator<Omit<Row, 'email'>, undefined> {
  for await (const cells of parser) yield { line: firstLines.get(cells) ?? 0, cells };
  return undefined;
}

/** The index of a column by its name, or -1. Falls back to ignoring case and surrounding spaces. */
export function columnIndex(columns: readonly string[], column: string): number {
  const exact = columns.indexOf(column);
  const wanted = column.trim().toLowerCase();
  return exact >= 0 ? exact : columns.findIndex((each) => each.trim().toLowerCase() === wanted);
}
