import process from 'node:process';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { PurgeQueueCommand, SQSClient } from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Item } from '../../functions/aws/dynamodb/table.ts';
import { createTableClient } from '../../functions/aws/dynamodb/table.ts';
import type { StackUnderTest } from './stack-under-test.ts';
import { stackUnderTest, until } from './stack-under-test.ts';

let stack: StackUnderTest;
let dynamodb: DynamoDBClient;
let sqs: SQSClient;
/** Each test moves the time on by days, so that it starts a new scan. */
let days = 0;

beforeAll(async () => {
  stack = await stackUnderTest({ LEDGER_RETENTION_DAYS: '30' });
  // Waits until the first run is over, which finds an empty ledger.
  await until(
    async () => stack.lines('ledger.scanned').length,
    (count) => count > 0,
  );
  await stack.sim('limits', 'POST', { per10Seconds: 2000 });
  dynamodb = new DynamoDBClient();
  sqs = new SQSClient();
});
afterAll(async () => {
  dynamodb.destroy();
  sqs.destroy();
  await stack.stop();
});
beforeEach(async () => {
  days += 3;
  await stack.sim('faults', 'POST', []);
  if (isScanning()) await runScan(later(-30));
});

const isScanning = () => stack.lines('ledger.scanned').at(-1)?.isDone === false;

/** Runs the sweep until its scan is done: after the faults of an earlier test it may pause its calls to HubSpot. */
async function runScan(at: Date): Promise<void> {
  await until(
    async () => {
      await stack.sweep(at);
      return isScanning();
    },
    (isUnfinished) => !isUnfinished,
  );
}

const later = (hours: number) => new Date(Date.now() + (days * 24 + hours) * 3_600_000);

async function optOut(email: string): Promise<void> {
  const headers = { 'content-type': 'application/json' };
  const response = await stack.post({ path: '/unsubscribe', headers, body: JSON.stringify({ email }) });
  expect(response.status).toBe(202);
}

/** Waits until the entry of an address matches. */
async function entry(email: string, matches: (entry: Item) => boolean): Promise<Item | undefined> {
  const table = createTableClient(dynamodb, process.env.LEDGER_TABLE ?? '');
  const [found] = await until(
    () => table.query('by-address', email),
    ([item]) => item !== undefined && matches(item),
  );
  return found;
}

const isConfirmed = ({ state }: Item) => state === 'confirmed';

/** Opts out and waits until HubSpot has confirmed it. */
async function confirmed(email: string): Promise<void> {
  await optOut(email);
  await entry(email, isConfirmed);
}

/** The requests to HubSpot for this address since then, each with the status of its response. */
async function requestsFor(email: string, since = 0): Promise<readonly string[]> {
  const requests = (await stack.asked()).slice(since).filter(({ path }) => decodeURIComponent(path).includes(email));
  return requests.map(
    ({ method, path, status }) => `${method} ${/unsubscribe-all/.test(path) ? 'all' : 'each'} ${status}`,
  );
}

const BATCH_FORBIDDEN = { match: 'batch/unsubscribe-all/read', times: 1000, status: 403 };
const isOut = ({ optedOut }: { readonly optedOut: boolean }) => optedOut;

describe('a command whose message was lost', () => {
  it('is enqueued again and delivered once', async () => {
    const email = 'vanished@example.com';
    await stack.sim('faults', 'POST', [{ times: 1000, status: 503, headers: { 'Retry-After': '3600' } }]);
    await optOut(email);
    await entry(email, ({ lastStatus }) => lastStatus === 503);
    await sqs.send(new PurgeQueueCommand({ QueueUrl: process.env.QUEUE_URL }));
    await stack.sim('faults', 'POST', []);

    await stack.sweep(later(0));

    await entry(email, isConfirmed);
    expect(stack.lines('optout.requeued')).toHaveLength(1);
    expect(await stack.contact(email)).toMatchObject({ optedOut: true, optOutWrites: 1 });
  });

  it('is reported as overdue with its age and without its address', async () => {
    const email = 'waiting@example.com';
    await stack.sim('faults', 'POST', [{ times: 1000, status: 503 }]);
    await optOut(email);
    const { id } = (await entry(email, ({ lastStatus }) => lastStatus === 503)) ?? {};

    await stack.sweep(later(0));

    const overdue = stack.lines('optout.overdue').filter(({ optOutId }) => optOutId === id);
    expect(overdue).toMatchObject([{ level: 'ERROR', service: 'sweep', source: 'form', state: 'open' }]);
    expect(overdue[0]?.ageSeconds).toBeGreaterThan(days * 86_400 - 1);
    await stack.sim('faults', 'POST', []);
    await entry(email, isConfirmed);
  });
});

describe('an opt-out that HubSpot no longer has', () => {
  it('is delivered again with one write; the others are not', async () => {
    await confirmed('lost@example.com');
    await confirmed('kept@example.com');
    await stack.sim('contacts/lost@example.com', 'PUT', { optedOut: false });

    await runScan(later(0));

    await until(() => stack.contact('lost@example.com'), isOut);
    await entry('lost@example.com', isConfirmed);
    expect(stack.lines('optout.drifted')).toHaveLength(1);
    expect(await stack.contact('lost@example.com')).toMatchObject({ optedOut: true, optOutWrites: 2 });
    expect(await stack.contact('kept@example.com')).toMatchObject({ optedOut: true, optOutWrites: 1 });
  });

  it('gets a new expiry', async () => {
    const email = 'again@example.com';
    await confirmed(email);
    await stack.sim(`contacts/${email}`, 'PUT', { optedOut: false });

    await runScan(later(0));

    const { closedAt = '', expiresAt } =
      (await entry(email, (item) => isConfirmed(item) && item.reopenedAt !== undefined)) ?? {};
    expect(expiresAt).toBe(Math.floor(Date.parse(closedAt) / 1000) + 30 * 86_400);
  });

  it('publishes a second confirmation to the result bus', async () => {
    await confirmed('twice@example.com');
    const id = (await entry('twice@example.com', isConfirmed))?.id;
    await stack.sim('contacts/twice@example.com', 'PUT', { optedOut: false });

    await runScan(later(0));

    const results = () => stack.lines('local.result').filter(({ detail }) => (detail as { id: string }).id === id);
    await until(
      async () => results().length,
      (count) => count === 2,
    );
    const confirmedOnce = { detailType: 'Opt-Out Confirmed', detail: { changed: true } };
    expect(results()).toMatchObject([confirmedOnce, confirmedOnce]);
  });

  it('is found by single reads if the HubSpot tier has no batch read', async () => {
    await confirmed('single@example.com');
    await stack.sim('contacts/single@example.com', 'PUT', { optedOut: false });
    await stack.sim('faults', 'POST', [BATCH_FORBIDDEN]);
    const since = (await stack.asked()).length;

    await runScan(later(0));

    await until(() => stack.contact('single@example.com'), isOut);
    await entry('single@example.com', isConfirmed);
    const requests = await requestsFor('single@example.com', since);
    // The probe, then the delivery: the opt-out is not old, and HubSpot had answered its first write.
    expect(requests).toEqual(['GET all 200', 'GET each 200', 'POST all 200']);
    const batches = (await stack.asked()).slice(since).filter(({ path }) => path.includes('/batch/'));
    expect(batches).toMatchObject([{ status: 403 }]);
  });

  it('yields to a newer opt-in and is not probed again', async () => {
    const email = 'back@example.com';
    await confirmed(email);
    await stack.sim(`contacts/${email}`, 'PUT', {
      statuses: [{ status: 'SUBSCRIBED', timestamp: new Date(Date.now() + 1000).toISOString() }],
    });
    const at = later(0);

    await runScan(at);
    const since = (await stack.asked()).length;
    await stack.sweep(later(25));

    expect(await entry(email, isConfirmed)).toMatchObject({ optedInAt: at.toISOString() });
    expect(stack.lines('optout.opted_in')).toHaveLength(1);
    expect(await requestsFor(email, since)).toEqual([]);
    expect(await stack.contact(email)).toMatchObject({ optedOut: false, optOutWrites: 1 });
  });
});

describe('a scan that was stopped', () => {
  it('continues where it stopped and probes no address twice', async () => {
    const emails = ['one', 'two', 'three', 'four', 'five', 'six'].map((name) => `${name}@example.com`);
    for (const email of emails) await confirmed(email);
    await stack.sim('faults', 'POST', [BATCH_FORBIDDEN, { match: 'three@example.com', times: 2, status: 503 }]);
    const since = (await stack.asked()).length;

    await stack.sweep(later(0));
    expect(await requestsFor('three@example.com', since)).toEqual(['GET all 503']);
    await stack.sweep(later(0.1));
    await stack.sweep(later(0.2));

    expect(await requestsFor('three@example.com', since)).toEqual(['GET all 503', 'GET all 503', 'GET all 200']);
    for (const email of emails.filter((address) => !address.startsWith('three'))) {
      expect(await requestsFor(email, since)).toEqual(['GET all 200']);
    }
    expect(
      stack
        .lines('ledger.scanned')
        .slice(-3)
        .map(({ isDone }) => isDone),
    ).toEqual([false, false, true]);
  });
});

describe('the sweep', () => {
  it('runs at the start and writes its metrics', () => {
    expect(stack.lines('ledger.scanned')[0]).toMatchObject({ service: 'sweep', entries: 0, isDone: true });
    expect(stack.written.find((line) => line.includes('"OldestOpenAge"'))).toContain('"service":"sweep"');
  });

  it('runs when the console requests it', async () => {
    const response = await fetch(`${stack.url}/_local/sweep`, { method: 'POST' });

    expect(response.status).toBe(200);
  });

  it('never logs an address', () => {
    expect(stack.written.length).toBeGreaterThan(50);
    expect(stack.written.join('')).not.toMatch(/example\.com|%40example/);
  });
});
