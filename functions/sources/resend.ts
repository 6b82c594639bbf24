import { parseMailbox } from '../core/model/email-address.ts';
import type { Kind, Signal } from '../core/model/signal.ts';
import { closestRow } from '../core/payload/closest-row.ts';
import type { Payload } from '../core/payload/fields.ts';
import { arrayOf, isObject, isoTime, jsonOf, objectOf, textField } from '../core/payload/fields.ts';
import type { Source } from '../core/verify/source.ts';
import { readEach } from '../core/verify/source.ts';
import { signedHeaders, standardWebhooksSignature } from '../core/verify/standard-webhooks.ts';

/**
 * Resend's webhooks, which Svix delivers. The secret is the webhook's signing secret, `whsec_…`.
 * Events: https://resend.com/docs/webhooks/event-types
 * Signature: https://resend.com/docs/webhooks/verify-webhooks-requests
 */
export const resend: Source = {
  name: 'resend',
  scheme: 'signature',

  verify: standardWebhooksSignature,
  read(request) {
    const event = objectOf(jsonOf(request.body), 'the body');
    const parts = partsOf(textField(event, 'type'), isObject(event.data) ? event.data : {});
    const confidence = parts.length > 1 ? 'ambiguous' : 'exact';
    const common = { eventKey: signedHeaders(request).id, confidence } as const;
    return readEach(parts, (part) => signalsOf(part, event, common));
  },
};

const TOPICS_UPDATED = 'contact.topics.updated';

/** By type, and by the detail that `kindOf` finds in the event. */
const KINDS: Readonly<Record<string, Kind>> = {
  'email.complained': 'complaint',
  'email.bounced': 'hard_bounce', // documented as "permanently rejected", but `bounce.type` may differ:
  'email.bounced Transient': 'soft_bounce',
  'email.bounced Undetermined': 'soft_bounce',
  'email.suppressed': 'suppressed', // not sent because of an earlier event
  'suppression.added': 'suppressed',
  'suppression.added bounce': 'hard_bounce',
  'suppression.added complaint': 'complaint',
  'suppression.added manual': 'opt_out', // by a user of the account, in the dashboard or through the API
  'suppression.removed': 'resubscribe',
  'contact.updated true': 'opt_out', // the contact is unsubscribed, whatever changed
  'contact.topics.updated opt_out': 'opt_out',
  'contact.topics.updated opt_in': 'resubscribe',
};

/** Resend's test addresses, with optional labels: https://resend.com/docs/dashboard/emails/send-test-emails */
const TEST_ADDRESS = /^(?:delivered|bounced|complained|suppressed)(?:\+.*)?@resend\.dev$/;

/** Splits an event into one part for each topic of the contact, for each recipient of the mail, or for its only address. */
function partsOf(type: string, data: Payload): readonly unknown[] {
  const { email, to, topics } = data;
  if (type === TOPICS_UPDATED) return arrayOf(topics, 'topics').map((it) => (isObject(it) ? { ...it, email } : it));
  return Array.isArray(to) && to.length > 0 ? to.map((each: unknown) => ({ ...data, email: each })) : [data];
}

function signalsOf(part: Payload, event: Payload, common: Pick<Signal, 'eventKey' | 'confidence'>): readonly Signal[] {
  const type = textField(event, 'type');
  const kind = kindOf(part, type);
  if (kind === undefined && typeof part.email !== 'string') return []; // domain.updated
  const email = parseMailbox(part.email);
  const signal: Signal = {
    ...common,
    kind: TEST_ADDRESS.test(email) ? 'test' : (kind ?? 'ignored'),
    scope: 'all',
    email,
    occurredAt: isoTime(event.created_at, 'created_at'),
  };
  if (type !== TOPICS_UPDATED) return [signal];
  const list = textField(part, 'id');
  return [{ ...signal, scope: { list }, eventKey: `${common.eventKey} ${list}`, confidence: 'exact' }];
}

function kindOf({ bounce, origin, subscription, unsubscribed }: Payload, type: string): Kind | undefined {
  const detail = (isObject(bounce) ? bounce.type : undefined) ?? origin ?? subscription ?? unsubscribed;
  return closestRow(KINDS, [type, typeof detail === 'string' || detail === true ? `${detail}` : undefined]);
}
