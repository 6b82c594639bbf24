import { DynamoDBClient, GetItemCommand, ScanCommand } from '@aws-sdk/client-dynamodb';
import { marshall, unmarshall } from '@aws-sdk/util-dynamodb';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createCounters } from '../../../functions/aws/dynamodb/counters.ts';
import type { Counter } from '../../../functions/core/model/counter.ts';
import type { RelayEvent } from '../../../functions/core/model/telemetry.ts';
import { allOf, aws, forwarding, listening } from '../listening.ts';
import { startLedgerTable, TABLE } from './ledger-table.ts';

let tables: Awaited<ReturnType<typeof startLedgerTable>>;
let client: DynamoDBClient;
beforeAll(async () => {
  tables = await startLedgerTable();
  ({ client } = tables);
});
afterAll(() => tables.stop());

const counter = (key: string, limit: number, retryAfterSeconds = 60): Counter => ({
  key: `limit#${key}`,
  limit,
  retryAfterSeconds,
  expiresAt: 1_795_600_800,
});

function limiting(url = tables.url) {
  const events: RelayEvent[] = [];
  const own = new DynamoDBClient(aws(url));
  return { limit: createCounters(own, { table: TABLE, report: (event) => void events.push(event) }), events };
}

async function item(key: string) {
  const { Item } = await client.send(new GetItemCommand({ TableName: TABLE, Key: marshall({ id: `limit#${key}` }) }));
  return Item && unmarshall(Item);
}

describe('a counter', () => {
  it('lets as many pass as its limit says, then says when to come again, and counts no further', async () => {
    const { limit, events } = limiting();
    const said: (number | undefined)[] = [];

    for (let sent = 0; sent < 5; sent += 1) said.push(await limit([counter('a', 3, 1234)]));

    expect(said).toEqual([undefined, undefined, undefined, 1234, 1234]);
    expect(await item('a')).toMatchObject({ count: 3 });
    expect(events).toEqual([]);
  });

  it('lets no more pass when all come at once', async () => {
    const { limit } = limiting();

    const said = await Promise.all(Array.from({ length: 20 }, () => limit([counter('at-once', 5)])));

    expect(said.filter((seconds) => seconds === undefined)).toHaveLength(5);
  });

  it('holds its count and the time of its end, and stands in no index of the ledger', async () => {
    await limiting().limit([counter('shape', 1)]);

    expect(await item('shape')).toEqual({ id: 'limit#shape', count: 1, expiresAt: 1_795_600_800 });
    for (const IndexName of ['by-address', 'by-contact', 'unfinished-by-age']) {
      expect(await client.send(new ScanCommand({ TableName: TABLE, IndexName }))).toMatchObject({ Count: 0 });
    }
  });
});

describe('several counters', () => {
  it('are asked in turn, and after a full one no more', async () => {
    const { limit } = limiting();
    const both = [counter('first', 1, 10), counter('second', 9, 20)];

    expect(await limit(both)).toBeUndefined();
    expect(await limit(both)).toBe(10);
    expect(await item('second')).toMatchObject({ count: 1 });
  });

  it('all have to let it pass', async () => {
    const { limit } = limiting();

    expect(await limit([counter('x', 9, 10), counter('narrow', 1, 20)])).toBeUndefined();
    expect(await limit([counter('y', 9, 10), counter('narrow', 1, 20)])).toBe(20);
  });

  it('may be none, and nobody is asked', async () => {
    const { url, requests } = await forwarding(tables.url);
    const { limit } = limiting(url);

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
    ['is not there', 400, '{"__type":"com.amazonaws.dynamodb.v20120810#ResourceNotFoundException"}'],
    ['fails', 500, 'limit#secret-one'],
  ])('because it %s lets everybody pass, and is reported once', async (_what, status, body) => {
    const { url, requests } = await listening((response) => response.writeHead(status).end(body));
    const { limit, events } = limiting(url);

    expect(await limit(both)).toBeUndefined();

    expect(events).toEqual([
      { event: 'rate_limit.unavailable', failure: expect.objectContaining({ name: expect.any(String) }) },
    ]);
    expect(requests).toHaveLength(1);
    expect(allOf(events)).not.toContain('secret');
  });

  it('because it does not answer lets everybody pass within a good second', async () => {
    const { url } = await listening(() => undefined);
    const { limit, events } = limiting(url);
    const startedAtMs = performance.now();

    expect(await limit(both)).toBeUndefined();

    expect(performance.now() - startedAtMs).toBeLessThan(3_000);
    expect(events).toMatchObject([{ event: 'rate_limit.unavailable', failure: { name: 'AbortError' } }]);
  });

  it('because nobody is there lets everybody pass', async () => {
    const { limit, events } = limiting('http://127.0.0.1:1');

    expect(await limit(both)).toBeUndefined();
    expect(events).toHaveLength(1);
  });
});
