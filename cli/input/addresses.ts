import { fstatSync } from 'node:fs';
import { createInterface } from 'node:readline';
import type { Input } from '../command.ts';

/** One row of a file. */
export interface FileRow {
  /** Line of a CSV file, or position among the entries of a JSON file or the arguments. Counts from 1. */
  readonly line: number;
  /** A text for each column. */
  readonly cells: readonly string[];
}

/** One row of a list. Its address has not been validated. */
export interface Row extends FileRow {
  readonly email: string;
}

/** The rows of a file, before their addresses are read. */
export interface Records {
  readonly records: AsyncIterable<FileRow>;
  readonly columns: readonly string[];
  /** What the `line` of a row counts. */
  readonly noun: 'line' | 'entry';
  /** The format that was detected, for a person. */
  readonly format: string;
  /** The part of the list read so far, from 0 to 1, or undefined if its size is unknown. */
  share(): number | undefined;
}

export interface AddressList extends Pick<Records, 'columns' | 'noun' | 'share'> {
  readonly rows: AsyncIterable<Row>;
}

/** Addresses given as arguments. */
export function argumentList(addresses: readonly string[]): AddressList {
  async function* rows() {
    for (const [index, email] of addresses.entries()) yield { line: index + 1, email, cells: [] };
  }
  return { rows: rows(), columns: [], noun: 'line', share: () => undefined };
}

/** Standard input, an address a line. Blank lines are skipped. */
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
  return {
    rows: rows(),
    columns: [],
    noun: 'line',
    share: () => (bytes > 0 ? (stdin.bytesRead ?? 0) / bytes : undefined),
  };
}
