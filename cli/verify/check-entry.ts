import { isDeepStrictEqual } from 'node:util';
import type { Receipt } from '../../functions/core/ledger/receipt.ts';
import type { Payload } from '../../functions/core/payload/fields.ts';
import { isObject } from '../../functions/core/payload/fields.ts';
import type { PublicKey } from '../../functions/crypto/signed-receipts.ts';
import { verifyReceipt } from '../../functions/crypto/signed-receipts.ts';

/** The result of checking one line of an export. `fault` describes a failed check. */
export interface LineCheck {
  readonly line: number;
  readonly result: 'proven' | 'open' | 'unsigned' | 'wrong';
  readonly fault?: string;
}

export interface VerificationKeys {
  readonly keys: readonly PublicKey[];
  /** Hashes an address with every hash key. If omitted, addresses are not checked. */
  readonly hashes?: ((email: string) => Promise<readonly string[]>) | undefined;
}

/** Checks one line of an export: the signature of its receipt, and that the entry matches the receipt. */
export async function checkLine(text: string, line: number, verification: VerificationKeys): Promise<LineCheck> {
  const entry = parseEntry(text);
  const wrong = (fault: string): LineCheck => ({ line, result: 'wrong', fault });
  if (entry === undefined) return wrong('not an entry of a JSON Lines export');
  const { signedReceipt, state } = entry;
  if (signedReceipt === undefined && state === 'open') return { line, result: 'open' };
  if (typeof signedReceipt !== 'string') return { line, result: 'unsigned', fault: 'completed but not signed yet' };
  const receipt = isCanonical(signedReceipt) ? await verifyReceipt(signedReceipt, verification.keys) : undefined;
  if (receipt === undefined) return wrong('the receipt was not signed with any of the keys');
  // The receipt is from before the entry was reopened.
  if (state === 'open' && entry['reopenedAt'] !== undefined) return { line, result: 'open' };
  const differing = SIGNED_FIELDS.filter(
    ([field, signed = field]) => !isDeepStrictEqual(entry[field], receipt[signed as keyof Receipt]),
  ).map(([field]) => field);
  if (differing.length > 0) return wrong(`differs from the receipt: ${differing.join(', ')}`);
  if (!(await isSignedAddress(entry, receipt, verification))) return wrong('differs from the receipt: email');
  return { line, result: 'proven' };
}

/** The last character of a base64url signature has unused bits. Requiring them to be zero detects a change there, too. */
function isCanonical(jws: string): boolean {
  const signature = jws.split('.')[2] ?? '';
  return Buffer.from(signature, 'base64url').toString('base64url') === signature;
}

/** The fields of an entry, with the name in the receipt if it differs. */
const SIGNED_FIELDS: readonly (readonly [field: string, signed?: keyof Receipt])[] = [
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
  ['businessUnits'],
  ['kept'],
  ['unchecked'],
  ['lastStatus', 'status'],
  ['correlationId'],
  ['resolvedAt'],
  ['note'],
];

/** Checks the address against the signed hash. An erased entry contains the hash itself. */
async function isSignedAddress(
  entry: Payload,
  { addressHash }: Receipt,
  { hashes }: VerificationKeys,
): Promise<boolean> {
  const { email, erasedAt } = entry;
  if (hashes === undefined || (email === undefined && addressHash === undefined)) return true;
  if (typeof email !== 'string' || addressHash === undefined) return false;
  return erasedAt === undefined ? (await hashes(email)).includes(addressHash) : email === addressHash;
}

function parseEntry(text: string): Payload | undefined {
  try {
    const json: unknown = JSON.parse(text);
    return isObject(json) && 'id' in json && 'state' in json ? json : undefined;
  } catch {
    return undefined;
  }
}
