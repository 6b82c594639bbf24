import { ReceiveMessageCommand, SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import type { SQSRecord } from 'aws-lambda';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Result } from '../../functions/aws/eventbridge.ts';
import { createQueueHandler } from '../../functions/aws/queue-handler.ts';
import { createQueue } from '../../functions/aws/sqs.ts';
import type { Attempt } from '../../functions/core/delivery/deliver.ts';
import { Unavailable } from '../../functions/core/model/errors.ts';
import type { OptOut } from '../../functions/core/model/opt-out.ts';
import type { Outcome } from '../../functions/core/model/outcome.ts';
import type { RelayEvent } from '../../functions/core/model/telemetry.ts';
import type { LocalQueues } from '../../local/aws/queues.ts';
import { allOf, aws, formsOf } from './listening.ts';
import { CONTACT, EMAIL, RECEIVED_AT, sampleErase, sampleOptOut } from './sample-opt-out.ts';
import { startTestQueues } from './services.ts';

let queues: LocalQueues;
let client: SQSClient;
let queueUrl: string;
let tests = 0;
beforeAll(async () => {
  const names = Array.from({ length: 20 }, (_none, index) => `queue-${index + 1}`);
  queues = await startTestQueues(...names);
  client = new SQSClient(aws(queues.url));
});
afterAll(async () => {
  client.destroy();
  await queues.close();
});
beforeEach(() => {
  tests += 1;
  queueUrl = queues.urlOf(`queue-${tests}`);
});

const sendText = (MessageBody: string) => client.send(new SendMessageCommand({ QueueUrl: queueUrl, MessageBody }));

/** Receives a batch as Lambda's poller does. Received messages stay in flight for 30 seconds. */
async function received(WaitTimeSeconds = 0): Promise<SQSRecord[]> {
  const receive = { QueueUrl: queueUrl, MaxNumberOfMessages: 10, VisibilityTimeout: 30, WaitTimeSeconds };
  const { Messages = [] } = await client.send(new ReceiveMessageCommand(receive));
  return Messages.map(({ MessageId = '', ReceiptHandle = '', Body = '' }) => ({
    messageId: MessageId,
    receiptHandle: ReceiptHandle,
    body: Body,
    attributes: { ApproximateReceiveCount: '1', SentTimestamp: '', SenderId: '', ApproximateFirstReceiveTimestamp: '' },
    messageAttributes: {},
    md5OfBody: '',
    eventSource: 'aws:sqs',
    eventSourceARN: 'arn:aws:sqs:us-east-1:000000000000:queue',
    awsRegion: 'us-east-1',
  }));
}

type Deliver = (optOut: OptOut) => Promise<Attempt>;

/** Creates the handler with an emulated queue, and records its deliveries, erasures, events and results. */
function serving(deliver: Deliver, erase = async () => 0) {
  const delivered: string[] = [];
  const erased: unknown[][] = [];
  const events: RelayEvent[] = [];
  const published: (readonly Result[])[] = [];
  let nowMs = Date.parse(RECEIVED_AT) + 90_000;
  const serve = createQueueHandler({
    deliver(optOut) {
      delivered.push(optOut.id);
      nowMs += 250;
      return deliver(optOut);
    },
    erase(...args) {
      erased.push(args);
      return erase();
    },
    queue: createQueue(client, queueUrl),
    publish: async (results) => void published.push(results),
    clock: () => new Date(nowMs),
    report: (event) => void events.push(event),
  });
  const run = async (Records: SQSRecord[]) =>
    (await serve({ Records })).batchItemFailures.map(({ itemIdentifier }) => itemIdentifier);
  return { run, delivered, erased, events, published };
}

const ending = (outcome: Outcome) => async () => ({ outcome, attempt: 1 });
const CONFIRMED: Outcome = { kind: 'confirmed', evidence: 'response', changed: true, correlationId: 'c-1' };

describe('createQueueHandler', () => {
  it.each<[Outcome, boolean]>([
    [CONFIRMED, true],
    [{ kind: 'duplicate' }, true],
    [{ kind: 'superseded' }, true],
    [{ kind: 'held', reason: 'surge-limit' }, true],
    [{ kind: 'rejected', status: 400, category: 'VALIDATION_ERROR' }, true],
    [{ kind: 'deferred', status: 503, retryAfterSeconds: 30 }, false],
  ])('deletes a message unless its outcome is deferred: %j %s', async (outcome, isDeleted) => {
    await createQueue(client, queueUrl).send([sampleOptOut()]);
    const records = await received();
    const { run, events } = serving(ending(outcome));

    expect(await run(records)).toEqual(isDeleted ? [] : records.map(({ messageId }) => messageId));
    expect(events).toEqual([
      {
        event: 'optout.attempted',
        optOut: sampleOptOut(),
        delivery: { outcome, attempt: 1, tookMs: 250, ageMs: 90_250 },
      },
    ]);
  });

  it('makes a deferred command visible again after retryAfterSeconds', async () => {
    await createQueue(client, queueUrl).send([sampleOptOut()]);
    const [first] = await received();
    const startedAt = performance.now();

    await serving(ending({ kind: 'deferred', retryAfterSeconds: 1 })).run(first ? [first] : []);

    expect(await received()).toEqual([]);
    const [again] = await received(5);
    expect(again).toMatchObject({ messageId: first?.messageId, body: first?.body });
    expect(performance.now() - startedAt).toBeGreaterThan(900);
  });

  it('handles each message separately', async () => {
    const optOuts = ['a', 'b', 'c', 'd'].map((key) => sampleOptOut(key));
    await createQueue(client, queueUrl).send(optOuts);
    const records = await received();
    const outcomes: Outcome[] = [
      CONFIRMED,
      { kind: 'deferred', retryAfterSeconds: 30 },
      { kind: 'rejected', status: 404 },
      { kind: 'deferred', status: 429, retryAfterSeconds: 30 },
    ];
    const at = ({ id }: OptOut) => optOuts.findIndex((each) => each.id === id);
    const { run, delivered } = serving(async (optOut) => ({ outcome: outcomes[at(optOut)] ?? CONFIRMED, attempt: 1 }));

    const failed = new Set(await run(records));

    const left = records.filter(({ messageId }) => failed.has(messageId)).map(({ body }) => JSON.parse(body).id);
    expect(left.toSorted()).toEqual([optOuts[1]?.id, optOuts[3]?.id].toSorted());
    expect(delivered.toSorted()).toEqual(optOuts.map(({ id }) => id).toSorted());
  });

  it.each(['not JSON about ann@example.com', '{}', JSON.stringify({ ...sampleOptOut(), email: 'ann@example' })])(
    'processes the rest of the batch if a message is not a command: %s',
    async (poison) => {
      await createQueue(client, queueUrl).send([sampleOptOut('a')]);
      const { MessageId } = await sendText(poison);
      await createQueue(client, queueUrl).send([sampleOptOut('b')]);
      const { run, delivered, events } = serving(ending(CONFIRMED));

      expect(await run(await received())).toEqual([MessageId]);
      expect(delivered).toHaveLength(2);
      expect(events.filter(({ event }) => event === 'delivery.failed')).toMatchObject([
        { failure: { name: 'Unreadable', status: 400 } },
      ]);
      expect(allOf(events.filter(({ event }) => event === 'delivery.failed'))).not.toContain('ann@example');
    },
  );

  it.each<[string, () => Promise<Attempt>]>([
    ['throws an error', () => Promise.reject(new TypeError(`cannot deliver ${EMAIL}\n    at ${EMAIL}`))],
    ['throws something else', () => Promise.reject(`cannot deliver ${EMAIL}`)],
    [
      'throws at once',
      () => {
        throw new RangeError(EMAIL);
      },
    ],
    ['throws a RelayError', () => Promise.reject(new Unavailable('the ledger is unavailable'))],
  ])('leaves a message on the queue if its delivery %s, and reports it without the address', async (_what, fail) => {
    await createQueue(client, queueUrl).send([sampleOptOut('a'), sampleOptOut('b')]);
    const records = await received();
    const { run, events } = serving((optOut) => (optOut.id === sampleOptOut('a').id ? fail() : ending(CONFIRMED)()));

    const bad = records.filter(({ body }) => body.includes(sampleOptOut('a').id));
    expect(await run(records)).toEqual(bad.map(({ messageId }) => messageId));
    const failures = events.filter(({ event }) => event === 'delivery.failed');
    expect(failures).toHaveLength(1);
    for (const form of formsOf(EMAIL)) expect(allOf(failures)).not.toContain(form);
  });

  it('leaves a deferred message on the queue and reports it if it cannot be postponed', async () => {
    await createQueue(client, queueUrl).send([sampleOptOut()]);
    const records = (await received()).map((record) => ({ ...record, receiptHandle: 'outdated' }));
    const { run, events } = serving(ending({ kind: 'deferred', retryAfterSeconds: 1 }));

    expect(await run(records)).toEqual(records.map(({ messageId }) => messageId));
    expect(events.map(({ event }) => event)).toEqual(['optout.attempted', 'delivery.failed']);
  });

  it.each([3, 0])('erases a contact in the ledger and reports the number of entries: %d', async (count) => {
    await createQueue(client, queueUrl).send([sampleErase(), sampleOptOut()]);
    const { run, delivered, erased, events } = serving(ending(CONFIRMED), async () => count);

    expect(await run(await received())).toEqual([]);
    expect(erased).toEqual([[{ contactId: CONTACT }, expect.any(Date), new Date(sampleErase().receivedAt)]]);
    expect(delivered).toEqual([sampleOptOut().id]);
    expect(events.filter(({ event }) => event !== 'optout.attempted')).toEqual([{ event: 'ledger.erased', count }]);
  });

  it('leaves a failed erasure on the queue and delivers the rest of the batch', async () => {
    await createQueue(client, queueUrl).send([sampleErase(), sampleOptOut()]);
    const records = await received();
    const fail = () => Promise.reject(new TypeError(`cannot erase ${EMAIL}`));
    const { run, delivered, events } = serving(ending(CONFIRMED), fail);

    const bad = records.filter(({ body }) => 'erase' in JSON.parse(body));
    expect(await run(records)).toEqual(bad.map(({ messageId }) => messageId));
    expect(delivered).toHaveLength(1);
    const failures = events.filter(({ event }) => event === 'delivery.failed');
    expect(failures).toMatchObject([{ messageId: bad[0]?.messageId, failure: { name: 'TypeError' } }]);
    for (const form of formsOf(EMAIL)) expect(allOf(failures)).not.toContain(form);
  });

  it('publishes the results of a batch in one call', async () => {
    await createQueue(client, queueUrl).send([sampleOptOut('a'), sampleErase(), sampleOptOut('b')]);
    await sendText('not JSON');
    const deferred: Outcome = { kind: 'deferred', retryAfterSeconds: 30 };
    const isFirst = ({ id }: OptOut) => id === sampleOptOut('a').id;
    const { run, published } = serving(async (optOut) => ({
      outcome: isFirst(optOut) ? CONFIRMED : deferred,
      attempt: 1,
    }));

    await run(await received());

    expect(published).toHaveLength(1);
    expect(published[0]?.toSorted((one, two) => one.outcome.kind.localeCompare(two.outcome.kind))).toEqual([
      { optOut: sampleOptOut('a'), outcome: CONFIRMED, closedAt: expect.any(Date) },
      { optOut: sampleOptOut('b'), outcome: deferred, closedAt: expect.any(Date) },
    ]);
  });

  it('reports nothing for an empty batch', async () => {
    const { run, events } = serving(ending(CONFIRMED));

    expect(await run([])).toEqual([]);
    expect(events).toEqual([]);
  });
});
