import { DynamoDBClient, ScanCommand } from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createCounters } from '../../../functions/aws/dynamodb/counters.ts';
import type { Counter } from '../../../functions/core/model/counter.ts';
import type { RelayEvent } from '../../../functions/core/model/telemetry.ts';
import { allOf, aws, forwarding, listening } from '../listening.ts';
import { startLedgerTable, TABLE } from './ledger-table.ts';

let table: Awaited<ReturnType<typeof startLedgerTable>>;
beforeAll(async () => {
  table = await startLedgerTable();
});
afterAll(() => table.stop());

const counter = (key: string, limit: number, retryAfterSeconds = 60): Counter => ({
  kind: 'address',
  key: `limit#${key}`,
  limit,
  retryAfterSeconds,
  expiresAt: 1_795_600_800,
});

function setUp(url = table.url) {
  const events: RelayEvent[] = [];
  const client = new DynamoDBClient(aws(url));
  const { count, uncount } = createCounters(client, { table: TABLE, report: (event) => void events.push(event) });
  const limit = async (counters: readonly Counter[]) => (await count(counters))?.retryAfterSeconds;
  return { count, uncount, limit, events };
}

const item = (key: string) => table.item(`limit#${key}`);

describe('a counter', () => {
  it('accepts requests up to its limit, then returns the wait and stops counting', async () => {
    const { limit, events } = setUp();
    const waits: (number | undefined)[] = [];

    for (let sent = 0; sent < 5; sent += 1) waits.push(await limit([counter('a', 3, 1234)]));

    expect(waits).toEqual([undefined, undefined, undefined, 1234, 1234]);
    expect(await item('a')).toMatchObject({ count: 3 });
    expect(events).toEqual([]);
  });

  it('accepts no more than its limit of concurrent requests', async () => {
    const { limit } = setUp();

    const waits = await Promise.all(Array.from({ length: 20 }, () => limit([counter('at-once', 5)])));

    expect(waits.filter((seconds) => seconds === undefined)).toHaveLength(5);
  });

  it('stores its count and expiry, outside the indexes of the ledger', async () => {
    await setUp().limit([counter('shape', 1)]);

    expect(await item('shape')).toEqual({ id: 'limit#shape', count: 1, expiresAt: 1_795_600_800 });
    for (const IndexName of ['by-address', 'by-contact', 'unfinished-by-age']) {
      expect(await table.client.send(new ScanCommand({ TableName: TABLE, IndexName }))).toMatchObject({ Count: 0 });
    }
  });
});

describe('uncount', () => {
  it('takes one count back, so that another request is accepted', async () => {
    const { count, uncount, limit } = setUp();
    const [one, other] = [counter('back', 2), counter('also back', 2)];
    for (const _ of [1, 2]) await count([one, other]);
    expect(await count([one, other])).toEqual(one);

    await uncount([one, other]);

    expect([await item('back'), await item('also back')]).toMatchObject([{ count: 1 }, { count: 1 }]);
    expect([await limit([one]), await limit([one])]).toEqual([undefined, 60]);
  });

  it('never goes below zero, creates no item, and continues with the next counter', async () => {
    const { count, uncount, events } = setUp();
    const [unknown, known] = [counter('unknown', 1), counter('known', 1)];
    await count([known]);

    for (const _ of [1, 2]) await uncount([unknown, known]);

    expect([await item('unknown'), (await item('known'))?.['count']]).toEqual([undefined, 0]);
    expect(events).toEqual([]);
  });

  it('reports a table that cannot be reached, and does not throw', async () => {
    const { uncount, events } = setUp('http://127.0.0.1:1');

    expect(await uncount([counter('a', 1)])).toBeUndefined();
    expect(events).toMatchObject([{ event: 'rate_limit.unavailable' }]);
  });
});

describe('a counter with markers', () => {
  const of = (recipient: string, limit = 2) => ({ ...counter('surge', limit), markerKey: `limit#surge ${recipient}` });

  it('counts each marked value once, however often it occurs, and still accepts it when it is full', async () => {
    const { limit, events } = setUp();
    for (let sent = 0; sent < 5; sent += 1) expect(await limit([of('ada')])).toBeUndefined();
    expect(await item('surge')).toMatchObject({ count: 1 });

    expect(await limit([of('grace')])).toBeUndefined();
    for (let sent = 0; sent < 2; sent += 1) expect(await limit([of('joan')])).toBe(60);

    expect(await limit([of('ada')])).toBeUndefined();
    expect(await item('surge')).toMatchObject({ count: 2 });
    expect(events).toEqual([]);
  });

  it('costs a read and two writes for a new value, and a read for a marked one', async () => {
    const { url, requests } = await forwarding(table.url);
    const { limit } = setUp(url);
    const actions = () => requests.map(({ headers }) => String(headers['x-amz-target']).replace(/.*\./, ''));

    await limit([of('cost', 9)]);
    expect(actions()).toEqual(['GetItem', 'UpdateItem', 'UpdateItem']);
    await limit([of('cost', 9)]);
    expect(actions().slice(3)).toEqual(['GetItem']);
  });

  it('stores a marker with its expiry only', async () => {
    await setUp().limit([of('shape', 99)]);

    expect(await item('surge shape')).toEqual({ id: 'limit#surge shape', expiresAt: 1_795_600_800 });
  });
});

describe('several counters', () => {
  it('are incremented in turn up to the first full one', async () => {
    const { limit } = setUp();
    const both = [counter('first', 1, 10), counter('second', 9, 20)];

    expect(await limit(both)).toBeUndefined();
    expect(await limit(both)).toBe(10);
    expect(await item('second')).toMatchObject({ count: 1 });
  });

  it('reject the request if any of them is full', async () => {
    const { limit } = setUp();

    expect(await limit([counter('x', 9, 10), counter('narrow', 1, 20)])).toBeUndefined();
    expect(await limit([counter('y', 9, 10), counter('narrow', 1, 20)])).toBe(20);
  });

  it('cause no request to DynamoDB if the list is empty', async () => {
    const { url, requests } = await forwarding(table.url);
    const { limit } = setUp(url);

    expect(await limit([])).toBeUndefined();
    expect(requests).toEqual([]);
  });
});

describe('a table that cannot be reached', () => {
  const both = [counter('secret-one', 1), counter('secret-two', 1)];

  it.each([
    [
      'is throttled',
      400,
      '{"__type":"com.amazonaws.dynamodb.v20120810#ThrottlingException","message":"limit#secret-one"}',
    ],
    ['does not exist', 400, '{"__type":"com.amazonaws.dynamodb.v20120810#ResourceNotFoundException"}'],
    ['fails', 500, 'limit#secret-one'],
  ])('because it %s accepts every request and is reported once', async (_what, status, body) => {
    const { url, requests } = await listening((response) => response.writeHead(status).end(body));
    const { limit, events } = setUp(url);

    expect(await limit(both)).toBeUndefined();

    expect(events).toEqual([
      { event: 'rate_limit.unavailable', failure: expect.objectContaining({ name: expect.any(String) }) },
    ]);
    expect(requests).toHaveLength(1);
    expect(allOf(events)).not.toContain('secret');
  });

  it('because it does not respond accepts every request after about a second', async () => {
    const { url } = await listening(() => undefined);
    const { limit, events } = setUp(url);
    const startedAtMs = performance.now();

    expect(await limit(both)).toBeUndefined();

    expect(performance.now() - startedAtMs).toBeLessThan(3_000);
    expect(events).toMatchObject([{ event: 'rate_limit.unavailable', failure: { name: 'AbortError' } }]);
  });

  it('because the connection is refused accepts every request', async () => {
    const { limit, events } = setUp('http://127.0.0.1:1');

    expect(await limit(both)).toBeUndefined();
    expect(events).toHaveLength(1);
  });
});
