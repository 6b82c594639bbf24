import { createHmac, createPublicKey, verify } from 'node:crypto';
import type { RawRequest } from '../payload/http.ts';
import type { Source } from './source.ts';
import { requiredHeader, sameText, verifyTimestamp, verifyWith } from './verify.ts';

const TOLERANCE_SECONDS = 300;

/**
 * Verifies Standard Webhooks signatures: `v1` (HMAC-SHA256, secret `whsec_…`) and `v1a` (ed25519, public key `whpk_…`).
 *
 * @see https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
 */
export const standardWebhooksSignature: Source['verify'] = (request, secrets) => {
  const { id, timestamp, signature } = signedHeaders(request);
  const signed = Buffer.concat([Buffer.from(`${id}.${timestamp}.`), request.body]);
  const signatures = signaturesIn(signature);
  const verified = verifyWith(request, secrets, (secret) =>
    secret.startsWith(PUBLIC_KEY)
      ? signatures('v1a').some((each) => verify(null, signed, ed25519Key(secret), Buffer.from(each, 'base64')))
      : isHmac(signatures('v1'), secret, signed),
  );
  verifyTimestamp(timestamp, request.receivedAt, TOLERANCE_SECONDS);
  return verified;
};

/**
 * Returns the three headers that carry the signature. Svix sends them with its own prefix or with that of the specification.
 *
 * @throws {Unauthenticated} if one of them is missing.
 * @see https://docs.svix.com/receiving/verifying-payloads/how-manual
 */
export function signedHeaders(request: RawRequest) {
  const prefix = request.headers['svix-id'] === undefined ? 'webhook' : 'svix';
  return {
    id: requiredHeader(request, `${prefix}-id`),
    timestamp: requiredHeader(request, `${prefix}-timestamp`),
    signature: requiredHeader(request, `${prefix}-signature`),
  };
}

const PUBLIC_KEY = 'whpk_';

/** A sender adds one for each of its own secrets during rotation. A header has room for a thousand. */
const MAX_SIGNATURES = 5;

function signaturesIn(header: string): (version: 'v1' | 'v1a') => readonly string[] {
  const pairs = header.split(' ').map((each) => each.split(',', 2));
  return (version) =>
    pairs
      .filter(([it]) => it === version)
      .slice(0, MAX_SIGNATURES)
      .map(([, value = '']) => value);
}

function isHmac(signatures: readonly string[], secret: string, signed: Buffer): boolean {
  const key = Buffer.from(secret.replace(/^whsec_/, ''), 'base64');
  if (key.length === 0 || signatures.length === 0) return false;
  const expected = createHmac('sha256', key).update(signed).digest('base64');
  return signatures.some((signature) => sameText(signature, expected));
}

function ed25519Key(secret: string) {
  const x = Buffer.from(secret.slice(PUBLIC_KEY.length), 'base64').toString('base64url');
  return createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x }, format: 'jwk' });
}
