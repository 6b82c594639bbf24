import { pipeline } from 'node:stream';
import { parse } from 'csv-parse';
import type { FileRow, Records } from './addresses.ts';
import type { TextFile } from './text-file.ts';

export interface CsvOptions {
  /** @default detected */
  readonly delimiter?: string | undefined;
  /** Called for lines that are not a valid row. */
  readonly onInvalid: (lines: InvalidLines) => void;
}

/** Lines that are not a valid row. `lastLine` is Infinity if an unclosed quote spans the rest of the file. */
export interface InvalidLines {
  readonly line: number;
  readonly lastLine: number;
}

/** Describes invalid lines. The number of the first one precedes the text. */
export function invalidLinesText({ line, lastLine }: InvalidLines): string {
  const end = lastLine === Number.POSITIVE_INFINITY ? 'the end of the file' : `line ${lastLine}`;
  return `not a valid CSV row${lastLine > line ? `, up to ${end}` : ''}: check for an unclosed quote`;
}

/** csv-parse codes for a quote that spans the rest of the file. */
const UNCLOSED_QUOTE: ReadonlySet<string> = new Set(['CSV_QUOTE_NOT_CLOSED', 'CSV_MAX_RECORD_SIZE']);

/** Larger than any row. Once a quoted cell exceeds it, the parser finds no further row and does not count lines. */
const MAX_ROW_BYTES = 1_048_576;

/** Reads a CSV file whose first row names the columns. */
export async function csvRecords(file: TextFile, { delimiter, onInvalid }: CsvOptions): Promise<Records> {
  const { streams, share } = file.open();
  const [declared, separator] = separatorIn(file.head);
  const by = delimiter ?? separator;
  const firstLines = new WeakMap<readonly string[], number>();
  /** csv-parse counts a CRLF inside quotes as two lines; `extraLines` is how many it counted in excess. */
  let [lastLine, extraLines]: [number, number] = [declared, 0];
  const parser = parse({
    bom: true,
    delimiter: by,
    from_line: declared + 1,
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
  // An error of any stream ends the parser, and the reader of its rows.
  pipeline([...streams, parser], () => undefined);
  const records = recordsOf(parser, firstLines);
  const { value: header } = await records.next();
  const format = `CSV, separated by ${by === '\t' ? 'tabs' : `"${by}"`}, in ${file.encoding.toUpperCase()}`;
  return { columns: header ? header.cells : [], records, noun: 'line', format, share };
}

/** Spreadsheets use the separator of the country. */
const SEPARATORS = [',', ';', '\t', '|'];

/** The separator of a CSV file, and how many lines declare it: Excel reads it from a first line such as `sep=;`. */
function separatorIn(head: string): readonly [declared: 0 | 1, separator: string] {
  const [, declared] = /^sep=(.)\r?\n/.exec(head) ?? [];
  if (declared !== undefined) return [1, declared];
  const [names = ''] = /^(?:"(?:[^"]|"")*"|[^"\r\n])*/.exec(head.trimStart()) ?? [];
  const outside = names.replaceAll(/"(?:[^"]|"")*"/g, '');
  const counts = SEPARATORS.map((separator) => outside.split(separator).length);
  return [0, SEPARATORS[counts.indexOf(Math.max(...counts))] ?? ','];
}

/** Rows with the line that each begins on. */
async function* recordsOf(
  parser: AsyncIterable<readonly string[]>,
  firstLines: WeakMap<readonly string[], number>,
): AsyncGenerator<FileRow, undefined> {
  for await (const cells of parser) yield { line: firstLines.get(cells) ?? 0, cells };
  return undefined;
}
