import type { Kind, Signal } from '../core/model/signal.ts';
import { closestRow } from '../core/payload/closest-row.ts';
import type { Payload } from '../core/payload/fields.ts';
import { arrayOf, jsonOf, objectOf, optionalText, textField } from '../core/payload/fields.ts';
import type { RawRequest } from '../core/payload/http.ts';
import { hardBounceKind } from '../core/readers/sender-bounce.ts';
import { readEvent } from '../core/readers/sender-event.ts';
import { sharedSecret } from '../core/verify/shared-secret.ts';
import type { Source } from '../core/verify/source.ts';
import { readEach } from '../core/verify/source.ts';

/**
 * SparkPost's event webhooks, which are not signed. The secret is the `user:password` of the webhook's basic authentication,
 * or the value of a custom header `X-Relay-Key`.
 * Events: https://developers.sparkpost.com/api/webhooks/
 * Authentication: https://support.sparkpost.com/docs/tech-resources/webhook-authentication
 */
export const sparkpost: Source = {
  name: 'sparkpost',
  scheme: 'shared-secret',

  verify: sharedSecret,
  read: (request) => readEach(arrayOf(jsonOf(request.body), 'the body'), (event) => signalsOf(event, request)),
};

/**
 * By `type` and by `fbtype` (RFC 5965) or `bounce_class`. The other classes are about the sender, the message, a full mailbox or
 * a system: 20 to 24, 40, 50 to 54 (spam and blocks), 70.
 * See https://support.sparkpost.com/docs/deliverability/bounce-classification-codes
 */
const KINDS: Readonly<Record<string, Kind>> = {
  list_unsubscribe: 'opt_out', // the unsubscribe button of the mail client
  link_unsubscribe: 'opt_out',
  spam_complaint: 'complaint',
  'spam_complaint auth-failure': 'ignored',
  'spam_complaint not-spam': 'ignored',
  'spam_complaint opt-out': 'opt_out',
  'spam_complaint opt-out-list': 'opt_out',
  'spam_complaint virus': 'soft_bounce', // reported by a scanner, not by a person
  delay: 'soft_bounce',
  bounce: 'soft_bounce',
  'bounce 10': 'hard_bounce', // invalid recipient
  'bounce 25': 'suppressed', // by SparkPost's own policies
  'bounce 26': 'suppressed',
  'bounce 30': 'hard_bounce', // no recipient
  'bounce 60': 'ignored', // out of office
  'bounce 80': 'resubscribe', // requested by mail
  'bounce 90': 'opt_out', // requested by mail
  'bounce 100': 'ignored', // challenge and response
};

/** `msys` holds events under the names of their classes, usually one. In a ping it is empty. */
function signalsOf({ msys }: Payload, request: RawRequest): readonly Signal[] {
  const events = Object.values(objectOf(msys, 'msys'));
  return events.flatMap((event) => signalsIn(objectOf(event, 'the event'), request));
}

function signalsIn(event: Payload, request: RawRequest): readonly Signal[] {
  const reported = {
    kind: kindOf(event),
    address: optionalText(event, 'raw_rcpt_to') ?? event.rcpt_to,
    times: [event.timestamp], // seconds or ISO 8601
    id: optionalText(event, 'event_id'),
    key: [optionalText(event, 'message_id'), optionalText(event, 'type')],
  };
  return readEvent(reported, request);
}

function kindOf(event: Payload): Kind | undefined {
  const type = textField(event, 'type').toLowerCase();
  const word = type === 'out_of_band' ? 'bounce' : type; // a bounce after the mail was accepted
  const kind = closestRow(KINDS, [word, optionalText(event, 'fbtype') ?? optionalText(event, 'bounce_class')]);
  if (kind !== 'hard_bounce') return kind;
  return hardBounceKind({ reply: [event.error_code, event.raw_reason ?? event.reason], isClassified: true });
}
