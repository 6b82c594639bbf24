import { hash } from 'node:crypto';
import process from 'node:process';
import { bounceSample, MAIL_FOLDER } from '../../local/mail.ts';
import type { CrashWay, Scene } from './ways.ts';
import { otherThan } from './ways.ts';

/** What comes by AWS: what did not end well is invoked again, with the same event. */
export const events = (scene: Scene): readonly CrashWay[] => [
  invoked('an event of SES, about two', 'events', scene, (emails) => ({
    source: 'aws.ses',
    'detail-type': 'Email Bounced',
    detail: { eventType: 'Bounce', ...bounceOf(emails) },
  })),
  invoked('a message of SNS, about two', 'events', scene, (emails) => {
    const Message = JSON.stringify({ notificationType: 'Bounce', ...bounceOf(emails) });
    return { Records: [{ EventSource: 'aws:sns', Sns: { TopicArn: process.env.SES_TOPIC_ARN, Message } }] };
  }),
  invoked('two stored mails', 'mailbox', scene, async (emails) => ({
    Records: await Promise.all(emails.map(storedBounce)),
  })),
];

function invoked(
  name: string,
  ofFunction: 'events' | 'mailbox',
  { others, writesOf }: Scene,
  eventAbout: (emails: readonly string[]) => unknown,
): CrashWay {
  return {
    name,
    function: ofFunction,
    async begin(turn) {
      const emails = ['one', 'other'].map((each) => `${each}-${crypto.randomUUID()}-${turn}@example.com`);
      const event = await eventAbout(emails);
      return {
        event,
        async after(end) {
          // What it has sent is delivered by the time that AWS invokes it again.
          await others.deliverAll();
          if (!end) await others.run(ofFunction, event);
          await others.deliverAll();
          return otherThan([1, 1], await Promise.all(emails.map(writesOf)));
        },
      };
    },
  };
}

function bounceOf(emails: readonly string[]) {
  const bouncedRecipients = emails.map((emailAddress) => ({ emailAddress }));
  const about = {
    bounceType: 'Permanent',
    bouncedRecipients,
    feedbackId: emails.join(),
    timestamp: new Date().toISOString(),
  };
  return { bounce: about };
}

/** Where the stack itself does not hear of it; a key is in a URL, and holds no address. */
async function storedBounce(email: string) {
  const at = new Date();
  const { body } = await bounceSample(email, at);
  const { bucket } = MAIL_FOLDER;
  const key = `crash/${hash('sha256', email, 'base64url')}`;
  const { ok } = await fetch(`${process.env.AWS_ENDPOINT_URL_S3}/${bucket}/${key}`, { method: 'PUT', body });
  if (!ok) throw new Error('the mail could not be stored');
  return { eventTime: at.toISOString(), s3: { bucket: { name: bucket }, object: { key: encodeURIComponent(key) } } };
}
