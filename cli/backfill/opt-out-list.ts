import { parse, resolve } from 'node:path';
import type { Writable } from 'node:stream';
import type { Entry } from '../../functions/core/ledger/ledger.ts';
import { emailOf } from '../../functions/core/ledger/ledger.ts';
import type { OperatorLedger } from '../../functions/core/ledger/operator-ledger.ts';
import type { EmailAddress } from '../../functions/core/model/email-address.ts';
import { UsageError } from '../command.ts';
import { csvRow } from '../terminal/csv.ts';
import { formatCount } from '../terminal/format.ts';
import { write } from '../terminal/output.ts';

/** HubSpot's import takes a CSV file in UTF-8 whose first row names the column of addresses. */
const HEADER = csvRow(['Email']);

/**
 * The largest file that every plan imports. Free accounts import 20 MB a file and 500,000 rows a day; others 512 MB, and 1,048,576
 * rows a file.
 * @see https://knowledge.hubspot.com/import-and-export/set-up-your-import-file
 */
const MAX_FILE = { rows: 500_000, bytes: 20_000_000 };

/**
 * Returns the addresses whose opt-out from all email HubSpot has not confirmed: open entries, and those that its API rejected.
 * Held entries wait for a decision. An opt-out from one list cannot be imported.
 *
 * @param brand the opt-outs of this brand, and those of all brands. If omitted, only those of all brands.
 */
export async function* unconfirmedAddresses(
  operatorLedger: OperatorLedger,
  brand: string | undefined,
): AsyncGenerator<EmailAddress> {
  for (const state of ['open', 'rejected'] as const) {
    for await (const entry of operatorLedger.unfinished(state)) {
      const email = emailOf(entry);
      if (email !== undefined && isImportable(entry, brand)) yield email;
    }
  }
}

function isImportable({ scope, brand }: Entry, imported: string | undefined): boolean {
  return scope === 'all' && (brand === undefined || brand === imported);
}

/** Number of addresses in a written file, and its path; none on standard output. */
export interface WrittenList {
  readonly file: string | undefined;
  readonly rows: number;
}

/**
 * Writes each address once. A list that is too large for one import becomes several files: `list.csv`, `list-2.csv`, …
 * @throws UsageError if it needs several files and none was named
 */
export async function writeOptOutList(
  addresses: AsyncIterable<EmailAddress>,
  { file, stdout }: { readonly file: string | undefined; readonly stdout: Writable },
  maxFile = MAX_FILE,
): Promise<readonly WrittenList[]> {
  const parts = partsOf(new Set(await Array.fromAsync(addresses)), maxFile);
  if (file === undefined && parts.length > 1)
    throw new UsageError(`the list needs ${formatCount(parts.length, 'file')}: add --output`);
  const written: WrittenList[] = [];
  for (const [index, rows] of parts.entries()) {
    const path = file === undefined ? undefined : resolve(pathOfPart(file, index + 1));
    await write([HEADER, ...rows], { file: path, stdout });
    written.push({ file: path, rows: rows.length });
  }
  return written;
}

function partsOf(addresses: Iterable<EmailAddress>, max: typeof MAX_FILE): readonly (readonly string[])[] {
  let rows: string[] = [];
  let bytes = HEADER.length;
  const parts = [rows];
  for (const address of addresses) {
    const row = csvRow([address]);
    const rowBytes = Buffer.byteLength(row);
    if (rows.length === max.rows || bytes + rowBytes > max.bytes) {
      rows = [];
      bytes = HEADER.length;
      parts.push(rows);
    }
    rows.push(row);
    bytes += rowBytes;
  }
  return parts;
}

function pathOfPart(file: string, part: number): string {
  const { dir, name, ext } = parse(file);
  return part === 1 ? file : `${dir === '' ? '' : `${dir}/`}${name}-${part}${ext}`;
}
