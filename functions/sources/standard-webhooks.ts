import { createHmac, createPublicKey, verify } from 'node:crypto';
import { parseEmailAddress } from '../core/email-address.ts';
import type { RawRequest } from '../core/http.ts';
import type { Payload } from '../core/payload.ts';
import { isObject, isoTime, jsonOf, objectOf, optionalText, rowOf, textField, unixSeconds } from '../core/payload.ts';
import { proofHeader, prove, proveFresh, sameText } from '../core/proof.ts';
import type { Kind, Signal, Source } from '../core/source.ts';

/**
 * Any sender that signs by Standard Webhooks: `v1` (HMAC-SHA256, secret `whsec_…`) and `v1a` (ed25519, `whpk_…`).
 * https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
 *
 * The specification leaves the payload open. Ours: `{"type": "contact.unsubscribed", "timestamp": "<ISO 8601>",
 * "data": {"email": "ada@example.com", "list": "news"}}`; the last word of `type` decides, `list` is optional.
 */
export const standardWebhooks: Source = {
  name: 'standard-webhooks',
  proof: 'signature',

  verify(request, secrets) {
    const id = proofHeader(request, 'webhook-id');
    const timestamp = proofHeader(request, 'webhook-timestamp');
    const signatures = proofHeader(request, 'webhook-signature').split(' ');
    const signed = Buffer.concat([Buffer.from(`${id}.${timestamp}.`), request.body]);
    const verified = prove(request, secrets, (secret) => signatures.some((each) => isSignature(each, secret, signed)));
    proveFresh(timestamp, request.receivedAt, TOLERANCE_SECONDS);
    return verified;
  },

  read(request) {
    const event = objectOf(jsonOf(request.body), 'the body');
    return { signals: signalsOf(event, request), unreadable: [] };
  },
};

const TOLERANCE_SECONDS = 300;

const KINDS: Readonly<Record<string, Kind>> = {
  opt_out: 'opt_out',
  opted_out: 'opt_out',
  unsubscribe: 'opt_out',
  unsubscribed: 'opt_out',
  complaint: 'complaint',
  complained: 'complaint',
  hard_bounce: 'hard_bounce',
  hard_bounced: 'hard_bounce',
  soft_bounce: 'soft_bounce',
  soft_bounced: 'soft_bounce',
  suppressed: 'suppressed',
  resubscribe: 'resubscribe',
  resubscribed: 'resubscribe',
  test: 'test',
};

function isSignature(signature: string, secret: string, signed: Buffer): boolean {
  const [version, given = ''] = signature.split(',', 2);
  if (version === 'v1a') return verify(null, signed, ed25519Key(secret), Buffer.from(given, 'base64'));
  if (version !== 'v1' || secret.startsWith('whpk_')) return false;
  const key = Buffer.from(secret.replace(/^whsec_/, ''), 'base64');
  return key.length > 0 && sameText(createHmac('sha256', key).update(signed).digest('base64'), given);
}

function ed25519Key(secret: string) {
  const x = Buffer.from(secret.replace(/^whpk_/, ''), 'base64').toString('base64url');
  return createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x }, format: 'jwk' });
}

function signalsOf(event: Payload, request: RawRequest): readonly Signal[] {
  const word = textField(event, 'type').split('.').at(-1) ?? '';
  const kind = rowOf(KINDS, word.toLowerCase().replaceAll('-', '_'));
  const data = isObject(event.data) ? event.data : {};
  if (kind === undefined && data.email === undefined) return []; // somebody else's event
  const list = optionalText(data, 'list');
  return [
    {
      kind: kind ?? 'ignored',
      scope: list === undefined ? 'all' : { list },
      email: parseEmailAddress(data.email),
      eventKey: proofHeader(request, 'webhook-id'),
      occurredAt:
        event.timestamp === undefined
          ? unixSeconds(proofHeader(request, 'webhook-timestamp'), 'webhook-timestamp')
          : isoTime(event.timestamp, 'timestamp'),
      confidence: 'exact',
    },
  ];
}
