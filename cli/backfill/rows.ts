import { personSignal } from '../../functions/core/intake/person.ts';
import type { Policy } from '../../functions/core/intake/policy.ts';
import { parseEmailAddress } from '../../functions/core/model/email-address.ts';
import { isCallerError, Unreadable } from '../../functions/core/model/errors.ts';
import type { Signal } from '../../functions/core/model/signal.ts';
import type { FileRow, Records, Row } from '../input/addresses.ts';
import type { InvalidLines } from '../input/csv-file.ts';
import { invalidLinesText } from '../input/csv-file.ts';
import { openList, requireColumn } from '../input/list-file.ts';
import type { TimeFormat } from '../input/times.ts';
import { readTime } from '../input/times.ts';
import type { ListedKind } from './kinds.ts';
import { kindIn } from './kinds.ts';
import type { Condition } from './only.ts';
import { filterOf } from './only.ts';

/** A file of opt-outs, and which of its rows and columns to read. */
export interface OptOutFile {
  readonly file: string;
  readonly delimiter?: string | undefined;
  readonly emailColumn?: string | undefined;
  readonly timeColumn?: string | undefined;
  readonly idColumn?: string | undefined;
  readonly kindColumn?: string | undefined;
  /** The kind of rows if there is no column of kinds. */
  readonly kind: ListedKind;
  /** The time of rows that have none. */
  readonly asOf?: Date | undefined;
  readonly timeFormat: TimeFormat;
  readonly only: readonly Condition[];
}

/**
 * A row by the line it begins on: its signal, its fault, or only its line if `--only` leaves it out. `isTorn`: the fault spans
 * several lines.
 */
export type ReadRow =
  | SignalRow
  | { readonly line: number; readonly fault: string; readonly isTorn?: boolean }
  | { readonly line: number; readonly isLeftOut: true };

export interface SignalRow extends FileRow {
  readonly signal: Signal;
}

export interface OptOutRows extends Pick<Records, 'columns' | 'noun' | 'format'> {
  readonly rows: AsyncGenerator<ReadRow>;
}

/**
 * Opens a file to be read row by row.
 * @throws UsageError if a column is missing
 */
export async function openRows(from: OptOutFile, now: Date): Promise<OptOutRows> {
  const invalid: ReadRow[] = [];
  const onInvalid = (lines: InvalidLines) => invalid.push(faultOf(lines));
  const list = await openList({ ...from, column: from.emailColumn, onInvalid });
  const { columns, noun, format } = list;
  const isMeant = filterOf(from.only, columns);
  const parse = rowParser(from, columns, now);
  async function* rows(): AsyncGenerator<ReadRow> {
    for await (const row of list.rows) {
      yield* invalid.splice(0);
      yield isMeant(row.cells) ? parse(row) : { line: row.line, isLeftOut: true };
    }
    yield* invalid;
  }
  return { columns, noun, format, rows: rows() };
}

/** Reads the rows that the policy does not ignore. The faults of others have been reported by the survey. */
export async function* readSignals(from: OptOutFile, { kinds }: Pick<Policy, 'kinds'>) {
  const { rows } = await openRows(from, new Date());
  for await (const row of rows) if ('signal' in row && kinds[row.signal.kind] !== 'nothing') yield row;
}

function faultOf(lines: InvalidLines): ReadRow {
  return { line: lines.line, fault: invalidLinesText(lines), isTorn: lines.lastLine > lines.line };
}

/** Returns a function that reads a row. The event key depends only on the row: the same row is the same opt-out everywhere. */
function rowParser(from: OptOutFile, columns: readonly string[], now: Date): (row: Row) => ReadRow {
  const { asOf, timeFormat, timeColumn, idColumn, kindColumn } = from;
  const reader = (name: string | undefined) => {
    const at = name === undefined ? -1 : requireColumn(columns, name);
    return (cells: readonly string[]) => (name === undefined ? undefined : (cells[at] ?? '').trim());
  };
  const [timeIn, idIn, kindTextIn] = [reader(timeColumn), reader(idColumn), reader(kindColumn)];

  function occurredAtOf(cells: readonly string[]): Date {
    const text = timeIn(cells) ?? '';
    const time = text === '' ? asOf : readTime(text, `"${timeColumn}"`, timeFormat);
    if (time === undefined) throw new Unreadable('the time is blank');
    if (time > now) throw new Unreadable('the time is in the future');
    return time;
  }

  function signalOf({ email, cells }: Row): Signal {
    const occurredAt = occurredAtOf(cells);
    const id = idIn(cells);
    if (id === '') throw new Unreadable('the id is blank');
    const kindText = kindTextIn(cells);
    const kind = kindText === undefined ? from.kind : kindIn(kindText, `${kindColumn}`);
    const eventKey = id ?? occurredAt.toISOString();
    return { ...personSignal({ email: parseEmailAddress(email), occurredAt, eventKey }), kind };
  }

  return (row) => {
    try {
      return { line: row.line, cells: row.cells, signal: signalOf(row) };
    } catch (error) {
      if (!isCallerError(error)) throw error;
      return { line: row.line, fault: error.message };
    }
  };
}
