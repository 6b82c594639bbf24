import { Unreadable } from '../model/errors.ts';
import type { Kind, Recipient, Signal } from '../model/signal.ts';
import type { Payload } from '../payload/fields.ts';
import { arrayOf, isObject, isoTime, objectOf, optionalText, partOf, rowOf, textField } from '../payload/fields.ts';

/** What an event says, and of whom: of every recipient (`{ emailAddress }`, not yet read) all of it. */
export interface SesEvent {
  readonly recipients: readonly unknown[];
  /** The key is the event's; the recipient is no part of it yet. */
  readonly said: readonly Omit<Signal, keyof Recipient>[];
}

/** What an SES event of this type says. Throws Unreadable when it is not in the documented form. */
export function sesEventOf(event: Payload, word: string): SesEvent {
  return (rowOf(TELLERS, word) ?? nothingAsked)(event, word);
}

const TELLERS: Readonly<Record<string, (event: Payload, word: string) => SesEvent>> = {
  Bounce: bounced,
  Complaint: complained,
  Subscription: preferencesChanged,
};

/** By `bounceType`; what the remote server says of a recipient (`action`, `status`) may differ. */
const BOUNCES: Readonly<Record<string, Kind>> = {
  Permanent: 'hard_bounce',
  Transient: 'soft_bounce', // out-of-office replies among them
  Undetermined: 'soft_bounce',
};

/** By the sub-type of bounces and complaints: SES did not send, because of something that it knew before. */
const SUPPRESSED: readonly unknown[] = [
  'Suppressed',
  'OnAccountSuppressionList',
  'OnTenantSuppressionList',
  'EmailValidationSuppressed',
  'UnsubscribedRecipient',
];

/** By `complaintFeedbackType`: the contrary of a complaint, and a mail server's report. */
const NO_COMPLAINTS: readonly unknown[] = ['not-spam', 'auth-failure'];

function bounced(event: Payload): SesEvent {
  const bounce = objectOf(event.bounce, 'bounce');
  const kind = rowOf(BOUNCES, textField(bounce, 'bounceType')) ?? 'ignored';
  return {
    recipients: arrayOf(bounce.bouncedRecipients, 'bouncedRecipients'),
    said: [{ ...feedback(bounce), kind: SUPPRESSED.includes(bounce.bounceSubType) ? 'suppressed' : kind }],
  };
}

/** SES names every reader at one provider, and one of them complained. */
function complained(event: Payload): SesEvent {
  const complaint = objectOf(event.complaint, 'complaint');
  const recipients = arrayOf(complaint.complainedRecipients, 'complainedRecipients');
  const feedbackType = optionalText(complaint, 'complaintFeedbackType')?.toLowerCase();
  const kind = NO_COMPLAINTS.includes(feedbackType) ? 'ignored' : 'complaint';
  return {
    recipients,
    said: [
      {
        ...feedback(complaint),
        kind: SUPPRESSED.includes(complaint.complaintSubType) ? 'suppressed' : kind,
        confidence: recipients.length > 1 ? 'ambiguous' : 'exact',
      },
    ],
  };
}

/** A bounce or complaint has the same id however often and by whichever way SES tells of it. */
function feedback(part: Payload): Omit<Signal, keyof Recipient | 'kind'> {
  const eventKey = textField(part, 'feedbackId');
  return { scope: 'all', eventKey, occurredAt: timeOf(part.timestamp), confidence: 'exact' };
}

/** The event names nobody: it is of the mail's reader, and a mail with list management has one. */
function preferencesChanged(event: Payload): SesEvent {
  const subscription = objectOf(event.subscription, 'subscription');
  const mail = objectOf(event.mail, 'mail');
  const recipients = readersOf(mail);
  if (recipients.length !== 1) throw new Unreadable('mail.destination is not one address');
  const now = objectOf(subscription.newTopicPreferences, 'newTopicPreferences');
  const eventKey = `${textField(mail, 'messageId')} ${textField(subscription, 'timestamp')}`;
  const change = { eventKey, occurredAt: timeOf(subscription.timestamp), confidence: 'exact' as const };
  if (now.unsubscribeAll === true) return { recipients, said: [{ ...change, kind: 'opt_out', scope: 'all' }] };
  const before = topicsLeft(subscription.oldTopicPreferences);
  const left = topicsLeft(now).filter((topic) => !before.includes(topic));
  if (left.length === 0) return { recipients, said: [{ ...change, kind: 'resubscribe', scope: 'all' }] };
  return {
    recipients,
    said: left.map((list) => ({ ...change, eventKey: `${eventKey} ${list}`, kind: 'opt_out', scope: { list } })),
  };
}

function topicsLeft(preferences: unknown): readonly string[] {
  const topics = isObject(preferences) ? preferences.topicSubscriptionStatus : undefined;
  const statuses = Array.isArray(topics) ? topics.filter(isObject) : [];
  return statuses.flatMap((topic) => (topic.subscriptionStatus === 'OptOut' ? [textField(topic, 'topicName')] : []));
}

/** Deliveries, opens, delays and the like. SES's word that a topic is set up (`AmazonSnsSubscriptionSucceeded`) has no mail. */
function nothingAsked(event: Payload, word: string): SesEvent {
  const mail = partOf(event, 'mail');
  const recipients = readersOf(mail);
  if (recipients.length === 0) return { recipients, said: [] };
  const part = event[word.charAt(0).toLowerCase() + word.slice(1)];
  const timestamp = isObject(part) && part.timestamp !== undefined ? part.timestamp : mail.timestamp;
  const occurredAt = timeOf(timestamp);
  const eventKey = `${textField(mail, 'messageId')} ${word} ${occurredAt.toISOString()}`;
  return { recipients, said: [{ kind: 'ignored', scope: 'all', eventKey, occurredAt, confidence: 'exact' }] };
}

function readersOf({ destination }: Payload): readonly unknown[] {
  return Array.isArray(destination) ? destination.map((emailAddress) => ({ emailAddress })) : [];
}

/** ISO 8601, in one of Amazon's examples with a blank before the offset. */
function timeOf(timestamp: unknown): Date {
  return isoTime(typeof timestamp === 'string' ? timestamp.replace(' ', '') : timestamp, 'timestamp');
}
