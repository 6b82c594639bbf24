import { personSignal } from '../../functions/core/intake/person.ts';
import { parseEmailAddress } from '../../functions/core/model/email-address.ts';
import { isCallerError, Unreadable } from '../../functions/core/model/errors.ts';
import type { Signal } from '../../functions/core/model/signal.ts';
import { UsageError } from '../command.ts';
import type { Broken, Row } from '../input/addresses.ts';
import { brokenWords, columnOf, csvList } from '../input/addresses.ts';
import { readTime } from '../input/times.ts';

/** A file of opt-outs, and what its columns mean. */
export interface OptOutFile {
  readonly file: string;
  readonly delimiter: string;
  readonly emailColumn: string;
  readonly timeColumn?: string | undefined;
  readonly idColumn?: string | undefined;
  /** When a row without a time of its own was true. */
  readonly asOf?: Date | undefined;
}

/** A row, by the line it begins on: what it says, or what is wrong with it. `isTorn`: and with more lines behind it. */
export type ReadRow =
  | { readonly line: number; readonly signal: Signal }
  | { readonly line: number; readonly fault: string; readonly isTorn?: boolean };

/** Reads row by row. Throws Usage when a column is not there. */
export async function* readRows(from: OptOutFile, now: Date): AsyncGenerator<ReadRow> {
  const broken: ReadRow[] = [];
  const onBroken = (lines: Broken) => broken.push(faultOf(lines));
  const { rows, columns } = await csvList({ ...from, column: from.emailColumn, onBroken });
  const at = { time: placeOf(columns, from.timeColumn), id: placeOf(columns, from.idColumn) };
  const reading = { at, now, asOf: from.asOf, timeColumn: from.timeColumn ?? '' };
  for await (const row of rows) {
    yield* broken.splice(0);
    yield readRow(row, reading);
  }
  yield* broken;
}

function faultOf(lines: Broken): ReadRow {
  return { line: lines.line, fault: brokenWords(lines), isTorn: lines.lastLine > lines.line };
}

function placeOf(columns: readonly string[], name: string | undefined): number | undefined {
  const place = name === undefined ? undefined : columnOf(columns, name);
  if (place === -1) throw new UsageError(`the first row has no column "${name}"`);
  return place;
}

interface Reading {
  readonly at: { readonly time: number | undefined; readonly id: number | undefined };
  readonly timeColumn: string;
  readonly asOf: Date | undefined;
  readonly now: Date;
}

function readRow(row: Row, reading: Reading): ReadRow {
  const { line } = row;
  try {
    return { line, signal: signalOf(row, reading) };
  } catch (error) {
    if (!isCallerError(error)) throw error;
    return { line, fault: error.message };
  }
}

/** The key is made of what stands in the row alone: the same row is the same opt-out, in whichever file and however often. */
function signalOf({ email, cells }: Row, reading: Reading): Signal {
  const { at, now } = reading;
  const occurredAt = occurrenceOf(at.time === undefined ? '' : (cells[at.time] ?? ''), reading);
  if (occurredAt > now) throw new Unreadable('the time lies ahead');
  const id = at.id === undefined ? undefined : cells[at.id]?.trim();
  if (id === '') throw new Unreadable('the id is blank');
  return personSignal({ email: parseEmailAddress(email), occurredAt, eventKey: id ?? occurredAt.toISOString() });
}

function occurrenceOf(text: string, { asOf, timeColumn }: Reading): Date {
  if (text.trim() !== '') return readTime(text, `"${timeColumn}"`);
  if (asOf === undefined) throw new Unreadable('the time is blank');
  return asOf;
}
