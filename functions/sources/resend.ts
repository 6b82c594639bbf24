import { parseMailbox } from '../core/model/email-address.ts';
import type { Kind, Signal } from '../core/model/signal.ts';
import { closestRow } from '../core/payload/closest-row.ts';
import type { Payload } from '../core/payload/fields.ts';
import { arrayOf, isObject, isoTime, jsonOf, objectOf, textField } from '../core/payload/fields.ts';
import type { Source } from '../core/verify/source.ts';
import { readEach } from '../core/verify/source.ts';
import { standardWebhooksSignature } from '../core/verify/standard-webhooks.ts';
import { requiredHeader } from '../core/verify/verify.ts';

/**
 * Resend's webhooks, which Svix delivers. The secret is the webhook's signing secret, `whsec_…`.
 * Events: https://resend.com/docs/webhooks/event-types
 * Signature: https://resend.com/docs/webhooks/verify-webhooks-requests
 */
export const resend: Source = {
  name: 'resend',
  scheme: 'signature',

  verify: standardWebhooksSignature('svix'),
  read(request) {
    const event = objectOf(jsonOf(request.body), 'the body');
    const parts = partsOf(textField(event, 'type'), isObject(event.data) ? event.data : {});
    const confidence = parts.length > 1 ? 'ambiguous' : 'exact';
    const told = { eventKey: requiredHeader(request, 'svix-id'), confidence } as const;
    return readEach(parts, (part) => signalsOf(part, event, told));
  },
};

const TOPICS_UPDATED = 'contact.topics.updated';

/** By the type, and what the event adds to it. */
const KINDS: Readonly<Record<string, Kind>> = {
  'email.complained': 'complaint',
  'email.bounced': 'hard_bounce', // "permanently rejected", though the bounce may say otherwise:
  'email.bounced Transient': 'soft_bounce',
  'email.bounced Undetermined': 'soft_bounce',
  'email.suppressed': 'suppressed', // Resend did not send because of something it had told us before
  'suppression.added': 'suppressed',
  'suppression.added bounce': 'hard_bounce',
  'suppression.added complaint': 'complaint',
  'suppression.added manual': 'opt_out', // somebody in the office, by the dashboard or the API
  'suppression.removed': 'resubscribe',
  'contact.updated true': 'opt_out', // whatever was changed, the contact is unsubscribed
  'contact.topics.updated opt_out': 'opt_out',
  'contact.topics.updated opt_in': 'resubscribe',
};

/** Resend plays these, labels included: https://resend.com/docs/dashboard/emails/send-test-emails */
const TEST_ADDRESS = /^(?:delivered|bounced|complained|suppressed)(?:\+.*)?@resend\.dev$/;

/** A part for each topic of the contact, for each recipient of the mail, or for the only address there is. */
function partsOf(word: string, data: Payload): readonly unknown[] {
  const { email, to, topics } = data;
  if (word === TOPICS_UPDATED) return arrayOf(topics, 'topics').map((it) => (isObject(it) ? { ...it, email } : it));
  return Array.isArray(to) && to.length > 0 ? to.map((each: unknown) => ({ ...data, email: each })) : [data];
}

function signalsOf(part: Payload, event: Payload, told: Pick<Signal, 'eventKey' | 'confidence'>): readonly Signal[] {
  const word = textField(event, 'type');
  const kind = kindOf(part, word);
  if (kind === undefined && typeof part.email !== 'string') return []; // domain.updated
  const email = parseMailbox(part.email);
  const signal: Signal = {
    ...told,
    kind: TEST_ADDRESS.test(email) ? 'test' : (kind ?? 'ignored'),
    scope: 'all',
    email,
    occurredAt: isoTime(event.created_at, 'created_at'),
  };
  if (word !== TOPICS_UPDATED) return [signal];
  const list = textField(part, 'id');
  return [{ ...signal, scope: { list }, eventKey: `${told.eventKey} ${list}`, confidence: 'exact' }];
}

function kindOf({ bounce, origin, subscription, unsubscribed }: Payload, word: string): Kind | undefined {
  const detail = (isObject(bounce) ? bounce.type : undefined) ?? origin ?? subscription ?? unsubscribed;
  return closestRow(KINDS, [word, typeof detail === 'string' || detail === true ? `${detail}` : undefined]);
}
