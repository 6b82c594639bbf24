import { UsageError } from '../command.ts';
import { option } from '../define-command.ts';
import type { AddressList, Records } from './addresses.ts';
import type { InvalidLines } from './csv-file.ts';
import { csvRecords } from './csv-file.ts';
import { isJson, jsonRecords } from './json-file.ts';
import { textFile } from './text-file.ts';

/** A file of rows, and how to read it. */
export interface ListFile {
  readonly file: string;
  /** The column of addresses. @default `email` */
  readonly column?: string | undefined;
  /** @default detected */
  readonly delimiter?: string | undefined;
  /** Called for lines that are not a valid row. */
  readonly onInvalid: (lines: InvalidLines) => void;
}

/** `--column <name>`. */
export const COLUMN = option('name', 'the column or JSON field of addresses; default: email');

/** `--delimiter <character>`. */
export const DELIMITER = option('character', 'separates the cells of a CSV file; default: detected');

/**
 * Opens a CSV file whose first row names the columns, or a file of JSON objects whose fields are the columns.
 * @throws UsageError if it is neither, or the column is missing
 */
export async function openList({
  file,
  column = 'email',
  delimiter,
  onInvalid,
}: ListFile): Promise<AddressList & Pick<Records, 'format'>> {
  if (delimiter !== undefined && delimiter.length !== 1) throw new UsageError('--delimiter is not one character');
  const text = textFile(file);
  const found = isJson(text) ? await jsonRecords(text, column) : await csvRecords(text, { delimiter, onInvalid });
  const { columns, records } = found;
  const at = requireColumn(columns, column);
  async function* rows() {
    for await (const { line, cells } of records) yield { line, cells, email: cells[at] ?? '' };
  }
  return { ...found, rows: rows() };
}

/**
 * The index of a column by its name.
 * @throws UsageError that names the existing columns if there is none
 */
export function requireColumn(columns: readonly string[], name: string): number {
  const index = columnIndex(columns, name);
  if (index >= 0) return index;
  const wanted = name.includes('@') ? 'such column' : `column "${name}"`;
  throw new UsageError(`there is no ${wanted}. ${columnsText(columns)}`);
}

/** Names the columns. A file without a row of names has an address in their place, which is not shown. */
function columnsText(columns: readonly string[]): string {
  if (columns.length === 0) return 'The file is empty';
  if (columns.some((name) => name.includes('@')))
    return 'The first row has an address where the names of the columns belong: add a row of names above it';
  return `The columns are ${columns.map((name) => `"${name}"`).join(', ')}`;
}

/** The index of a column by its name, or -1. Falls back to ignoring case and surrounding spaces. */
function columnIndex(columns: readonly string[], column: string): number {
  const exact = columns.indexOf(column);
  const wanted = column.trim().toLowerCase();
  return exact >= 0 ? exact : columns.findIndex((each) => each.trim().toLowerCase() === wanted);
}
