import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createStatusReader } from '../../../functions/aws/dynamodb/table.ts';
import { AT, optOut } from '../../core/examples.ts';
import { aws, forwarding } from '../listening.ts';
import { startLedgerTable, TABLE } from './ledger-table.ts';

let table: Awaited<ReturnType<typeof startLedgerTable>>;
beforeAll(async () => {
  table = await startLedgerTable();
});
afterAll(() => table.stop());

it('reads only the state and the end of an entry, and asks for nothing else', async () => {
  const { url, requests } = await forwarding(table.url);
  const find = createStatusReader(new DynamoDBClient(aws(url)), TABLE);
  const command = optOut();
  expect(await find(command.id)).toBeUndefined();

  await table.ledger.claim(command, AT);
  expect(await find(command.id)).toEqual({ state: 'open' });
  const outcome = { kind: 'confirmed', evidence: 'response', changed: true } as const;
  await table.ledger.complete(command, { attempt: 1, outcome }, AT);

  expect(await find(command.id)).toEqual({ state: 'confirmed', closedAt: AT.toISOString() });
  expect(JSON.parse(String(requests[0]?.body))).toEqual({
    TableName: TABLE,
    Key: { id: { S: command.id } },
    ConsistentRead: true,
    ProjectionExpression: '#state, #closedAt',
    ExpressionAttributeNames: { '#state': 'state', '#closedAt': 'closedAt' },
  });
});
