import { fstatSync } from 'node:fs';
import { createInterface } from 'node:readline';
import type { Input } from '../command.ts';

/** One row of a list. Its address has not been validated. */
export interface Row {
  /** Line of a file, or position among the arguments. Counts from 1. */
  readonly line: number;
  readonly email: string;
  /** All cells of a CSV row. */
  readonly cells: readonly string[];
}

export interface AddressList {
  readonly rows: AsyncIterable<Row>;
  /** Column names of a CSV file. */
  readonly columns: readonly string[];
  /** The part of the list read so far, from 0 to 1, or undefined if its size is unknown. */
  share(): number | undefined;
}

/** Addresses given as arguments. */
export function argumentList(addresses: readonly string[]): AddressList {
  async function* rows() {
    for (const [index, email] of addresses.entries()) yield { line: index + 1, email, cells: [] };
  }
  return { rows: rows(), columns: [], share: () => undefined };
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
  return { rows: rows(), columns: [], share: () => (bytes > 0 ? (stdin.bytesRead ?? 0) / bytes : undefined) };
}
