import { createHmac, createPublicKey, verify } from 'node:crypto';
import { parseEmailAddress } from '../model/email-address.ts';
import type { Kind, Signal } from '../model/signal.ts';
import type { Payload } from '../payload/fields.ts';
import { isoTime, jsonOf, objectOf, optionalText, partOf, rowOf, textField, unixSeconds } from '../payload/fields.ts';
import type { RawRequest } from '../payload/http.ts';
import type { Source } from './source.ts';
import { requiredHeader, sameText, verifyTimestamp, verifyWith } from './verify.ts';

/** The prefix of the three headers: `webhook`, or `svix` for Svix. */
export type HeaderPrefix = 'webhook' | 'svix';

const TOLERANCE_SECONDS = 300;

/**
 * Makes a verifier for Standard Webhooks signatures: `v1` (HMAC-SHA256, secret `whsec_…`) and `v1a` (ed25519, public key
 * `whpk_…`).
 *
 * @see https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
 */
export function standardWebhooksSignature(prefix: HeaderPrefix): Source['verify'] {
  return (request, secrets) => {
    const id = requiredHeader(request, `${prefix}-id`);
    const timestamp = requiredHeader(request, `${prefix}-timestamp`);
    const signatures = requiredHeader(request, `${prefix}-signature`).split(' ');
    const signed = Buffer.concat([Buffer.from(`${id}.${timestamp}.`), request.body]);
    const verified = verifyWith(request, secrets, (secret) =>
      signatures.some((each) => isSignature(each, secret, signed)),
    );
    verifyTimestamp(timestamp, request.receivedAt, TOLERANCE_SECONDS);
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

/**
 * Makes a reader for the payload that `functions/sources/standard-webhooks.ts` documents. An event of an unknown type without
 * an email address has no signals.
 */
export function standardWebhooksReading(prefix: HeaderPrefix): Source['read'] {
  return (request) => {
    const event = objectOf(jsonOf(request.body), 'the body');
    return { signals: signalsOf(event, request, prefix), unreadable: [] };
  };
}

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

function signalsOf(event: Payload, request: RawRequest, prefix: HeaderPrefix): readonly Signal[] {
  const type = textField(event, 'type');
  const word = type.slice(type.lastIndexOf('.') + 1);
  const kind = rowOf(KINDS, word.toLowerCase().replaceAll('-', '_'));
  const data = partOf(event, 'data');
  if ((kind === undefined || kind === 'test') && typeof data.email !== 'string') return [];
  const list = optionalText(data, 'list');
  return [
    {
      kind: kind ?? 'ignored',
      scope: list === undefined ? 'all' : { list },
      email: parseEmailAddress(data.email),
      eventKey: requiredHeader(request, `${prefix}-id`),
      occurredAt:
        event.timestamp === undefined
          ? unixSeconds(requiredHeader(request, `${prefix}-timestamp`), `${prefix}-timestamp`)
          : isoTime(event.timestamp, 'timestamp'),
      confidence: 'exact',
    },
  ];
}
