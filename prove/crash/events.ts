import { randomUUID } from 'node:crypto';
import process from 'node:process';
import { putEvent } from '../../local/aws/objects.ts';
import { eventOf } from '../../local/event-source.ts';
import { bounceSample, MAIL_FOLDER } from '../../local/mail.ts';
import { sampleToken } from '../../local/samples.ts';
import type { CrashWay, Scene } from './ways.ts';
import { otherThan } from './ways.ts';

/** What AWS invokes without waiting for an answer. */
interface Invocation {
  readonly name: string;
  readonly function: 'events' | 'mailbox';
  /** About how many it is. */
  readonly people: number;
  readonly eventAbout: (emails: readonly string[]) => unknown;
  /** How it comes back when it did not end well. */
  readonly again: (event: unknown) => unknown;
}

const asItWas = (event: unknown) => event;
/** After three tries, by the hand of an operator. */
const fromTheDeadLetters = (event: unknown) => eventOf([{ MessageId: 'm', Body: JSON.stringify(event) }]);

const INVOCATIONS: readonly Invocation[] = [
  { name: 'a request of our own', function: 'events', people: 1, eventAbout: request, again: fromTheDeadLetters },
  // SQS takes ten at once: two calls, of which one may have been made.
  { name: 'an event of SES about eleven', function: 'events', people: 11, eventAbout: bounce, again: asItWas },
  { name: 'two messages of SNS', function: 'events', people: 2, eventAbout: messages, again: fromTheDeadLetters },
  { name: 'two stored mails', function: 'mailbox', people: 2, eventAbout: mails, again: asItWas },
];

export const events = ({ others, writesOf }: Scene): readonly CrashWay[] =>
  INVOCATIONS.map(({ name, people, eventAbout, again, ...row }) => ({
    name,
    function: row.function,
    async begin(turn) {
      const emails = Array.from({ length: people }, () => `${randomUUID()}-${turn}@example.com`);
      const event = await eventAbout(emails);
      return {
        event,
        async after(end) {
          // What it has sent is delivered by the time that AWS invokes it again.
          await others.deliverAll();
          if (!end) await others.run(row.function, again(event));
          await others.deliverAll();
          return otherThan(
            emails.map(() => 1),
            await Promise.all(emails.map(writesOf)),
          );
        },
      };
    },
  }));

function request([email]: readonly string[]) {
  return byRule('shop', 'Opt-Out Requested', { version: 1, email });
}

function bounce(emails: readonly string[]) {
  return byRule('aws.ses', 'Email Bounced', bounceOf(emails));
}

function byRule(source: string, type: string, detail: object) {
  return { id: randomUUID(), source, 'detail-type': type, time: new Date().toISOString(), detail };
}

function messages(emails: readonly string[]) {
  const said = emails.map((email) => JSON.stringify(bounceOf([email])));
  const TopicArn = process.env.SES_TOPIC_ARN;
  return { Records: said.map((Message) => ({ EventSource: 'aws:sns', Sns: { TopicArn, Message } })) };
}

function bounceOf(emails: readonly string[]) {
  const bouncedRecipients = emails.map((emailAddress) => ({ emailAddress }));
  const at = { feedbackId: randomUUID(), timestamp: new Date().toISOString() };
  return { eventType: 'Bounce', bounce: { bounceType: 'Permanent', bouncedRecipients, ...at } };
}

/** One asks to be unsubscribed, to the other a mail could not be brought. */
async function mails([asking = '', gone = '']: readonly string[]) {
  const now = new Date();
  const asked = `From: somebody.else@example.org\r\nSubject: ${await sampleToken(asking)}\r\n\r\n`;
  const events = [await store(asked, now), await store((await bounceSample(gone, now)).body, now)];
  return { Records: events.flatMap(({ Records }) => Records) };
}

/** Where the stack itself does not hear of it. */
async function store(body: string, now: Date) {
  const put = { bucket: MAIL_FOLDER.bucket, key: `crash/${randomUUID()}` };
  const { ok } = await fetch(`${process.env.AWS_ENDPOINT_URL_S3}/${put.bucket}/${put.key}`, { method: 'PUT', body });
  if (!ok) throw new Error('the mail could not be stored');
  return putEvent(put, now);
}
