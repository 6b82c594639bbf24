import { PutItemCommand, QueryCommand, ScanCommand, UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import { marshall } from '@aws-sdk/util-dynamodb';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createTableClient } from '../../../functions/aws/dynamodb/table.ts';
import type { EntryId } from '../../../functions/core/ledger/operator-ledger.ts';
import { thrownBy } from '../listening.ts';
import { startLedgerTable, TABLE } from './ledger-table.ts';

const IDS = Array.from({ length: 4 }, (_none, index) => `large-${index}`);
const [EMAIL, AT, SHARD] = ['large@example.com', '2026-11-02T10:00:00.000Z', 'open#0'] as const;
/** Below the limit of an item, 400 KB. Four of them exceed a page of a query or a scan, 1 MB. */
const LARGE = 'x'.repeat(380 * 1024);

let table: Awaited<ReturnType<typeof startLedgerTable>>;
beforeAll(async () => {
  table = await startLedgerTable();
  for (const id of IDS) await table.client.send(put({ id, unfinished: SHARD, signedReceipt: LARGE }));
});
afterAll(() => table.stop());

const put = (item: object) =>
  new PutItemCommand({ TableName: TABLE, Item: marshall({ email: EMAIL, receivedAt: AT, claimedAt: AT, ...item }) });

describe('more than 1 MB of entries', () => {
  it('is one page too much for DynamoDB', async () => {
    const where = { IndexName: 'unfinished-by-age', KeyConditionExpression: 'unfinished = :shard' };
    const values = { ExpressionAttributeValues: marshall({ ':shard': SHARD }) };

    const query = await table.client.send(new QueryCommand({ TableName: TABLE, ...where, ...values }));
    const scan = await table.client.send(new ScanCommand({ TableName: TABLE }));

    expect([query.Items?.length, scan.Items?.length].map((count = 4) => count < 4)).toEqual([true, true]);
  });

  it('is read completely by age', async () => {
    const found = await Array.fromAsync(createTableClient(table.client, TABLE).each('unfinished-by-age', SHARD));

    expect(found.map(({ id }) => id).toSorted()).toEqual(IDS);
  });

  it('is read completely by a scan in pages', async () => {
    const { page } = createTableClient(table.client, TABLE);
    const found: string[] = [];
    let cursor: EntryId | undefined;
    do {
      const next = await page(cursor, 100);
      found.push(...next.entries.map(({ id }) => id));
      cursor = next.cursor;
    } while (cursor);

    expect(found.toSorted()).toEqual(IDS);
  });
});

describe('DynamoDB rejects', () => {
  it.each(['state', 'source', 'attempts'])('only a reserved word, in an expression that names %s', async (name) => {
    const update = new UpdateItemCommand({
      TableName: TABLE,
      Key: marshall({ id: 'words' }),
      UpdateExpression: `SET ${name} = :value`,
      ExpressionAttributeValues: marshall({ ':value': 'x' }),
    });

    if (name === 'attempts') await expect(table.client.send(update)).resolves.toBeDefined();
    else expect((await thrownBy(() => table.client.send(update))).message).toContain('reserved keyword');
  });

  it('an item over 400 KB', async () => {
    const error = await thrownBy(() => table.client.send(put({ id: 'huge', signedReceipt: 'x'.repeat(400 * 1024) })));

    expect(error.message).toContain('Item size has exceeded the maximum allowed size');
  });
});
