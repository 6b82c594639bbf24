import type { Kind } from '../core/model/signal.ts';
import { closestRow } from '../core/payload/closest-row.ts';
import type { Payload } from '../core/payload/fields.ts';
import { arrayOf, isObject, jsonOf, objectOf, optionalText, partOf, textField } from '../core/payload/fields.ts';
import { hardBounceKind } from '../core/readers/sender-bounce.ts';
import type { SenderEvent } from '../core/readers/sender-event.ts';
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
    const type = textField(event, 'type').toLowerCase();
    const { id } = signedHeaders(request);
    const { email, to = [], topics, ...data } = partOf(event, 'data');
    const read = (reported: Omit<SenderEvent, 'times'>) =>
      readEvent({ isTest, times: [event.created_at], ...reported }, request);
    if (type === 'contact.topics.updated')
      return readEach(arrayOf(topics, 'topics'), (topic) => {
        const list = textField(topic, 'id');
        return read({ kind: kindOf(type, topic), address: email, scope: { list }, id: `${id} ${list}` });
      });
    const recipients = [to].flat().map((address: unknown) => ({ address }));
    const confidence = recipients.length > 1 ? 'ambiguous' : 'exact'; // the event is about one of them
    return readEach(recipients.length > 0 ? recipients : [{ address: email }], ({ address }) =>
      read({ kind: kindOf(type, data), address, id, confidence }),
    );
  },
};

/**
 * By type, and by the details that `detailsOf` finds in the event. A bounce's `subType` is that of SES:
 * https://docs.aws.amazon.com/ses/latest/dg/notification-contents.html#bounce-types
 */
const KINDS: Readonly<Record<string, Kind>> = {
  'email.complained': 'complaint',
  'email.bounced': 'soft_bounce', // temporary, undetermined, or about the message or a full mailbox
  'email.bounced permanent general': 'hard_bounce', // but see kindOf
  'email.bounced permanent noemail': 'hard_bounce', // the same
  'email.bounced permanent suppressed': 'suppressed', // not sent because of an earlier event
  'email.bounced permanent onaccountsuppressionlist': 'suppressed',
  'email.suppressed': 'suppressed', // not sent because of an earlier event
  'suppression.added': 'suppressed', // also by a user of the account
  'suppression.added bounce': 'hard_bounce',
  'suppression.added complaint': 'complaint',
  'suppression.removed': 'resubscribe',
  'contact.updated true': 'opt_out', // the contact is unsubscribed from everything, whatever changed
  'contact.topics.updated opt_out': 'opt_out', // only the topics that changed are listed
  'contact.topics.updated opt_in': 'resubscribe',
};

/** Resend's test addresses, with optional labels: https://resend.com/docs/dashboard/emails/send-test-emails */
const TEST_ADDRESS = /^(?:delivered|bounced|complained|suppressed)(?:\+.*)?@resend\.dev$/;
const isTest = (email: string): boolean => TEST_ADDRESS.test(email);

/** `bounce.message` is Resend's own explanation. */
function kindOf(type: string, part: Payload): Kind | undefined {
  const details = detailsOf(part);
  const kind = closestRow(KINDS, [type, ...details]);
  const reply = [partOf(part, 'bounce').diagnosticCode].flat();
  const isClassified = details.at(-1)?.toLowerCase() === 'noemail';
  return kind === 'hard_bounce' ? hardBounceKind({ reply, isClassified }) : kind;
}

/** A bounce is documented as "permanently rejected", but its type may differ. */
function detailsOf({ bounce, origin, subscription, unsubscribed }: Payload): readonly string[] {
  if (!isObject(bounce)) return [String(origin ?? subscription ?? unsubscribed ?? 'permanent'), 'general'];
  return [optionalText(bounce, 'type') ?? 'permanent', optionalText(bounce, 'subType') ?? 'general'];
}
