import { readdirSync, readFileSync } from 'node:fs';
import process from 'node:process';
import { EventBridgeClient, PutEventsCommand, PutPartnerEventsCommand } from '@aws-sdk/client-eventbridge';
import { PublishCommand, SNSClient } from '@aws-sdk/client-sns';
import { bounceSample, MAIL_FOLDER } from '../../local/mail.ts';
import { sampleToken } from '../../local/samples.ts';
import { replaceAddresses } from '../harness/fixture-bodies.ts';
import type { Stage } from '../harness/stage.ts';
import { until } from '../harness/until.ts';
import { MARKS, markedEmail } from './marks.ts';

/** Sends everything that arrives through AWS: emails in the bucket, events on the buses, messages of the topic. */
export async function sendAwsEvents(stage: Stage, fixtures: number): Promise<void> {
  await storeEmails(fixtures);
  await putEvents();
  await publishMessages();
  await until(
    () => stage.queuedMessages(['-mail', '-events']),
    (left) => left === 0,
    { limitMs: 60_000 },
  );
}

/** The S3 object of a bounce, which `sendAwsEvents` stores. */
export const BOUNCE = { bucket: MAIL_FOLDER.bucket, key: `${MAIL_FOLDER.prefix}bounce` };

const FIXTURES = new URL('../../test/mail/fixtures/mail/', import.meta.url);
/** One of each kind, which are stored first: a `mailto:`, a bounce, a complaint, a forgery. */
const FIRST = ['gmail-unsubscribe.eml', 'postfix-user-unknown.eml', 'arf-opt-out.eml', 'forged-with-foreign-key.eml'];
/** A sealed token: a compact JWE. */
const TOKEN = /eyJ[\w-]+\.\.[\w-]+\.[\w-]+\.[\w-]+/g;

async function storeEmails(fixtures: number): Promise<void> {
  const names = [...new Set([...FIRST, ...readdirSync(FIXTURES)])].slice(0, FIRST.length * fixtures);
  for (const name of names) {
    const raw = readFileSync(new URL(name, FIXTURES), 'latin1');
    const token = await sampleToken(markedEmail(name));
    const email = name.startsWith('forged') ? raw : raw.replace(TOKEN, token);
    await store(replaceAddresses(email, (index) => markedEmail(`${name}-${index}`)));
  }
  const { body } = await bounceSample(markedEmail('bounce'), new Date());
  await store(body, 'bounce');
  await store(`Subject: ${MARKS.address}\r\n\r\nUnsubscribe ${markedEmail('mail')}!`);
}

async function store(body: string, name: string = crypto.randomUUID()): Promise<void> {
  const path = `/${MAIL_FOLDER.bucket}/${MAIL_FOLDER.prefix}${name}`;
  await fetch(`${process.env.AWS_ENDPOINT_URL_S3}${path}`, { method: 'PUT', body });
}

const PARTNER = 'aws.partner/salesforce.com/00D5e000000KQ2eEAG/0YL5e0000000001CAA';

const bounceOf = (email: string) => {
  const recipients = { bouncedRecipients: [{ emailAddress: email }], feedbackId: email };
  return { eventType: 'Bounce', bounce: { bounceType: 'Permanent', ...recipients, timestamp: new Date() } };
};

async function putEvents(): Promise<void> {
  const client = new EventBridgeClient();
  const details = [
    { version: 1, email: markedEmail('event') },
    { version: 1, email: MARKS.address },
    { version: MARKS.address, email: markedEmail('version') },
    { version: 1, email: markedEmail('brand'), brand: MARKS.address },
  ];
  const Entries = details.map((detail) => ({
    Source: MARKS.address,
    DetailType: 'Opt-Out Requested',
    Detail: JSON.stringify(detail),
  }));
  await client.send(new PutEventsCommand({ Entries }));
  const putPartnerEvent = (Source: string, DetailType: string, detail: object) =>
    client.send(
      new PutPartnerEventsCommand({
        Entries: [{ Source, DetailType, Detail: JSON.stringify(detail), Time: new Date() }],
      }),
    );
  const change = { HasOptedOutOfEmail: true };
  await putPartnerEvent('aws.ses', 'Email Bounced', bounceOf(markedEmail('ses')));
  await putPartnerEvent('aws.ses', 'Email Bounced', { eventType: 'Bounce', bounce: markedEmail('ses-junk') });
  await putPartnerEvent(PARTNER, 'ContactChangeEvent', { payload: { Email: markedEmail('salesforce'), ...change } });
  await putPartnerEvent(PARTNER, 'ContactChangeEvent', { payload: { Email: MARKS.address, ...change } });
  client.destroy();
}

async function publishMessages(): Promise<void> {
  const client = new SNSClient();
  const bounce = JSON.stringify(bounceOf(markedEmail('sns')));
  for (const Message of [bounce, bounce.slice(0, -3), markedEmail('sns-junk')]) {
    await client.send(new PublishCommand({ TopicArn: process.env.SES_TOPIC_ARN, Message }));
  }
  client.destroy();
}
