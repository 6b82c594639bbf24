import process from 'node:process';
import { EventBridgeClient, PutEventsCommand, PutPartnerEventsCommand } from '@aws-sdk/client-eventbridge';
import { PublishCommand, SNSClient } from '@aws-sdk/client-sns';
import { DeleteQueueCommand, ReceiveMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import type { SQSBatchResponse } from 'aws-lambda';
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { invoke, loadHandler } from '../../local/lambda.ts';
import { sendgridSample } from '../signed-samples.ts';
import type { StackUnderTest } from './stack-under-test.ts';
import { stackUnderTest, until } from './stack-under-test.ts';

let stack: StackUnderTest;
let bridge: EventBridgeClient;
let topics: SNSClient;
let queues: SQSClient;

beforeAll(async () => {
  stack = await stackUnderTest();
  // The clients are configured by the environment, as with the `env` file of the stack.
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

function reported(event: string, count = 1) {
  return until(
    async () => stack.lines(event),
    (lines) => lines.length >= count,
  );
}

const request = (detail: object, entry: object = {}) =>
  bridge.send(
    new PutEventsCommand({
      Entries: [{ Source: 'shop', DetailType: 'Opt-Out Requested', Detail: JSON.stringify(detail), ...entry }],
    }),
  );

/** Sends an event as AWS or a partner does. */
const putPartnerEvent = (Source: string, DetailType: string, detail: object) =>
  bridge.send(
    new PutPartnerEventsCommand({
      Entries: [{ Source, DetailType, Detail: JSON.stringify(detail), Time: new Date() }],
    }),
  );

const publish = (message: object, topic = process.env.SES_TOPIC_ARN) =>
  topics.send(new PublishCommand({ TopicArn: topic, Message: JSON.stringify(message) }));

const bounce = (email: string, feedbackId: string) => ({
  eventType: 'Bounce',
  bounce: { bounceType: 'Permanent', bouncedRecipients: [{ emailAddress: email }], feedbackId, timestamp: TIME },
});

describe('an opt-out is confirmed in HubSpot', () => {
  it.each<[string, string, (email: string) => Promise<unknown>]>([
    ['a custom event', 'eventbridge', (email) => request({ version: 1, email })],
    ['SES through EventBridge', 'ses', (email) => putPartnerEvent('aws.ses', 'Email Bounced', bounce(email, 'f1'))],
    ['SES through SNS', 'ses', (email) => publish(bounce(email, 'f2'))],
    [
      'Salesforce',
      'salesforce',
      (email) =>
        putPartnerEvent(PARTNER, 'ContactChangeEvent', { payload: { Email: email, HasOptedOutOfEmail: true } }),
    ],
  ])('from %s', async (_what, source, send) => {
    const email = `${source}-${Math.random()}@example.com`;

    await send(email);

    await until(
      () => stack.contact(email),
      ({ optedOut }) => optedOut,
    );
    expect(await reported('optout.attempted')).toMatchObject([{ source, outcome: 'confirmed' }]);
    expect(stack.written.join('')).not.toContain('@example.com');
  });

  it('once, if SES sends it through EventBridge and SNS', async () => {
    await putPartnerEvent('aws.ses', 'Email Bounced', bounce('twice@example.com', 'f3'));
    await publish(bounce('twice@example.com', 'f3'));

    const [one, two] = await reported('optout.attempted', 2);
    expect(one?.optOutId).toBe(two?.optOutId);
    expect((await stack.contact('twice@example.com')).optOutWrites).toBe(1);
  });
});

describe('no opt-out is enqueued', () => {
  it.each<[string, () => Promise<unknown>]>([
    ['an event of another name', () => request({ version: 1, email: 'a@example.com' }, { DetailType: 'Order Placed' })],
    ['an event on another bus', () => request({ version: 1, email: 'a@example.com' }, { EventBusName: 'orders' })],
    ['a delivery event of SES', () => putPartnerEvent('aws.ses', 'Email Delivered', bounce('a@example.com', 'f4'))],
    [
      'a change of something else',
      () => putPartnerEvent(PARTNER, 'ContactChangeEvent', { payload: { Email: 'a@example.com' } }),
    ],
    [
      'an opt-in',
      () =>
        putPartnerEvent(PARTNER, 'ContactChangeEvent', {
          payload: { Email: 'a@example.com', HasOptedOutOfEmail: false },
        }),
    ],
  ])('for %s, which matches no rule', async (_what, send) => {
    await send();
    await request({ version: 1, email: 'afterwards@example.com' });

    expect(await reported('optout.accepted')).toHaveLength(1);
    expect(stack.lines('signals.unreadable')).toEqual([]);
    await reported('optout.attempted');
  });

  it.each<[string, () => Promise<unknown>, string]>([
    ['a request of another version', () => request({ version: 2, email: 'a@example.com' }), 'eventbridge'],
    ['a request without a valid address', () => request({ version: 1, email: 'nobody' }), 'eventbridge'],
    ['a bounce without recipients', () => putPartnerEvent('aws.ses', 'Email Bounced', { bounce: {} }), 'ses'],
    ['a message that is not from SES', () => publish(['a@example.com']), 'ses'],
    [
      'an opt-out without an address',
      () => putPartnerEvent(PARTNER, 'ContactChangeEvent', { payload: { HasOptedOutOfEmail: true } }),
      'salesforce',
    ],
  ])('for %s, which is reported', async (_what, send, source) => {
    await send();

    expect(await reported('signals.unreadable')).toMatchObject([{ source, service: 'events' }]);
    expect(stack.lines('optout.accepted')).toEqual([]);
    expect(await stack.asked()).toEqual([]);
    expect(stack.written.join('')).not.toContain('example.com');
  });
});

describe('the result bus', () => {
  it('receives the outcome of an opt-out from any source, without the address', async () => {
    await stack.post(sendgridSample('ended@example.com', new Date()));

    const [{ detailType, detail } = {}] = await reported('local.result');
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

  it('receives what HubSpot rejects', async () => {
    await stack.sim('faults', 'POST', [{ match: 'unsubscribe-all', method: 'POST', times: 1, status: 400, body: {} }]);

    await request({ version: 1, email: 'rejected@example.com' });

    expect(await reported('local.result')).toMatchObject([
      { detailType: 'Opt-Out Rejected', detail: { outcome: 'rejected', status: 400 } },
    ]);
  });

  it('does not receive a deferred attempt', async () => {
    await stack.sim('faults', 'POST', [
      { match: 'unsubscribe-all', times: 1, status: 503, headers: { 'retry-after': '1' } },
    ]);

    await request({ version: 1, email: 'later@example.com' });

    await reported('optout.attempted', 2);
    expect(await reported('local.result')).toMatchObject([{ detailType: 'Opt-Out Confirmed' }]);
  });
});

/** Runs last, since it deletes the queue. */
describe('an event that cannot be ingested', () => {
  it('is tried three times, moved to the dead-letter queue, and ingested from there', async () => {
    const deadLetters = `${process.env.QUEUE_URL}-events-dead-letters`;
    const queueUrl = process.env.QUEUE_URL;
    await queues.send(new DeleteQueueCommand({ QueueUrl: queueUrl }));

    await request({ version: 1, email: 'dead@example.com' });
    const receive = new ReceiveMessageCommand({ QueueUrl: deadLetters, WaitTimeSeconds: 1, VisibilityTimeout: 60 });
    const { Messages = [] } = await until(
      () => queues.send(receive),
      ({ Messages }) => (Messages ?? []).length > 0,
    );

    expect(stack.lines('request.failed')).toHaveLength(3);
    expect(JSON.parse(Messages[0]?.Body ?? '')).toMatchObject({
      source: 'shop',
      detail: { email: 'dead@example.com' },
    });
    expect(stack.written.join('')).not.toContain('dead@');

    vi.stubEnv('QUEUE_URL', deadLetters);
    const handler = await loadHandler('events', 2);
    vi.unstubAllEnvs();
    const Records = Messages.map(({ MessageId, Body }) => ({
      messageId: MessageId,
      body: Body,
      eventSource: 'aws:sqs',
    }));
    const response = (await invoke('events', handler, { Records })) as SQSBatchResponse;

    expect(response).toEqual({ batchItemFailures: [] });
    expect(stack.lines('optout.accepted')).toMatchObject([{ source: 'eventbridge' }]);
  });
});
