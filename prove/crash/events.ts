import { hash } from 'node:crypto';
import process from 'node:process';
import { putEvent } from '../../local/aws/objects.ts';
import { MAIL_FOLDER } from '../../local/mail.ts';
import { sampleToken } from '../../local/samples.ts';
import type { CrashWay, Scene } from './ways.ts';
import { otherThan } from './ways.ts';

/**
 * What comes by AWS: what did not end well is invoked again, with the same event. All of it is meant by a person, since of what
 * is only inferred the brake would hold all but the first thousand.
 */
export const events = (scene: Scene): readonly CrashWay[] => [
  invoked('an event of SES', 'events', scene, ['one'], ([email = '']) => ({
    source: 'aws.ses',
    'detail-type': 'Email Complaint Received',
    detail: { eventType: 'Complaint', ...complaintOf(email) },
  })),
  invoked('two messages of SNS', 'events', scene, ['one', 'other'], (emails) => ({
    Records: emails.map((email) => {
      const Message = JSON.stringify({ notificationType: 'Complaint', ...complaintOf(email) });
      return { EventSource: 'aws:sns', Sns: { TopicArn: process.env.SES_TOPIC_ARN, Message } };
    }),
  })),
  invoked('two stored mails', 'mailbox', scene, ['one', 'other'], async (emails) => ({
    Records: (await Promise.all(emails.map(storedUnsubscribe))).flatMap(({ Records }) => Records),
  })),
];

function invoked(
  name: string,
  ofFunction: 'events' | 'mailbox',
  { others, writesOf }: Scene,
  people: readonly string[],
  eventAbout: (emails: readonly string[]) => unknown,
): CrashWay {
  return {
    name,
    function: ofFunction,
    async begin(turn) {
      const emails = people.map((each) => `${each}-${crypto.randomUUID()}-${turn}@example.com`);
      const event = await eventAbout(emails);
      return {
        event,
        async after(end) {
          // What it has sent is delivered by the time that AWS invokes it again.
          await others.deliverAll();
          if (!end) await others.run(ofFunction, event);
          await others.deliverAll();
          return otherThan(
            people.map(() => 1),
            await Promise.all(emails.map(writesOf)),
          );
        },
      };
    },
  };
}

function complaintOf(emailAddress: string) {
  const timestamp = new Date().toISOString();
  return { complaint: { complainedRecipients: [{ emailAddress }], feedbackId: emailAddress, timestamp } };
}

/** Where the stack itself does not hear of it; a key is in a URL, and holds no address. */
async function storedUnsubscribe(email: string) {
  const { bucket } = MAIL_FOLDER;
  const key = `crash/${hash('sha256', email, 'base64url')}`;
  const body = `From: somebody.else@example.org\r\nSubject: ${await sampleToken(email)}\r\n\r\n`;
  const { ok } = await fetch(`${process.env.AWS_ENDPOINT_URL_S3}/${bucket}/${key}`, { method: 'PUT', body });
  if (!ok) throw new Error('the mail could not be stored');
  return putEvent({ bucket, key }, new Date());
}
