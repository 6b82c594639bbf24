import { createHmac, createPublicKey, verify } from 'node:crypto';
import { proofHeader, prove, proveFresh, sameText } from './proof.ts';
import type { Source } from './source.ts';

const TOLERANCE_SECONDS = 300;

/**
 * The verifier of all that sign by Standard Webhooks: `v1` (HMAC-SHA256, secret `whsec_…`) and `v1a` (ed25519, `whpk_…`).
 * `prefix` begins the three headers' names: `webhook`, or `svix` where Svix sends.
 * https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
 */
export function standardWebhooksSignature(prefix: 'webhook' | 'svix'): Source['verify'] {
  return (request, secrets) => {
    const id = proofHeader(request, `${prefix}-id`);
    const timestamp = proofHeader(request, `${prefix}-timestamp`);
    const signatures = proofHeader(request, `${prefix}-signature`).split(' ');
    const signed = Buffer.concat([Buffer.from(`${id}.${timestamp}.`), request.body]);
    const verified = prove(request, secrets, (secret) => signatures.some((each) => isSignature(each, secret, signed)));
    proveFresh(timestamp, request.receivedAt, TOLERANCE_SECONDS);
    return verified;
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
