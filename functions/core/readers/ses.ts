import { Unreadable } from '../model/errors.ts';
import type { Kind, Signal } from '../model/signal.ts';
import { closestRow } from '../payload/closest-row.ts';
import type { Payload } from '../payload/fields.ts';
import { arrayOf, isObject, jsonOf, objectOf, optionalText, partOf, textField } from '../payload/fields.ts';
import type { Reading } from '../verify/source.ts';
import { readEach } from '../verify/source.ts';
import { hardBounceKind } from './sender-bounce.ts';
import type { Arrived, SenderEvent } from './sender-event.ts';
import { readEvent } from './sender-event.ts';

/**
 * Reads one SES event in any of its three forms: a feedback notification (`notificationType`), an event of event publishing
 * (`eventType`), or an EventBridge event that holds one as its `detail`. The same bounce has the same key in all three. A
 * recipient that cannot be read does not affect the others.
 *
 * @throws {Unreadable} if the event itself does not have the documented form.
 * @see https://docs.aws.amazon.com/ses/latest/dg/event-publishing-retrieving-sns-contents.html
 */
export function readSesEvent(envelope: Payload, arrived: Arrived): Reading {
  const event = isObject(envelope.detail) ? envelope.detail : envelope;
  const type = closestRow(DETAIL_TYPES, [optionalText(envelope, 'detail-type')]) ?? typeOf(event);
  const { recipients, signals } = (closestRow(EVENTS, [type]) ?? ignored)(event, type);
  return readEach(recipients, (recipient) =>
    signals.flatMap(({ key, ...rest }) => {
      const kind = rest.kind === 'hard_bounce' ? permanentKind(recipient, event) : rest.kind;
      const address = recipient.emailAddress; // without a delivery report this is the `To` header, display name included
      const read = readEvent({ ...rest, kind, address, isTest, id: key }, arrived);
      return read.map((signal) => ({ ...signal, eventKey: `${key} ${signal.email}` }));
    }),
  );
}

/** Reads one SES event and returns its signals. Throws Unreadable if none of its recipients can be read. */
export function signalsOfSesEvent(event: Payload, arrived: Arrived): readonly Signal[] {
  const { signals, unreadable } = readSesEvent(event, arrived);
  if (signals.length === 0 && unreadable.length > 0) throw new Unreadable(unreadable.join('; '));
  return signals;
}

/** Reads a message that SES publishes to an SNS topic: an event as JSON, or the notice that the topic is set up. */
export function readSesMessage(message: string, arrived: Arrived): Reading {
  if (message.startsWith(TOPIC_VALIDATED)) return { signals: [], unreadable: [] };
  return readSesEvent(objectOf(jsonOf(Buffer.from(message)), 'the message'), arrived);
}

/**
 * Reads the event with which SNS invokes a Lambda function. `Records[].Sns` names some fields differently than SNS does over
 * HTTP (`SigningCertUrl`, `UnsubscribeUrl`). Those fields are not used, because IAM authenticates the caller.
 *
 * @see https://docs.aws.amazon.com/lambda/latest/dg/with-sns.html
 */
export function readSesRecords(event: Payload, arrived: Arrived): Reading {
  const unreadableRecipients: (readonly string[])[] = [];
  const { signals, unreadable } = readEach(arrayOf(event.Records, 'Records'), (record) => {
    const reading = readSesMessage(textField(objectOf(record.Sns, 'Sns'), 'Message'), arrived);
    unreadableRecipients.push(reading.unreadable);
    return reading.signals;
  });
  return { signals, unreadable: [...unreadable, ...unreadableRecipients.flat()] };
}

/** By `detail-type`. @see https://docs.aws.amazon.com/eventbridge/latest/ref/events-ref-ses.html */
const DETAIL_TYPES: Readonly<Record<string, string>> = {
  'email bounced': 'Bounce',
  'email complaint received': 'Complaint',
  'email subscribed': 'Subscription', // opt-outs as well
};

/** @see https://docs.aws.amazon.com/ses/latest/dg/send-an-email-from-console.html */
const isTest = (email: string): boolean => email.endsWith('@simulator.amazonses.com');

const TOPIC_VALIDATED = 'Successfully validated SNS topic';

function typeOf(event: Payload): string {
  return optionalText(event, 'eventType') ?? optionalText(event, 'notificationType') ?? '';
}

/** The recipients of an event (`{ emailAddress }`, not parsed yet), and the signals that apply to each of them. */
interface SesEvent {
  readonly recipients: readonly unknown[];
  readonly signals: readonly (Pick<SenderEvent, 'kind' | 'scope' | 'times' | 'confidence'> & {
    /** The event key without the recipient. */
    readonly key: string;
  })[];
}

const EVENTS: Readonly<Record<string, (event: Payload, type: string) => SesEvent>> = {
  bounce: bounced,
  complaint: complained,
  subscription: preferencesChanged,
};

/** By `bounceType` and `bounceSubType`. The recipient's `action` is not used: Amazon's samples have `delayed` for a permanent bounce. */
const BOUNCES: Readonly<Record<string, Kind>> = {
  permanent: 'hard_bounce', // but see permanentKind
  'permanent suppressed': 'suppressed', // not sent because of an earlier event, as are the next four
  'permanent onaccountsuppressionlist': 'suppressed',
  'permanent ontenantsuppressionlist': 'suppressed',
  'permanent emailvalidationsuppressed': 'suppressed',
  'permanent unsubscribedrecipient': 'suppressed',
  transient: 'soft_bounce', // out-of-office replies too
  undetermined: 'soft_bounce',
};

/** By `complaintFeedbackType` (RFC 5965), or by `complaintSubType` if SES did not send the mail. */
const COMPLAINTS: Readonly<Record<string, Kind>> = {
  'not-spam': 'ignored',
  'auth-failure': 'ignored', // reported by a mail server
  virus: 'soft_bounce', // reported by a scanner, not by a person
  onaccountsuppressionlist: 'suppressed',
  ontenantsuppressionlist: 'suppressed',
};

function bounced(event: Payload): SesEvent {
  const bounce = objectOf(event.bounce, 'bounce');
  const words = [textField(bounce, 'bounceType'), optionalText(bounce, 'bounceSubType')];
  return {
    recipients: arrayOf(bounce.bouncedRecipients, 'bouncedRecipients'),
    signals: [{ ...feedback(bounce, event), kind: closestRow(BOUNCES, words) }],
  };
}

/**
 * `Permanent` means that the receiving server refused for good, for whatever reason. `NoEmail` means that the address is gone.
 * Amazon's samples have a `status` of 4.0.0 for a permanent bounce, which is not used.
 */
function permanentKind({ status, diagnosticCode }: Payload, event: Payload): Kind {
  const isClassified = optionalText(partOf(event, 'bounce'), 'bounceSubType')?.toLowerCase() === 'noemail';
  const permanent = optionalText({ status }, 'status')?.match(/^5\.\d+\.\d+/)?.[0];
  return hardBounceKind({ status: permanent, reply: [diagnosticCode], isClassified });
}

/** SES lists every recipient at the complaining mailbox provider, although only one of them complained. */
function complained(event: Payload): SesEvent {
  const complaint = objectOf(event.complaint, 'complaint');
  const recipients = arrayOf(complaint.complainedRecipients, 'complainedRecipients');
  const words = [optionalText(complaint, 'complaintSubType'), optionalText(complaint, 'complaintFeedbackType')];
  const kind = words.map((word) => closestRow(COMPLAINTS, [word])).find((row) => row !== undefined) ?? 'complaint';
  const confidence = recipients.length > 1 ? 'ambiguous' : 'exact';
  return { recipients, signals: [{ ...feedback(complaint, event), kind, confidence }] };
}

/** A bounce or complaint keeps its id when SES repeats it, and in every form in which SES publishes it. */
function feedback(part: Payload, event: Payload): Pick<SesEvent['signals'][number], 'key' | 'times'> {
  const id = optionalText(part, 'feedbackId') ?? optionalText(partOf(event, 'mail'), 'messageId') ?? '';
  return { key: id, times: [part.timestamp] };
}

/** The event does not name the recipient. A mail with list management has exactly one, in `mail.destination`. */
function preferencesChanged(event: Payload): SesEvent {
  const subscription = objectOf(event.subscription, 'subscription');
  const mail = objectOf(event.mail, 'mail');
  const recipients = recipientsOf(mail);
  const now = objectOf(subscription.newTopicPreferences, 'newTopicPreferences');
  const key = [mail.messageId, subscription.timestamp].map((part) => optionalText({ part }, 'part')).join(' ');
  const change = { key, times: [subscription.timestamp] };
  const topics = leftTopics(now, subscription.oldTopicPreferences);
  if (now.unsubscribeAll !== true && topics.length === 0)
    return { recipients, signals: [{ ...change, kind: 'resubscribe' }] };
  if (recipients.length !== 1) throw new Unreadable('mail.destination is not a single address');
  if (now.unsubscribeAll === true) return { recipients, signals: [{ ...change, kind: 'opt_out' }] };
  return {
    recipients,
    signals: topics.map((list) => ({ ...change, key: `${key} ${list}`, kind: 'opt_out', scope: { list } })),
  };
}

/** The topics that the recipient left. Without the old preferences it is unknown what changed, unless every topic is off. */
function leftTopics(now: Payload, old: unknown): readonly string[] {
  const off = topicsOf(now, 'OptOut');
  if (!isObject(old)) return topicsOf(now, 'OptIn').length === 0 ? off : [];
  const before = topicsOf(old, 'OptOut');
  return off.filter((topic) => !before.includes(topic));
}

function topicsOf({ topicSubscriptionStatus: topics }: Payload, status: 'OptIn' | 'OptOut'): readonly string[] {
  const statuses = Array.isArray(topics) ? topics.filter(isObject) : [];
  const has = (topic: Payload) => optionalText(topic, 'subscriptionStatus')?.toLowerCase() === status.toLowerCase();
  return statuses.filter(has).map((topic) => textField(topic, 'topicName'));
}

/** Deliveries, opens, delays and so on. The notice that a topic is set up (`AmazonSnsSubscriptionSucceeded`) has no mail. */
function ignored(event: Payload, type: string): SesEvent {
  const mail = partOf(event, 'mail');
  const times = [partOf(event, type.charAt(0).toLowerCase() + type.slice(1)).timestamp, mail.timestamp];
  const time = times.map((part) => optionalText({ part }, 'part')).find((each) => each !== undefined);
  const key = [optionalText(mail, 'messageId'), type, time].join(' ');
  return { recipients: recipientsOf(mail), signals: [{ kind: 'ignored', key, times }] };
}

function recipientsOf({ destination }: Payload): readonly unknown[] {
  return Array.isArray(destination) ? destination.map((emailAddress) => ({ emailAddress })) : [];
}
