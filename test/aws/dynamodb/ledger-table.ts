import { createHmac } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { createLedger } from '../../../functions/aws/dynamodb/ledger.ts';
import { startTables } from '../../../local/aws/tables.ts';
import { readTemplate } from '../../../local/template.ts';
import { aws } from '../listening.ts';

export const TABLE = 'ledger';

/** Stand for the keyed hashes: of the key in use, and of the one before it. */
export const KEYED = {
  hash: async (text: string) => hashOf(text, 'new'),
  hashes: async (text: string) => [hashOf(text, 'new'), hashOf(text, 'old')],
};

/** The same before the newest key came. */
export const BEFORE = {
  hash: async (text: string) => hashOf(text, 'old'),
  hashes: async (text: string) => [hashOf(text, 'old')],
};

export const hashOf = (text: string, key: string) => createHmac('sha256', key).update(text).digest('base64url');

/** The ledger on its table as it is deployed, empty, in a DynamoDB of the test file's own. */
export async function startLedgerTable() {
  const { ledger: definition } = readTemplate(new URL('../../../', import.meta.url));
  const dir = await mkdtemp(join(tmpdir(), 'ledger-'));
  const tables = await startTables([{ ...definition, TableName: TABLE, BillingMode: 'PAY_PER_REQUEST' }], dir);
  const client = new DynamoDBClient(aws(tables.url));
  const stop = async () => {
    client.destroy();
    await tables.close();
    await rm(dir, { recursive: true });
  };
  return { client, url: tables.url, ledger: createLedger(client, TABLE, KEYED), stop };
}
