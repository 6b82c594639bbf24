import { createReadStream, fstatSync, statSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { parse } from 'csv-parse';
import type { Input } from '../command.ts';
import { UsageError } from '../command.ts';

/** One address of a list, not yet looked at. */
export interface Row {
  /** From 1, in the file or among the arguments. */
  readonly line: number;
  readonly email: string;
  /** All cells of a CSV row. */
  readonly cells: readonly string[];
}

export interface AddressList {
  readonly rows: AsyncIterable<Row>;
  /** The names of a CSV file's columns. */
  readonly columns: readonly string[];
  /** The part that has been read, from 0 to 1; undefined when nobody knows how much there is. */
  share(): number | undefined;
}

/** Addresses as arguments: short, so nobody asks how much of it was read. */
export function argumentList(addresses: readonly string[]): AddressList {
  async function* rows() {
    for (const [index, email] of addresses.entries()) yield { line: index + 1, email, cells: [] };
  }
  return { rows: rows(), columns: [], share: () => undefined };
}

/** Standard input, an address a line; blank lines are none. */
export function standardInput(stdin: Input): AddressList {
  async function* rows() {
    let line = 0;
    for await (const text of createInterface({ input: stdin, crlfDelay: Number.POSITIVE_INFINITY })) {
      line += 1;
      const email = text.replace(/^\ufeff/, '').trim();
      if (email !== '') yield { line, email, cells: [] };
    }
  }
  const stat = stdin.fd === undefined ? undefined : fstatSync(stdin.fd);
  const bytes = stat?.isFile() ? stat.size : 0;
  return { rows: rows(), columns: [], share: () => (bytes > 0 ? (stdin.bytesRead ?? 0) / bytes : undefined) };
}

export interface CsvFile {
  readonly file: string;
  readonly column: string;
  readonly delimiter: string;
  /** Hears of what is no row. */
  readonly onBroken: (broken: Broken) => void;
}

/** The lines of what is no row; Infinity: all the rest of the file, behind a quote that is never closed. */
export interface Broken {
  readonly line: number;
  readonly lastLine: number;
}

/** What is said of it, behind its first line. */
export function brokenWords({ line, lastLine }: Broken): string {
  const end = lastLine === Number.POSITIVE_INFINITY ? 'the end' : `line ${lastLine}`;
  return `no row of CSV${lastLine > line ? `, up to ${end}` : ''}; are its quotes in pairs?`;
}

/** A quote has swallowed the rest of the file. */
const UNCLOSED: ReadonlySet<string> = new Set(['CSV_QUOTE_NOT_CLOSED', 'CSV_MAX_RECORD_SIZE']);

/** Larger than any row. Behind a quote that takes up more, the parser finds no row any more, and does not count its lines. */
const MAX_ROW_BYTES = 1_048_576;

/** A CSV file whose first row names the columns. Throws Usage when it has no such column. */
export async function csvList({ file, column, delimiter, onBroken }: CsvFile): Promise<AddressList> {
  const { size } = statSync(file);
  const source = createReadStream(file);
  /** Where each row began, and the last one ended; and how many lines the parser counted twice: it does with a CRLF in quotes. */
  const firstLines = new WeakMap<readonly string[], number>();
  let [lastLine, twice] = [0, 0];
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
      twice += breaks.filter((each) => each === '\r\n').length;
      lastLine = lines - twice;
      firstLines.set(cells, lastLine - breaks.length);
      return cells;
    },
    on_skip: (error): undefined => {
      if (lastLine === Number.POSITIVE_INFINITY) return;
      const line = lastLine + 1;
      const isRest = UNCLOSED.has(error?.code ?? '');
      lastLine = isRest ? Number.POSITIVE_INFINITY : Math.max(line, Number(error?.['lines'] ?? 0) - twice);
      onBroken({ line, lastLine });
    },
  });
  source.on('error', (error) => parser.destroy(error));
  const records = recordsOf(source.pipe(parser), firstLines);
  const { value: header } = await records.next();
  const columns = header ? header.cells : [];
  const at = columnOf(columns, column);
  if (at < 0) throw new UsageError(`the first row of ${file} has no column "${column}"`);
  async function* rows() {
    for await (const { line, cells } of records) yield { line, cells, email: cells[at] ?? '' };
  }
  return { rows: rows(), columns, share: () => source.bytesRead / size };
}

/** Rows by the line they begin on. */
async function* recordsOf(
  parser: AsyncIterable<readonly string[]>,
  firstLines: WeakMap<readonly string[], number>,
): AsyncGenerator<Omit<Row, 'email'>, undefined> {
  for await (const cells of parser) yield { line: firstLines.get(cells) ?? 0, cells };
  return undefined;
}

/** The place of a column by its name, capitals and blanks around it apart; -1 where there is none. */
export function columnOf(columns: readonly string[], column: string): number {
  const exact = columns.indexOf(column);
  const wanted = column.trim().toLowerCase();
  return exact >= 0 ? exact : columns.findIndex((each) => each.trim().toLowerCase() === wanted);
}
