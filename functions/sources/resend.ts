import type { Kind, Signal } from '../core/model/signal.ts';
import { closestRow } from '../core/payload/closest-row.ts';
import type { Payload } from '../core/payload/fields.ts';
import { arrayOf, isObject, jsonOf, objectOf, optionalText, partOf, textField } from '../core/payload/fields.ts';
import type { RawRequest } from '../core/payload/http.ts';
import { hardBounceKind } from '../core/readers/sender-bounce.ts';
import { readEvent } from '../core/readers/sender-event.ts';
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
    const parts = partsOf(textField(event, 'type').toLowerCase(), partOf(event, 'data'));
    return readEach(parts, (part) => signalsOf(part, event, { request, isOneOfMany: parts.length > 1 }));
  },
};

const TOPICS_UPDATED = 'contact.topics.updated';

/** By type, and by the detail that `detailOf` finds in the event. */
const KINDS: Readonly<Record<string, Kind>> = {
  'email.complained': 'complaint',
  'email.bounced': 'hard_bounce', // documented as "permanently rejected", but `bounce.type` may differ:
  'email.bounced transient': 'soft_bounce',
  'email.bounced undetermined': 'soft_bounce',
  'email.suppressed': 'suppressed', // not sent because of an earlier event
  'suppression.added': 'suppressed',
  'suppression.added bounce': 'hard_bounce',
  'suppression.added complaint': 'complaint',
  'suppression.added manual': 'suppressed', // by a user of the account, in the dashboard or through the API
  'suppression.removed': 'resubscribe',
  'contact.updated true': 'opt_out', // the contact is unsubscribed from everything, whatever changed
  'contact.topics.updated opt_out': 'opt_out', // only the topics that changed are listed
  'contact.topics.updated opt_in': 'resubscribe',
};

/**
 * Permanent bounces by `bounce.subType`, which Resend takes from SES.
 * See https://docs.aws.amazon.com/ses/latest/dg/notification-contents.html#bounce-types
 */
const SUBTYPES: Readonly<Record<string, Kind>> = {
  suppressed: 'suppressed', // not sent because of an earlier event
  onaccountsuppressionlist: 'suppressed',
  contentrejected: 'soft_bounce', // the message was refused, not the address
  attachmentrejected: 'soft_bounce',
  messagetoolarge: 'soft_bounce',
  mailboxfull: 'soft_bounce',
};

/** Resend's test addresses, with optional labels: https://resend.com/docs/dashboard/emails/send-test-emails */
const TEST_ADDRESS = /^(?:delivered|bounced|complained|suppressed)(?:\+.*)?@resend\.dev$/;

/** Splits an event into one part for each topic of the contact, for each recipient of the mail, or for its only address. */
function partsOf(type: string, data: Payload): readonly unknown[] {
  const { email, to, topics } = data;
  if (type === TOPICS_UPDATED) return arrayOf(topics, 'topics').map((it) => (isObject(it) ? { ...it, email } : it));
  return Array.isArray(to) && to.length > 0 ? to.map((each: unknown) => ({ ...data, email: each })) : [data];
}

interface Context {
  readonly request: RawRequest;
  /** The mail had several recipients, and the event is about one of them. */
  readonly isOneOfMany: boolean;
}

function signalsOf(part: Payload, event: Payload, { request, isOneOfMany }: Context): readonly Signal[] {
  const type = textField(event, 'type').toLowerCase();
  const { id } = signedHeaders(request);
  const list = type === TOPICS_UPDATED ? textField(part, 'id') : undefined;
  const reported = {
    kind: kindOf(part, type),
    address: part.email,
    isTest: (email: string) => TEST_ADDRESS.test(email),
    times: [event.created_at],
  };
  if (list !== undefined) return readEvent({ ...reported, scope: { list }, id: `${id} ${list}` }, request);
  return readEvent({ ...reported, id, confidence: isOneOfMany ? 'ambiguous' : 'exact' }, request);
}

function kindOf(part: Payload, type: string): Kind | undefined {
  const kind = closestRow(KINDS, [type, detailOf(part)]);
  if (kind !== 'hard_bounce') return kind;
  const bounce = partOf(part, 'bounce');
  const subType = optionalText(bounce, 'subType');
  const isClassified = subType?.toLowerCase() === 'noemail';
  const reply = [bounce.diagnosticCode].flat(); // `message` is Resend's own explanation
  return closestRow(SUBTYPES, [subType]) ?? hardBounceKind({ reply, isClassified });
}

function detailOf(part: Payload): string | undefined {
  const { origin, subscription, unsubscribed } = part;
  const detail = partOf(part, 'bounce').type ?? origin ?? subscription ?? unsubscribed;
  return typeof detail === 'string' || detail === true ? `${detail}` : undefined;
}
