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
/** Each test has days of its own, so that its walk through the ledger is a new one. */
let days = 0;

beforeAll(async () => {
  stack = await stackUnderTest({ LEDGER_RETENTION_DAYS: '30' });
  // The run at the start is over before there is anything to find.
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
  if (isUnderWay()) await walked(later(-30));
});

const isUnderWay = () => stack.lines('ledger.scanned').at(-1)?.isDone === false;

/** A run of the sweep, and more as long as its walk is cut short: after what the tests do, it may leave HubSpot alone for a while. */
async function walked(at: Date): Promise<void> {
  await until(
    async () => {
      await stack.sweep(at);
      return isUnderWay();
    },
    (is) => !is,
  );
}

const later = (hours: number) => new Date(Date.now() + (days * 24 + hours) * 3_600_000);

async function optOut(email: string): Promise<void> {
  const headers = { 'content-type': 'application/json' };
  const answer = await stack.post({ path: '/unsubscribe', headers, body: JSON.stringify({ email }) });
  expect(answer.status).toBe(202);
}

/** The entry of an address, once it is so. */
async function entry(email: string, isSo: (entry: Item) => boolean): Promise<Item | undefined> {
  const table = createTableClient(dynamodb, process.env.LEDGER_TABLE ?? '');
  const [found] = await until(
    () => table.query('by-address', email),
    ([each]) => each !== undefined && isSo(each),
  );
  return found;
}

const isConfirmed = ({ state }: Item) => state === 'confirmed';

/** Opts out, and HubSpot has it. */
async function confirmed(email: string): Promise<void> {
  await optOut(email);
  await entry(email, isConfirmed);
}

/** What HubSpot was asked about this address since then, each with what it answered. */
async function askedAbout(email: string, since = 0): Promise<readonly string[]> {
  const asked = (await stack.asked()).slice(since).filter(({ path }) => decodeURIComponent(path).includes(email));
  return asked.map(
    ({ method, path, status }) => `${method} ${/unsubscribe-all/.test(path) ? 'all' : 'each'} ${status}`,
  );
}

const NO_BULK = { match: 'batch/unsubscribe-all/read', times: 1000, status: 403 };
const isOut = ({ optedOut }: { readonly optedOut: boolean }) => optedOut;

describe('a command whose message is gone', () => {
  it('is put on the queue again, and carried out once', async () => {
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

  it('is named while it waits, with its age and without its address', async () => {
    const email = 'waiting@example.com';
    await stack.sim('faults', 'POST', [{ times: 1000, status: 503 }]);
    await optOut(email);
    const { id } = (await entry(email, ({ lastStatus }) => lastStatus === 503)) ?? {};

    await stack.sweep(later(0));

    const named = stack.lines('optout.overdue').filter(({ optOutId }) => optOutId === id);
    expect(named).toMatchObject([{ level: 'ERROR', service: 'sweep', source: 'form', state: 'open' }]);
    expect(named[0]?.ageSeconds).toBeGreaterThan(days * 86_400 - 1);
    await stack.sim('faults', 'POST', []);
    await entry(email, isConfirmed);
  });
});

describe('an opt-out that HubSpot has lost', () => {
  it('is carried out again with one write, and the others are left alone', async () => {
    await confirmed('lost@example.com');
    await confirmed('kept@example.com');
    await stack.sim('contacts/lost@example.com', 'PUT', { optedOut: false });

    await walked(later(0));

    await until(() => stack.contact('lost@example.com'), isOut);
    await entry('lost@example.com', isConfirmed);
    expect(stack.lines('optout.drifted')).toHaveLength(1);
    expect(await stack.contact('lost@example.com')).toMatchObject({ optedOut: true, optOutWrites: 2 });
    expect(await stack.contact('kept@example.com')).toMatchObject({ optedOut: true, optOutWrites: 1 });
  });

  it('is kept for its time once more', async () => {
    const email = 'again@example.com';
    await confirmed(email);
    await stack.sim(`contacts/${email}`, 'PUT', { optedOut: false });

    await walked(later(0));

    const { closedAt = '', expiresAt } =
      (await entry(email, (each) => isConfirmed(each) && 'reopenedAt' in each)) ?? {};
    expect(expiresAt).toBe(Math.floor(Date.parse(closedAt) / 1000) + 30 * 86_400);
  });

  it('is told to the result bus as confirmed once more', async () => {
    await confirmed('twice@example.com');
    const id = (await entry('twice@example.com', isConfirmed))?.id;
    await stack.sim('contacts/twice@example.com', 'PUT', { optedOut: false });

    await walked(later(0));

    const told = () => stack.lines('local.result').filter(({ detail }) => (detail as { id: string }).id === id);
    await until(
      async () => told().length,
      (count) => count === 2,
    );
    const confirmedOnce = { detailType: 'Opt-Out Confirmed', detail: { changed: true } };
    expect(told()).toMatchObject([confirmedOnce, confirmedOnce]);
  });

  it('is found by single reads where the tier has no others', async () => {
    await confirmed('single@example.com');
    await stack.sim('contacts/single@example.com', 'PUT', { optedOut: false });
    await stack.sim('faults', 'POST', [NO_BULK]);
    const since = (await stack.asked()).length;

    await walked(later(0));

    await until(() => stack.contact('single@example.com'), isOut);
    await entry('single@example.com', isConfirmed);
    const asked = await askedAbout('single@example.com', since);
    // The look; then the delivery, which asks before it tells.
    expect(asked).toEqual(['GET all 200', 'GET each 200', 'GET all 200', 'GET each 200', 'POST all 200']);
    const many = (await stack.asked()).slice(since).filter(({ path }) => path.includes('/batch/'));
    expect(many).toMatchObject([{ status: 403 }]);
  });

  it('is left to a newer opt-in, and asked about no more', async () => {
    const email = 'back@example.com';
    await confirmed(email);
    await stack.sim(`contacts/${email}`, 'PUT', {
      statuses: [{ status: 'SUBSCRIBED', timestamp: new Date(Date.now() + 1000).toISOString() }],
    });
    const at = later(0);

    await walked(at);
    const since = (await stack.asked()).length;
    await stack.sweep(later(25));

    expect(await entry(email, isConfirmed)).toMatchObject({ optedInAt: at.toISOString() });
    expect(stack.lines('optout.opted_in')).toHaveLength(1);
    expect(await askedAbout(email, since)).toEqual([]);
    expect(await stack.contact(email)).toMatchObject({ optedOut: false, optOutWrites: 1 });
  });
});

describe('a walk that is cut short', () => {
  it('goes on where it ended, and asks about nobody twice', async () => {
    const emails = ['one', 'two', 'three', 'four', 'five', 'six'].map((name) => `${name}@example.com`);
    for (const email of emails) await confirmed(email);
    await stack.sim('faults', 'POST', [NO_BULK, { match: 'three@example.com', times: 2, status: 503 }]);
    const since = (await stack.asked()).length;

    await stack.sweep(later(0));
    expect(await askedAbout('three@example.com', since)).toEqual(['GET all 503']);
    await stack.sweep(later(0.1));
    await stack.sweep(later(0.2));

    expect(await askedAbout('three@example.com', since)).toEqual(['GET all 503', 'GET all 503', 'GET all 200']);
    for (const email of emails.filter((each) => !each.startsWith('three'))) {
      expect(await askedAbout(email, since)).toEqual(['GET all 200']);
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
  it('runs at the start, and says in its metrics how it stands', () => {
    expect(stack.lines('ledger.scanned')[0]).toMatchObject({ service: 'sweep', entries: 0, isDone: true });
    expect(stack.written.find((line) => line.includes('"OldestOpenAge"'))).toContain('"service":"sweep"');
  });

  it('can be told to run by the console', async () => {
    const answer = await fetch(`${stack.url}/_local/sweep`, { method: 'POST' });

    expect(answer.status).toBe(200);
  });

  it('has written no address', () => {
    expect(stack.written.length).toBeGreaterThan(50);
    expect(stack.written.join('')).not.toMatch(/example\.com|%40example/);
  });
});
