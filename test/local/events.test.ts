import process from 'node:process';
import { EventBridgeClient, PutEventsCommand, PutPartnerEventsCommand } from '@aws-sdk/client-eventbridge';
import { PublishCommand, SNSClient } from '@aws-sdk/client-sns';
import { DeleteQueueCommand, ReceiveMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import type { SQSBatchResponse } from 'aws-lambda';
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { invoke, loadHandler } from '../../local/lambda.ts';
import { sendgridSample } from '../../local/samples.ts';
import type { StackUnderTest } from './stack-under-test.ts';
import { stackUnderTest, until } from './stack-under-test.ts';

let stack: StackUnderTest;
let bridge: EventBridgeClient;
let topics: SNSClient;
let queues: SQSClient;

beforeAll(async () => {
  stack = await stackUnderTest();
  // They find the stack as any program does that reads its `env` file.
  bridge = new EventBridgeClient();
  topics = new SNSClient();
  queues = new SQSClient();
});
afterAll(async () => {
  for (const client of [bridge, topics, queues]) client.destroy();
  await stack.stop();
});
beforeEach(async () => {
  stack.written.length = 0;
  await stack.sim('reset', 'POST');
});

const PARTNER = 'aws.partner/salesforce.com/00D5e000000KQ2eEAG/0YL5e0000000001CAA';
const TIME = '2026-11-02T10:00:00Z';

async function seen(event: string, count = 1) {
  const holds = (some: readonly unknown[]) => some.length >= count;
  return until(async () => stack.lines(event), holds);
}

const request = (detail: object, entry: object = {}) =>
  bridge.send(
    new PutEventsCommand({
      Entries: [{ Source: 'shop', DetailType: 'Opt-Out Requested', Detail: JSON.stringify(detail), ...entry }],
    }),
  );

/** As AWS itself or a partner puts it. */
const tell = (Source: string, DetailType: string, detail: object) =>
  bridge.send(
    new PutPartnerEventsCommand({
      Entries: [{ Source, DetailType, Detail: JSON.stringify(detail), Time: new Date() }],
    }),
  );

const say = (message: object, topic = process.env.SES_TOPIC_ARN) =>
  topics.send(new PublishCommand({ TopicArn: topic, Message: JSON.stringify(message) }));

const bounce = (email: string, feedbackId: string) => ({
  eventType: 'Bounce',
  bounce: { bounceType: 'Permanent', bouncedRecipients: [{ emailAddress: email }], feedbackId, timestamp: TIME },
});

describe('an opt-out ends confirmed in HubSpot', () => {
  it.each<[string, string, (email: string) => Promise<unknown>]>([
    ['a system of one’s own', 'eventbridge', (email) => request({ version: 1, email })],
    ['SES by EventBridge', 'ses', (email) => tell('aws.ses', 'Email Bounced', bounce(email, 'f1'))],
    ['SES by SNS', 'ses', (email) => say(bounce(email, 'f2'))],
    [
      'Salesforce',
      'salesforce',
      (email) => tell(PARTNER, 'ContactChangeEvent', { payload: { Email: email, HasOptedOutOfEmail: true } }),
    ],
  ])('that %s tells', async (_who, source, send) => {
    const email = `${source}-${Math.random()}@example.com`;

    await send(email);

    await until(
      () => stack.contact(email),
      ({ optedOut }) => optedOut,
    );
    expect(await seen('optout.attempted')).toMatchObject([{ source, outcome: 'confirmed' }]);
    expect(stack.written.join('')).not.toContain('@example.com');
  });

  it('once, when SES tells it by EventBridge and by SNS', async () => {
    await tell('aws.ses', 'Email Bounced', bounce('twice@example.com', 'f3'));
    await say(bounce('twice@example.com', 'f3'));

    const [one, two] = await seen('optout.attempted', 2);
    expect(one?.optOutId).toBe(two?.optOutId);
    expect((await stack.contact('twice@example.com')).optOutWrites).toBe(1);
  });
});

describe('nothing is done', () => {
  it.each<[string, () => Promise<unknown>]>([
    ['an event of another name', () => request({ version: 1, email: 'a@example.com' }, { DetailType: 'Order Placed' })],
    ['an event on another bus', () => request({ version: 1, email: 'a@example.com' }, { EventBusName: 'orders' })],
    ['a delivery of SES', () => tell('aws.ses', 'Email Delivered', bounce('a@example.com', 'f4'))],
    ['a change of something else', () => tell(PARTNER, 'ContactChangeEvent', { payload: { Email: 'a@example.com' } })],
    [
      'an opt-in',
      () => tell(PARTNER, 'ContactChangeEvent', { payload: { Email: 'a@example.com', HasOptedOutOfEmail: false } }),
    ],
  ])('about %s: no rule takes it', async (_what, send) => {
    await send();
    await request({ version: 1, email: 'afterwards@example.com' });

    expect(await seen('optout.accepted')).toHaveLength(1);
    expect(stack.lines('signals.unreadable')).toEqual([]);
    await seen('optout.attempted');
  });

  it.each<[string, () => Promise<unknown>, string]>([
    ['a request of another version', () => request({ version: 2, email: 'a@example.com' }), 'eventbridge'],
    ['a request about nobody', () => request({ version: 1, email: 'nobody' }), 'eventbridge'],
    ['a bounce of nobody', () => tell('aws.ses', 'Email Bounced', { bounce: {} }), 'ses'],
    ['a message that is none of SES', () => say(['a@example.com']), 'ses'],
    [
      'an opt-out without an address',
      () => tell(PARTNER, 'ContactChangeEvent', { payload: { HasOptedOutOfEmail: true } }),
      'salesforce',
    ],
  ])('about %s but to say so', async (_what, send, source) => {
    await send();

    expect(await seen('signals.unreadable')).toMatchObject([{ source, service: 'events' }]);
    expect(stack.lines('optout.accepted')).toEqual([]);
    expect(await stack.asked()).toEqual([]);
    expect(stack.written.join('')).not.toContain('example.com');
  });
});

describe('the result bus', () => {
  it('is told how an opt-out has ended, by whichever way it came in, and not about whom', async () => {
    await stack.post(sendgridSample('told@example.com', new Date()));

    const [{ detailType, detail } = {}] = await seen('local.result');
    const [{ optOutId } = {}] = stack.lines('optout.attempted');
    expect(detailType).toBe('Opt-Out Confirmed');
    expect(detail).toMatchObject({
      version: 1,
      id: optOutId,
      source: 'sendgrid',
      kind: 'opt_out',
      outcome: 'confirmed',
    });
    expect(JSON.stringify(detail)).not.toContain('example.com');
  });

  it('is told what HubSpot refuses', async () => {
    await stack.sim('faults', 'POST', [{ match: 'unsubscribe-all', method: 'POST', times: 1, status: 400, body: {} }]);

    await request({ version: 1, email: 'refused@example.com' });

    expect(await seen('local.result')).toMatchObject([
      { detailType: 'Opt-Out Rejected', detail: { outcome: 'rejected', status: 400 } },
    ]);
  });

  it('is not told of an attempt that has not ended', async () => {
    await stack.sim('faults', 'POST', [
      { match: 'unsubscribe-all', times: 1, status: 503, headers: { 'retry-after': '1' } },
    ]);

    await request({ version: 1, email: 'later@example.com' });

    await seen('optout.attempted', 2);
    expect(await seen('local.result')).toMatchObject([{ detailType: 'Opt-Out Confirmed' }]);
  });
});

/** The last: it takes the queue of the opt-outs away. */
describe('an event that cannot be taken', () => {
  it('is tried three times, kept among the dead letters, and taken again from there', async () => {
    const deadLetters = `${process.env.QUEUE_URL}-events-dead-letters`;
    const queueUrl = process.env.QUEUE_URL;
    await queues.send(new DeleteQueueCommand({ QueueUrl: queueUrl }));

    await request({ version: 1, email: 'kept@example.com' });
    const receive = new ReceiveMessageCommand({ QueueUrl: deadLetters, WaitTimeSeconds: 1, VisibilityTimeout: 60 });
    const { Messages = [] } = await until(
      () => queues.send(receive),
      ({ Messages }) => (Messages ?? []).length > 0,
    );

    expect(stack.lines('request.failed')).toHaveLength(3);
    expect(JSON.parse(Messages[0]?.Body ?? '')).toMatchObject({
      source: 'shop',
      detail: { email: 'kept@example.com' },
    });
    expect(stack.written.join('')).not.toContain('kept@');

    vi.stubEnv('QUEUE_URL', deadLetters);
    const handler = await loadHandler('events', 2);
    vi.unstubAllEnvs();
    const Records = Messages.map(({ MessageId, Body }) => ({
      messageId: MessageId,
      body: Body,
      eventSource: 'aws:sqs',
    }));
    const answer = (await invoke('events', handler, { Records })) as SQSBatchResponse;

    expect(answer).toEqual({ batchItemFailures: [] });
    expect(stack.lines('optout.accepted')).toMatchObject([{ source: 'eventbridge' }]);
  });
});
