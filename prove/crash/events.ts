import { randomUUID } from 'node:crypto';
import process from 'node:process';
import { putEvent } from '../../local/aws/objects.ts';
import { eventOf } from '../../local/event-source.ts';
import { bounceSample, MAIL_FOLDER } from '../../local/mail.ts';
import { sampleToken } from '../../local/samples.ts';
import type { Scenario, ScenarioContext } from './scenario.ts';
import { difference } from './scenario.ts';

/** An asynchronous invocation by AWS. */
interface Invocation {
  readonly name: string;
  readonly function: 'events' | 'mailbox';
  /** The number of recipients in the event. */
  readonly recipients: number;
  readonly createEvent: (emails: readonly string[]) => unknown;
  /** Returns the event of the retry after a failure. */
  readonly retryEvent: (event: unknown) => unknown;
}

const unchanged = (event: unknown) => event;
/** The event as an operator redrives it from the dead-letter queue after three failures. */
const redriven = (event: unknown) => eventOf([{ MessageId: 'm', Body: JSON.stringify(event) }]);

const INVOCATIONS: readonly Invocation[] = [
  { name: 'an opt-out request', function: 'events', recipients: 1, createEvent: request, retryEvent: redriven },
  // SQS takes ten messages per call, so the function may be killed between two calls.
  { name: 'an SES event of eleven', function: 'events', recipients: 11, createEvent: bounce, retryEvent: unchanged },
  { name: 'two SNS messages', function: 'events', recipients: 2, createEvent: messages, retryEvent: redriven },
  { name: 'two stored emails', function: 'mailbox', recipients: 2, createEvent: storedEmails, retryEvent: unchanged },
];

/** Scenarios of events and emails. */
export const events = ({ survivors, writesOf }: ScenarioContext): readonly Scenario[] =>
  INVOCATIONS.map(({ name, recipients, createEvent, retryEvent, ...row }) => ({
    name,
    function: row.function,
    async begin(run) {
      const emails = Array.from({ length: recipients }, () => `${randomUUID()}-${run}@example.com`);
      const event = await createEvent(emails);
      return {
        event,
        async finish(result) {
          // AWS waits before it retries, so what was queued has been delivered by then.
          await survivors.deliverAll();
          if (!result) await survivors.run(row.function, retryEvent(event));
          await survivors.deliverAll();
          return difference(
            emails.map(() => 1),
            await Promise.all(emails.map(writesOf)),
          );
        },
      };
    },
  }));

function request([email]: readonly string[]) {
  return eventBridgeEvent('shop', 'Opt-Out Requested', { version: 1, email });
}

function bounce(emails: readonly string[]) {
  return eventBridgeEvent('aws.ses', 'Email Bounced', bounceOf(emails));
}

function eventBridgeEvent(source: string, type: string, detail: object) {
  return { id: randomUUID(), source, 'detail-type': type, time: new Date().toISOString(), detail };
}

function messages(emails: readonly string[]) {
  const bodies = emails.map((email) => JSON.stringify(bounceOf([email])));
  const TopicArn = process.env.SES_TOPIC_ARN;
  return { Records: bodies.map((Message) => ({ EventSource: 'aws:sns', Sns: { TopicArn, Message } })) };
}

function bounceOf(emails: readonly string[]) {
  const bouncedRecipients = emails.map((emailAddress) => ({ emailAddress }));
  const at = { feedbackId: randomUUID(), timestamp: new Date().toISOString() };
  return { eventType: 'Bounce', bounce: { bounceType: 'Permanent', bouncedRecipients, ...at } };
}

/** An unsubscribe request and a bounce. */
async function storedEmails([unsubscribing = '', bounced = '']: readonly string[]) {
  const now = new Date();
  const unsubscribe = `From: another.sender@example.org\r\nSubject: ${await sampleToken(unsubscribing)}\r\n\r\n`;
  const events = [await store(unsubscribe, now), await store((await bounceSample(bounced, now)).body, now)];
  return { Records: events.flatMap(({ Records }) => Records) };
}

/** Stores an email outside of the prefix that the stack watches, and returns its S3 event. */
async function store(body: string, now: Date) {
  const put = { bucket: MAIL_FOLDER.bucket, key: `crash/${randomUUID()}` };
  const { ok } = await fetch(`${process.env.AWS_ENDPOINT_URL_S3}/${put.bucket}/${put.key}`, { method: 'PUT', body });
  if (!ok) throw new Error('the email could not be stored');
  return putEvent(put, now);
}
