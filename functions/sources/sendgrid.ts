import type { Kind, Signal } from '../core/model/signal.ts';
import { closestRow } from '../core/payload/closest-row.ts';
import type { Payload } from '../core/payload/fields.ts';
import { arrayOf, jsonOf, optionalText, textField } from '../core/payload/fields.ts';
import type { RawRequest } from '../core/payload/http.ts';
import { hardBounceKind } from '../core/readers/sender-bounce.ts';
import { readEvent } from '../core/readers/sender-event.ts';
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

  read: (request) => readEach(arrayOf(jsonOf(request.body), 'the body'), (event) => signalsOf(event, request)),
};

const KINDS: Readonly<Record<string, Kind>> = {
  unsubscribe: 'opt_out',
  group_unsubscribe: 'opt_out', // from one group, `asm_group_id`
  spamreport: 'complaint',
  bounce: 'hard_bounce', // but see bounceKind
  blocked: 'soft_bounce', // the name of a bounce of type "blocked" in SendGrid's lists
  dropped: 'suppressed', // not sent because of an earlier event
  deferred: 'soft_bounce',
  group_resubscribe: 'resubscribe',
};

/**
 * Bounces by `bounce_classification`. Any other one (`Mailbox Unavailable`, `Unclassified`) is decided by the reply.
 * See https://www.twilio.com/docs/sendgrid/ui/sending-email/bounce-and-block-classifications
 */
const CLASSIFICATIONS: Readonly<Record<string, Kind>> = {
  'invalid address': 'hard_bounce',
  content: 'soft_bounce',
  'frequency or volume too high': 'soft_bounce',
  reputation: 'soft_bounce',
  'technical failure': 'soft_bounce', // of the sender's or the recipient's servers
};

/** The recipient of "Test Your Integration", which sends one of each event. */
const TEST_ADDRESS = 'example@test.com';

function signalsOf(event: Payload, request: RawRequest): readonly Signal[] {
  const word = textField(event, 'event').toLowerCase();
  const group = word.startsWith('group_') ? optionalText(event, 'asm_group_id') : undefined;
  const reported = {
    kind: word === 'bounce' ? bounceKind(event) : closestRow(KINDS, [word]),
    scope: group === undefined ? ('all' as const) : { list: group },
    address: event.email,
    isTest: (email: string) => email === TEST_ADDRESS,
    times: [event.timestamp],
    id: optionalText(event, 'sg_event_id'), // may be missing
    key: [optionalText(event, 'sg_message_id'), word, group],
  };
  return readEvent(reported, request);
}

/** Any other type means that the message was refused ("blocked") or not accepted in time, and says nothing about the address. */
function bounceKind(event: Payload): Kind {
  const kind = closestRow(CLASSIFICATIONS, [optionalText(event, 'bounce_classification')]);
  const type = optionalText(event, 'type')?.toLowerCase() ?? 'bounce';
  if (kind === 'soft_bounce' || type !== 'bounce') return 'soft_bounce';
  return hardBounceKind({ reply: [event.status, event.reason], isClassified: kind === 'hard_bounce' });
}
