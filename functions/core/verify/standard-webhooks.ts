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
  const verified = verifyWith(request, secrets, (secret) =>
    signature.split(' ').some((each) => isSignature(each, secret, signed)),
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

function isSignature(signature: string, secret: string, signed: Buffer): boolean {
  const [version, given = ''] = signature.split(',', 2);
  const isPublicKey = secret.startsWith('whpk_');
  if (version === 'v1a' && isPublicKey) return verify(null, signed, ed25519Key(secret), Buffer.from(given, 'base64'));
  if (version !== 'v1' || isPublicKey) return false;
  const key = Buffer.from(secret.replace(/^whsec_/, ''), 'base64');
  return key.length > 0 && sameText(createHmac('sha256', key).update(signed).digest('base64'), given);
}

function ed25519Key(secret: string) {
  const x = Buffer.from(secret.replace(/^whpk_/, ''), 'base64').toString('base64url');
  return createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x }, format: 'jwk' });
}
