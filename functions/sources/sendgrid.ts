import { parseEmailAddress } from '../core/model/email-address.ts';
import type { Kind, Signal } from '../core/model/signal.ts';
import type { Payload } from '../core/payload/fields.ts';
import { arrayOf, jsonOf, optionalText, rowOf, textField, unixSeconds } from '../core/payload/fields.ts';
import { publicKeySignature } from '../core/verify/public-key.ts';
import type { Source } from '../core/verify/source.ts';
import { readEach } from '../core/verify/source.ts';
import { requiredHeader } from '../core/verify/verify.ts';

/**
 * SendGrid's signed Event Webhook. The secret is the public key from Mail Settings, base64 DER.
 * Events: https://www.twilio.com/docs/sendgrid/for-developers/tracking-events/event
 * Signature: https://www.twilio.com/docs/sendgrid/for-developers/tracking-events/getting-started-event-webhook-security-features
 */
export const sendgrid: Source = {
  name: 'sendgrid',
  scheme: 'signature',

  verify: publicKeySignature({
    header: 'x-twilio-email-event-webhook-signature',
    signed: (request) => [requiredHeader(request, 'x-twilio-email-event-webhook-timestamp'), request.body],
  }),

  read: (request) => readEach(arrayOf(jsonOf(request.body), 'the body'), signalsOf),
};

const KINDS: Readonly<Record<string, Kind>> = {
  unsubscribe: 'opt_out',
  group_unsubscribe: 'opt_out', // from one group, `asm_group_id`
  spamreport: 'complaint',
  bounce: 'hard_bounce', // but type "blocked" may be temporary
  dropped: 'suppressed', // not sent because of an earlier event
  deferred: 'soft_bounce',
  group_resubscribe: 'resubscribe',
};

/** The recipient of "Test Your Integration", which sends one of each event. */
const TEST_ADDRESS = 'example@test.com';

function signalsOf(event: Payload): readonly Signal[] {
  const word = textField(event, 'event');
  const kind = rowOf(KINDS, word);
  if (kind === undefined && optionalText(event, 'email') === undefined) return []; // account_status_change
  const email = parseEmailAddress(event.email);
  const occurredAt = unixSeconds(event.timestamp, 'timestamp');
  const group = word.startsWith('group_') ? optionalText(event, 'asm_group_id') : undefined;
  return [
    {
      kind: email === TEST_ADDRESS ? 'test' : kindOf(event, kind),
      scope: group === undefined ? 'all' : { list: group },
      email,
      eventKey: optionalText(event, 'sg_event_id') ?? derivedKey(event),
      occurredAt,
      confidence: 'exact',
    },
  ];
}

function kindOf(event: Payload, kind: Kind = 'ignored'): Kind {
  return kind === 'hard_bounce' && event.type === 'blocked' ? 'soft_bounce' : kind;
}

/** `sg_event_id` may be missing. A retry then repeats the message, the event, its time and its group. */
function derivedKey(event: Payload): string {
  const parts = ['sg_message_id', 'event', 'timestamp', 'asm_group_id'];
  return parts.map((name) => optionalText(event, name)).join(' ');
}
