import { createHmac, createPrivateKey, createPublicKey } from 'node:crypto';
import { CompactSign, compactVerify, createLocalJWKSet, decodeJwt, errors } from 'jose';
import * as z from 'zod/mini';
import type { SecretCache } from '../aws/secrets-manager.ts';
import { checkKids, parseSecret } from '../config/secret-formats.ts';
import type { Receipt, SignReceipt } from '../core/ledger/receipt.ts';
import { receiptOf } from '../core/ledger/receipt.ts';
import { Misconfigured, RelayError } from '../core/model/errors.ts';
import type { Report } from '../core/model/telemetry.ts';

/** The keys in the `receipts` secret. */
export interface ReceiptKeys {
  /** Ed25519 keys of 32 bytes. The first one signs. */
  readonly signing: readonly { readonly kid: string; readonly seed: Uint8Array }[];
  /** HMAC keys of 32 bytes. The first one hashes; the others are previous keys. */
  readonly hashing: readonly Uint8Array[];
}

/** The public half of a signing key as a JWK, RFC 8037. */
export interface PublicKey {
  readonly kty: 'OKP';
  readonly crv: 'Ed25519';
  readonly x: string;
  readonly kid: string;
}

export interface Receipts {
  readonly sign: SignReceipt;
  /** Returns the keyed hash of an email address: HMAC-SHA256, base64url. Rejects with Misconfigured if there is no key. */
  hash(email: string): Promise<string>;
  /** Returns the hash by every key, the current one first. */
  hashes(email: string): Promise<readonly string[]>;
  /** Returns the public keys with which others verify receipts. */
  publicKeys(): Promise<readonly PublicKey[]>;
}

/** Signs receipts and hashes email addresses with the keys in the `receipts` secret. */
export function createReceipts(keys: SecretCache<ReceiptKeys>, report: Report): Receipts {
  return {
    hash: async (email) => firstHashOf(email, await keys.get()),
    hashes: async (email) => (await keys.get()).hashing.map((key) => hashOf(email, key)),
    publicKeys: async () => (await keys.get()).signing.map(publicKeyOf),
    async sign(optOut, ending) {
      try {
        const current = await keys.get();
        const email = optOut.email ?? ending.email;
        const addressHash = email === undefined ? {} : { addressHash: firstHashOf(email, current) };
        return await signed({ ...receiptOf(optOut, ending), ...addressHash }, current);
      } catch (error) {
        if (!(error instanceof RelayError)) throw error;
        report({ event: 'receipt.unsigned', optOut, reason: error.message });
        return undefined;
      }
    },
  };
}

/** Returns the receipt in a compact JWS, or undefined if none of the keys verifies it. */
export async function verifyReceipt(jws: string, keys: readonly PublicKey[]): Promise<Receipt | undefined> {
  try {
    const keySet = createLocalJWKSet({ keys: [...keys] });
    const { payload } = await compactVerify(jws, keySet, { algorithms: ['EdDSA'] });
    return JSON.parse(new TextDecoder().decode(payload));
  } catch (error) {
    if (error instanceof errors.JOSEError || error instanceof SyntaxError) return undefined;
    throw error;
  }
}

/** Returns the address hash in a receipt without verifying it, or undefined if there is none. */
export function addressHashIn(signedReceipt = ''): string | undefined {
  try {
    return decodeJwt<Pick<Receipt, 'addressHash'>>(signedReceipt).addressHash;
  } catch (error) {
    if (error instanceof errors.JOSEError) return undefined;
    throw error;
  }
}

const bytes = z.string().check(z.regex(/^[A-Za-z0-9_-]{43}$/));
const receiptKeys = z.object({
  keys: z
    .array(z.object({ kid: z.string().check(z.regex(/^[\w.-]{1,64}$/)), privateKey: bytes }))
    .check(z.minLength(1)),
  hashKeys: z.array(bytes).check(z.minLength(1)),
});

/** `{"keys": [{"kid": "2026-11", "privateKey": "<32 bytes base64url>"}], "hashKeys": ["<32 bytes base64url>"]}`. */
export function parseReceiptKeys(text: string): ReceiptKeys {
  const { keys, hashKeys } = parseSecret(text, receiptKeys);
  checkKids(keys);
  return {
    signing: keys.map(({ kid, privateKey }) => ({ kid, seed: Buffer.from(privateKey, 'base64url') })),
    hashing: hashKeys.map((key) => Buffer.from(key, 'base64url')),
  };
}

type SigningKey = ReceiptKeys['signing'][number];

async function signed(receipt: Receipt, { signing: [key] }: ReceiptKeys): Promise<string> {
  if (!key) throw new Misconfigured('no signing key is configured');
  return new CompactSign(new TextEncoder().encode(JSON.stringify(receipt)))
    .setProtectedHeader({ alg: 'EdDSA', kid: key.kid })
    .sign(privateKeyOf(key));
}

/** The bytes that precede a 32-byte Ed25519 key in PKCS #8: RFC 8410. */
const PKCS8 = Buffer.from('302e020100300506032b657004220420', 'hex');

function privateKeyOf({ seed }: SigningKey) {
  return createPrivateKey({ key: Buffer.concat([PKCS8, seed]), format: 'der', type: 'pkcs8' });
}

function publicKeyOf(key: SigningKey): PublicKey {
  const { x = '' } = createPublicKey(privateKeyOf(key)).export({ format: 'jwk' });
  return { kty: 'OKP', crv: 'Ed25519', x, kid: key.kid };
}

function firstHashOf(email: string, { hashing: [key] }: ReceiptKeys): string {
  if (!key) throw new Misconfigured('no hash key is configured');
  return hashOf(email, key);
}

function hashOf(email: string, key: Uint8Array): string {
  return createHmac('sha256', key).update(email).digest('base64url');
}
