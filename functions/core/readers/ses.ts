import { parseMailbox } from '../model/email-address.ts';
import { Unreadable } from '../model/errors.ts';
import type { Kind, Recipient, Signal } from '../model/signal.ts';
import type { Payload } from '../payload/fields.ts';
import {
  arrayOf,
  isObject,
  isoTime,
  jsonOf,
  objectOf,
  optionalText,
  partOf,
  rowOf,
  textField,
} from '../payload/fields.ts';
import type { Reading } from '../verify/source.ts';
import { readEach } from '../verify/source.ts';

/**
 * Reads one SES event in any of its three forms: a feedback notification (`notificationType`), an event of event publishing
 * (`eventType`), or an EventBridge event that holds one as its `detail`. The same bounce has the same key in all three. A
 * recipient that cannot be read does not affect the others.
 *
 * @throws {Unreadable} if the event itself does not have the documented form.
 * @see https://docs.aws.amazon.com/ses/latest/dg/event-publishing-retrieving-sns-contents.html
 */
export function readSesEvent(envelope: Payload): Reading {
  const event = isObject(envelope.detail) ? envelope.detail : envelope;
  const type = rowOf(DETAIL_TYPES, optionalText(envelope, 'detail-type')) ?? typeOf(event);
  const { recipients, signals } = (rowOf(EVENTS, type) ?? ignored)(event, type);
  return readEach(recipients, ({ emailAddress }) => {
    const email = parseMailbox(emailAddress); // without a delivery report this is the `To` header, display name included
    const isTest = email.endsWith(SIMULATOR);
    return signals.map(({ kind, eventKey, ...rest }) => ({
      ...rest,
      email,
      kind: isTest ? 'test' : kind,
      eventKey: `${eventKey} ${email}`,
    }));
  });
}

/** Reads one SES event and returns its signals. Throws Unreadable if none of its recipients can be read. */
export function signalsOfSesEvent(event: Payload): readonly Signal[] {
  const { signals, unreadable } = readSesEvent(event);
  if (signals.length === 0 && unreadable.length > 0) throw new Unreadable(unreadable.join('; '));
  return signals;
}

/** Reads a message that SES publishes to an SNS topic: an event as JSON, or the notice that the topic is set up. */
export function readSesMessage(message: string): Reading {
  if (message.startsWith(TOPIC_VALIDATED)) return { signals: [], unreadable: [] };
  return readSesEvent(objectOf(jsonOf(Buffer.from(message)), 'the message'));
}

/**
 * Reads the event with which SNS invokes a Lambda function. `Records[].Sns` names some fields differently than SNS does over
 * HTTP (`SigningCertUrl`, `UnsubscribeUrl`). Those fields are not used, because IAM authenticates the caller.
 *
 * @see https://docs.aws.amazon.com/lambda/latest/dg/with-sns.html
 */
export function readSesRecords(event: Payload): Reading {
  const unreadableRecipients: string[] = [];
  const { signals, unreadable } = readEach(arrayOf(event.Records, 'Records'), (record) => {
    const reading = readSesMessage(textField(objectOf(record.Sns, 'Sns'), 'Message'));
    unreadableRecipients.push(...reading.unreadable);
    return reading.signals;
  });
  return { signals, unreadable: [...unreadable, ...unreadableRecipients] };
}

/** @see https://docs.aws.amazon.com/eventbridge/latest/ref/events-ref-ses.html */
const DETAIL_TYPES: Readonly<Record<string, string>> = {
  'Email Bounced': 'Bounce',
  'Email Complaint Received': 'Complaint',
  'Email Subscribed': 'Subscription', // opt-outs as well
};

/** @see https://docs.aws.amazon.com/ses/latest/dg/send-an-email-from-console.html */
const SIMULATOR = '@simulator.amazonses.com';

const TOPIC_VALIDATED = 'Successfully validated SNS topic';

function typeOf(event: Payload): string {
  return optionalText(event, 'eventType') ?? optionalText(event, 'notificationType') ?? '';
}

/** The recipients of an event (`{ emailAddress }`, not parsed yet), and the signals that apply to each of them. */
interface SesEvent {
  readonly recipients: readonly unknown[];
  /** The event key does not include the recipient yet. */
  readonly signals: readonly Omit<Signal, keyof Recipient>[];
}

const EVENTS: Readonly<Record<string, (event: Payload, type: string) => SesEvent>> = {
  Bounce: bounced,
  Complaint: complained,
  Subscription: preferencesChanged,
};

/** By `bounceType`. The remote server's answer about a recipient (`action`, `status`) may differ and is not used. */
const BOUNCES: Readonly<Record<string, Kind>> = {
  Permanent: 'hard_bounce',
  Transient: 'soft_bounce', // out-of-office replies too
  Undetermined: 'soft_bounce',
};

/** Sub-types of bounces and complaints for mail that SES did not send, because the address was already suppressed. */
const SUPPRESSED: readonly unknown[] = [
  'Suppressed',
  'OnAccountSuppressionList',
  'OnTenantSuppressionList',
  'EmailValidationSuppressed',
  'UnsubscribedRecipient',
];

/** Values of `complaintFeedbackType` that are not complaints: "not spam", and reports by mail servers. */
const NOT_COMPLAINTS: readonly unknown[] = ['not-spam', 'auth-failure'];

function bounced(event: Payload): SesEvent {
  const bounce = objectOf(event.bounce, 'bounce');
  const kind = rowOf(BOUNCES, textField(bounce, 'bounceType')) ?? 'ignored';
  return {
    recipients: arrayOf(bounce.bouncedRecipients, 'bouncedRecipients'),
    signals: [{ ...feedback(bounce), kind: SUPPRESSED.includes(bounce.bounceSubType) ? 'suppressed' : kind }],
  };
}

/** SES lists every recipient at the complaining mailbox provider, although only one of them complained. */
function complained(event: Payload): SesEvent {
  const complaint = objectOf(event.complaint, 'complaint');
  const recipients = arrayOf(complaint.complainedRecipients, 'complainedRecipients');
  const feedbackType = optionalText(complaint, 'complaintFeedbackType')?.toLowerCase();
  const kind = NOT_COMPLAINTS.includes(feedbackType) ? 'ignored' : 'complaint';
  return {
    recipients,
    signals: [
      {
        ...feedback(complaint),
        kind: SUPPRESSED.includes(complaint.complaintSubType) ? 'suppressed' : kind,
        confidence: recipients.length > 1 ? 'ambiguous' : 'exact',
      },
    ],
  };
}

/** A bounce or complaint keeps its id when SES repeats it, and in every form in which SES publishes it. */
function feedback(part: Payload): Omit<Signal, keyof Recipient | 'kind'> {
  const eventKey = textField(part, 'feedbackId');
  return { scope: 'all', eventKey, occurredAt: timeOf(part.timestamp), confidence: 'exact' };
}

/** The event does not name the recipient. A mail with list management has exactly one, in `mail.destination`. */
function preferencesChanged(event: Payload): SesEvent {
  const subscription = objectOf(event.subscription, 'subscription');
  const mail = objectOf(event.mail, 'mail');
  const recipients = recipientsOf(mail);
  if (recipients.length !== 1) throw new Unreadable('mail.destination is not a single address');
  const now = objectOf(subscription.newTopicPreferences, 'newTopicPreferences');
  const eventKey = `${textField(mail, 'messageId')} ${textField(subscription, 'timestamp')}`;
  const change = { eventKey, occurredAt: timeOf(subscription.timestamp), confidence: 'exact' as const };
  if (now.unsubscribeAll === true) return { recipients, signals: [{ ...change, kind: 'opt_out', scope: 'all' }] };
  const before = optedOutTopics(subscription.oldTopicPreferences);
  const topics = optedOutTopics(now).filter((topic) => !before.includes(topic));
  if (topics.length === 0) return { recipients, signals: [{ ...change, kind: 'resubscribe', scope: 'all' }] };
  return {
    recipients,
    signals: topics.map((list) => ({ ...change, eventKey: `${eventKey} ${list}`, kind: 'opt_out', scope: { list } })),
  };
}

function optedOutTopics(preferences: unknown): readonly string[] {
  const topics = isObject(preferences) ? preferences.topicSubscriptionStatus : undefined;
  const statuses = Array.isArray(topics) ? topics.filter(isObject) : [];
  return statuses.flatMap((topic) => (topic.subscriptionStatus === 'OptOut' ? [textField(topic, 'topicName')] : []));
}

/** Deliveries, opens, delays and so on. The notice that a topic is set up (`AmazonSnsSubscriptionSucceeded`) has no mail. */
function ignored(event: Payload, type: string): SesEvent {
  const mail = partOf(event, 'mail');
  const recipients = recipientsOf(mail);
  if (recipients.length === 0) return { recipients, signals: [] };
  const part = event[type.charAt(0).toLowerCase() + type.slice(1)];
  const timestamp = isObject(part) && part.timestamp !== undefined ? part.timestamp : mail.timestamp;
  const occurredAt = timeOf(timestamp);
  const eventKey = `${textField(mail, 'messageId')} ${type} ${occurredAt.toISOString()}`;
  return { recipients, signals: [{ kind: 'ignored', scope: 'all', eventKey, occurredAt, confidence: 'exact' }] };
}

function recipientsOf({ destination }: Payload): readonly unknown[] {
  return Array.isArray(destination) ? destination.map((emailAddress) => ({ emailAddress })) : [];
}

/** ISO 8601. One of Amazon's examples has a space before the offset. */
function timeOf(timestamp: unknown): Date {
  return isoTime(typeof timestamp === 'string' ? timestamp.replace(' ', '') : timestamp, 'timestamp');
}
