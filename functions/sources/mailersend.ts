import { createHmac } from 'node:crypto';
import type { Kind, Signal } from '../core/model/signal.ts';
import { closestRow } from '../core/payload/closest-row.ts';
import type { Payload } from '../core/payload/fields.ts';
import { isObject, jsonOf, objectOf, optionalText, partOf, textField } from '../core/payload/fields.ts';
import type { RawRequest } from '../core/payload/http.ts';
import { MAX_UNVERIFIED_VALUES } from '../core/payload/json.ts';
import { hardBounceKind } from '../core/readers/sender-bounce.ts';
import { readEvent } from '../core/readers/sender-event.ts';
import type { Source } from '../core/verify/source.ts';
import { readUnverified, requiredHeader, sameText, verifyWith } from '../core/verify/verify.ts';

/**
 * MailerSend's webhooks, versions 1 and 2. The secret is the webhook's Signing Secret.
 * Events: https://developers.mailersend.com/api/v1/webhooks.html
 * Signature: https://developers.mailersend.com/api/v1/webhooks.html#security
 */
export const mailersend: Source = {
  name: 'mailersend',
  scheme: 'signature',

  verify(request, secrets) {
    const signature = requiredHeader(request, 'signature');
    const isSignedBy = (key: string) =>
      sameText(signature, createHmac('sha256', key).update(request.body).digest('hex'));
    const isTestCall = isSignedBy(TEST_SECRET) && readUnverified(() => isTest(request.body));
    return verifyWith(request, secrets, (secret) => isTestCall || (secret !== TEST_SECRET && isSignedBy(secret)));
  },

  read: (request) => ({ signals: signalsOf(objectOf(jsonOf(request.body), 'the body'), request), unreadable: [] }),
};

const TEST = 'webhook.test';

const KINDS: Readonly<Record<string, Kind>> = {
  'activity.unsubscribed': 'opt_out',
  'activity.spam_complaint': 'complaint',
  'activity.hard_bounced': 'hard_bounce', // but see kindOf
  'activity.deferred': 'soft_bounce',
  'activity.soft_bounced': 'soft_bounce',
  'activity.suppressed': 'suppressed',
  'recipient.on_hold_added': 'suppressed', // for a few days
  [TEST]: 'test',
};

/**
 * Signs the `webhook.test` request that MailerSend sends before a webhook is saved and has a secret. The documentation
 * publishes it, so it is accepted for that request only.
 */
const TEST_SECRET = 'test_Am3L1GuOIc4blLUuHqAPxxwkZaJyEk8G';

function isTest(body: Uint8Array): boolean {
  return objectOf(jsonOf(body, MAX_UNVERIFIED_VALUES), 'the body').type === TEST;
}

function signalsOf(event: Payload, request: RawRequest): readonly Signal[] {
  const word = textField(event, 'type');
  const data = partOf(event, 'data');
  const reported = {
    kind: kindOf(data, closestRow(KINDS, [word])),
    address: addressIn(data), // missing in maintenance.start
    times: [data.created_at, event.created_at],
    id: optionalText(data, 'id'),
    key: [word],
  };
  return readEvent(reported, request);
}

/** The reason is the reply of the receiving server, or MailerSend's own words. Version 1: `morph`. Version 2: `meta`. */
function kindOf(data: Payload, kind: Kind | undefined): Kind | undefined {
  if (kind !== 'hard_bounce') return kind;
  const [{ reason }, { bounce_code: code, bounce_reason: text }] = [partOf(data, 'morph'), partOf(data, 'meta')];
  return hardBounceKind({ reply: [code, text ?? reason], isClassified: true });
}

/** Version 1: `email.recipient.email`. Version 2: `email`, or `recipient`. */
function addressIn({ email, recipient }: Payload): unknown {
  const address = isObject(email) ? email.recipient : (recipient ?? email);
  return isObject(address) ? address.email : address;
}
