import { personSignal } from '../../functions/core/intake/person.ts';
import { parseEmailAddress } from '../../functions/core/model/email-address.ts';
import { isCallerError, Unreadable } from '../../functions/core/model/errors.ts';
import type { Signal } from '../../functions/core/model/signal.ts';
import { UsageError } from '../command.ts';
import type { Row } from '../input/addresses.ts';
import type { InvalidLines } from '../input/csv-file.ts';
import { columnIndex, csvList, invalidLinesText } from '../input/csv-file.ts';
import { readTime } from '../input/times.ts';

/** A CSV file of opt-outs, and which columns to read. */
export interface OptOutFile {
  readonly file: string;
  readonly delimiter: string;
  readonly emailColumn: string;
  readonly timeColumn?: string | undefined;
  readonly idColumn?: string | undefined;
  /** The time of rows that have none. */
  readonly asOf?: Date | undefined;
}

/** A row by the line it begins on: its signal or its fault. `isTorn`: the fault spans several lines. */
export type ReadRow =
  | { readonly line: number; readonly signal: Signal }
  | { readonly line: number; readonly fault: string; readonly isTorn?: boolean };

/**
 * Reads a file row by row.
 * @throws UsageError if a column is missing
 */
export async function* readRows(from: OptOutFile, now: Date): AsyncGenerator<ReadRow> {
  const invalid: ReadRow[] = [];
  const onInvalid = (lines: InvalidLines) => invalid.push(faultOf(lines));
  const { rows, columns } = await csvList({ ...from, column: from.emailColumn, onInvalid });
  const at = { time: requireColumn(columns, from.timeColumn), id: requireColumn(columns, from.idColumn) };
  const format = { at, now, asOf: from.asOf, timeColumn: from.timeColumn ?? '' };
  for await (const row of rows) {
    yield* invalid.splice(0);
    yield readRow(row, format);
  }
  yield* invalid;
}

function faultOf(lines: InvalidLines): ReadRow {
  return { line: lines.line, fault: invalidLinesText(lines), isTorn: lines.lastLine > lines.line };
}

function requireColumn(columns: readonly string[], name: string | undefined): number | undefined {
  const index = name === undefined ? undefined : columnIndex(columns, name);
  if (index === -1) throw new UsageError(`the first row has no column "${name}"`);
  return index;
}

interface RowFormat {
  readonly at: { readonly time: number | undefined; readonly id: number | undefined };
  readonly timeColumn: string;
  readonly asOf: Date | undefined;
  readonly now: Date;
}

function readRow(row: Row, format: RowFormat): ReadRow {
  const { line } = row;
  try {
    return { line, signal: signalOf(row, format) };
  } catch (error) {
    if (!isCallerError(error)) throw error;
    return { line, fault: error.message };
  }
}

/** The event key depends only on the row, so the same row is the same opt-out in every file and every run. */
function signalOf({ email, cells }: Row, format: RowFormat): Signal {
  const { at, now } = format;
  const occurredAt = timeOf(at.time === undefined ? '' : (cells[at.time] ?? ''), format);
  if (occurredAt > now) throw new Unreadable('the time is in the future');
  const id = at.id === undefined ? undefined : cells[at.id]?.trim();
  if (id === '') throw new Unreadable('the id is blank');
  return personSignal({ email: parseEmailAddress(email), occurredAt, eventKey: id ?? occurredAt.toISOString() });
}

function timeOf(text: string, { asOf, timeColumn }: RowFormat): Date {
  if (text.trim() !== '') return readTime(text, `"${timeColumn}"`);
  if (asOf === undefined) throw new Unreadable('the time is blank');
  return asOf;
}
