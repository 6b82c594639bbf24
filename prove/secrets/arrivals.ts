import { readdirSync, readFileSync } from 'node:fs';
import process from 'node:process';
import { EventBridgeClient, PutEventsCommand, PutPartnerEventsCommand } from '@aws-sdk/client-eventbridge';
import { PublishCommand, SNSClient } from '@aws-sdk/client-sns';
import { bounceSample, MAIL_FOLDER } from '../../local/mail.ts';
import { sampleToken } from '../../local/samples.ts';
import { renamed } from '../harness/fixture-bodies.ts';
import type { Stage } from '../harness/stage.ts';
import { until } from '../harness/until.ts';
import { MARKS, markedEmail } from './marks.ts';

/** Everything that comes by AWS and not over HTTP: mails in the bucket, events on the buses, messages of the topic. */
export async function arriveAll(stage: Stage, fixtures: number): Promise<void> {
  await storeMails(fixtures);
  await putEvents();
  await publishMessages();
  await until(
    () => stage.left(['-mail', '-events']),
    (left) => left === 0,
    { limitMs: 60_000 },
  );
}

/** Where a bounce is, once all has arrived. */
export const BOUNCE = { bucket: MAIL_FOLDER.bucket, key: `${MAIL_FOLDER.prefix}bounce` };

const MAILS = new URL('../../test/mail/fixtures/mail/', import.meta.url);
/** One of each kind, if there shall be few: a `mailto:`, a report of delivery, one of abuse. */
const FIRST = ['gmail-unsubscribe.eml', 'postfix-user-unknown.eml', 'arf-opt-out.eml', 'forged-with-foreign-key.eml'];
/** A sealed link's, as a JWE. */
const TOKEN = /eyJ[\w-]+\.\.[\w-]+\.[\w-]+\.[\w-]+/g;

async function storeMails(fixtures: number): Promise<void> {
  const names = [...new Set([...FIRST, ...readdirSync(MAILS)])].slice(0, FIRST.length * fixtures);
  for (const name of names) {
    const raw = readFileSync(new URL(name, MAILS), 'latin1');
    const token = await sampleToken(markedEmail(name));
    const own = name.startsWith('forged') ? raw : raw.replace(TOKEN, token);
    await store(renamed(own, (index) => markedEmail(`${name}-${index}`)));
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
  const own = [
    { version: 1, email: markedEmail('event') },
    { version: 1, email: MARKS.address },
    { version: MARKS.address, email: markedEmail('version') },
    { version: 1, email: markedEmail('brand'), brand: MARKS.address },
  ];
  const Entries = own.map((detail) => ({
    Source: MARKS.address,
    DetailType: 'Opt-Out Requested',
    Detail: JSON.stringify(detail),
  }));
  await client.send(new PutEventsCommand({ Entries }));
  const tell = (Source: string, DetailType: string, detail: object) =>
    client.send(
      new PutPartnerEventsCommand({
        Entries: [{ Source, DetailType, Detail: JSON.stringify(detail), Time: new Date() }],
      }),
    );
  const change = { HasOptedOutOfEmail: true };
  await tell('aws.ses', 'Email Bounced', bounceOf(markedEmail('ses')));
  await tell('aws.ses', 'Email Bounced', { eventType: 'Bounce', bounce: markedEmail('ses-junk') });
  await tell(PARTNER, 'ContactChangeEvent', { payload: { Email: markedEmail('salesforce'), ...change } });
  await tell(PARTNER, 'ContactChangeEvent', { payload: { Email: MARKS.address, ...change } });
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
