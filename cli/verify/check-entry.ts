import { isDeepStrictEqual } from 'node:util';
import type { Receipt } from '../../functions/core/ledger/receipt.ts';
import type { Payload } from '../../functions/core/payload/fields.ts';
import { isObject } from '../../functions/core/payload/fields.ts';
import type { PublicKey } from '../../functions/crypto/signed-receipts.ts';
import { verifyReceipt } from '../../functions/crypto/signed-receipts.ts';

/** What came of one exported line; `fault` says what is wrong with it. */
export interface Checked {
  readonly line: number;
  readonly result: 'proven' | 'open' | 'unsigned' | 'wrong';
  readonly fault?: string;
}

export interface Check {
  readonly keys: readonly PublicKey[];
  /** All keyed hashes of an address, where the secret is at hand. */
  readonly hashes?: ((email: string) => Promise<readonly string[]>) | undefined;
}

/** Checks one line of an export: the signature of its receipt, and that the entry says what was signed. */
export async function checkLine(text: string, line: number, check: Check): Promise<Checked> {
  const entry = entryOf(text);
  const wrong = (fault: string): Checked => ({ line, result: 'wrong', fault });
  if (entry === undefined) return wrong('it is no entry of an export in JSON lines');
  const { signedReceipt, state } = entry;
  if (signedReceipt === undefined && state === 'open') return { line, result: 'open' };
  if (typeof signedReceipt !== 'string')
    return { line, result: 'unsigned', fault: 'it is closed, and has no receipt yet' };
  const receipt = isCanonical(signedReceipt) ? await verifyReceipt(signedReceipt, check.keys) : undefined;
  if (receipt === undefined) return wrong('none of the keys has signed its receipt');
  // It was signed when it was closed before; now it is under way again.
  if (state === 'open' && entry['reopenedAt'] !== undefined) return { line, result: 'open' };
  const differs = SIGNED.filter(
    ([own, signed = own]) => !isDeepStrictEqual(entry[own], receipt[signed as keyof Receipt]),
  ).map(([own]) => own);
  if (differs.length > 0) return wrong(`not as it was signed: ${differs.join(', ')}`);
  if (!(await isOfAddress(entry, receipt, check))) return wrong('not as it was signed: email');
  return { line, result: 'proven' };
}

/** The last letter of a signature has bits that are not read, and a byte changed there is a changed byte, too. */
function isCanonical(jws: string): boolean {
  const signature = jws.split('.')[2] ?? '';
  return Buffer.from(signature, 'base64url').toString('base64url') === signature;
}

/** By the entry's name and, where it is another, by that of the receipt. */
const SIGNED: readonly (readonly [own: string, signed?: keyof Receipt])[] = [
  ['id'],
  ['source'],
  ['kind'],
  ['scope'],
  ['brand'],
  ['occurredAt'],
  ['receivedAt'],
  ['closedAt'],
  ['state', 'outcome'],
  ['reason'],
  ['evidence'],
  ['changed'],
  ['lastStatus', 'status'],
  ['correlationId'],
];

/** A forgotten address stands there as its hash; without the secret, the hash of another one cannot be told. */
async function isOfAddress(entry: Payload, { addressHash }: Receipt, { hashes }: Check): Promise<boolean> {
  const { email, erasedAt } = entry;
  if (hashes === undefined || (email === undefined && addressHash === undefined)) return true;
  if (typeof email !== 'string' || addressHash === undefined) return false;
  return erasedAt === undefined ? (await hashes(email)).includes(addressHash) : email === addressHash;
}

function entryOf(text: string): Payload | undefined {
  try {
    const json: unknown = JSON.parse(text);
    return isObject(json) && 'id' in json && 'state' in json ? json : undefined;
  } catch {
    return undefined;
  }
}
