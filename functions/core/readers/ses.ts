import { parseMailbox } from '../model/email-address.ts';
import { Unreadable } from '../model/errors.ts';
import type { Signal } from '../model/signal.ts';
import type { Payload } from '../payload/fields.ts';
import { arrayOf, isObject, jsonOf, objectOf, optionalText, rowOf, textField } from '../payload/fields.ts';
import type { Reading } from '../verify/source.ts';
import { readEach } from '../verify/source.ts';
import { sesEventOf } from './ses-event.ts';

/**
 * Reads one SES event: a feedback notification (`notificationType`), what event publishing publishes (`eventType`), or
 * the EventBridge event that holds it as its `detail`. The three give one bounce the same key. A recipient that cannot be
 * read never costs the others; throws Unreadable when the event itself cannot be read.
 * https://docs.aws.amazon.com/ses/latest/dg/event-publishing-retrieving-sns-contents.html
 */
export function readSesEvent(envelope: Payload): Reading {
  const event = isObject(envelope.detail) ? envelope.detail : envelope;
  const word = rowOf(DETAIL_TYPES, optionalText(envelope, 'detail-type')) ?? wordOf(event);
  const { recipients, said } = sesEventOf(event, word);
  return readEach(recipients, ({ emailAddress }) => {
    const email = parseMailbox(emailAddress); // without a delivery report it is the mail's `To`, name and all
    const isTest = email.endsWith(SIMULATOR);
    return said.map(({ kind, eventKey, ...rest }) => ({
      ...rest,
      email,
      kind: isTest ? 'test' : kind,
      eventKey: `${eventKey} ${email}`,
    }));
  });
}

/** https://docs.aws.amazon.com/eventbridge/latest/ref/events-ref-ses.html */
const DETAIL_TYPES: Readonly<Record<string, string>> = {
  'Email Bounced': 'Bounce',
  'Email Complaint Received': 'Complaint',
  'Email Subscribed': 'Subscription', // opt-outs as well
};

/** https://docs.aws.amazon.com/ses/latest/dg/send-an-email-from-console.html */
const SIMULATOR = '@simulator.amazonses.com';

/** The signals alone, for readers of many events. Throws Unreadable when no recipient of the event can be read. */
export function signalsOfSesEvent(event: Payload): readonly Signal[] {
  const { signals, unreadable } = readSesEvent(event);
  if (signals.length === 0 && unreadable.length > 0) throw new Unreadable(unreadable.join('; '));
  return signals;
}

/** Reads what SES has an SNS topic say: an event as JSON, or its one notice that it may speak there. */
export function readSesMessage(message: string): Reading {
  if (message.startsWith(NOTICE)) return { signals: [], unreadable: [] };
  return readSesEvent(objectOf(jsonOf(Buffer.from(message)), 'the message'));
}

const NOTICE = 'Successfully validated SNS topic';

/**
 * Reads the event that SNS invokes a function with. Its `Records[].Sns` spell some names otherwise than over HTTP
 * (`SigningCertUrl`, `UnsubscribeUrl`); none of these is read, since IAM proves the caller.
 * https://docs.aws.amazon.com/lambda/latest/dg/with-sns.html
 */
export function readSesRecords(event: Payload): Reading {
  const within: string[] = [];
  const { signals, unreadable } = readEach(arrayOf(event.Records, 'Records'), (record) => {
    const reading = readSesMessage(textField(objectOf(record.Sns, 'Sns'), 'Message'));
    within.push(...reading.unreadable);
    return reading.signals;
  });
  return { signals, unreadable: [...unreadable, ...within] };
}

function wordOf(event: Payload): string {
  return optionalText(event, 'eventType') ?? optionalText(event, 'notificationType') ?? '';
}
