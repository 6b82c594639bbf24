import { DynamoDBClient, GetItemCommand } from '@aws-sdk/client-dynamodb';
import { marshall, unmarshall } from '@aws-sdk/util-dynamodb';
import { createLedger } from '../../../functions/aws/dynamodb/ledger.ts';
import { createOperatorLedger } from '../../../functions/aws/dynamodb/operator-ledger.ts';
import { readTemplate } from '../../../local/template.ts';
import { KEYED } from '../../core/ledger/keyed-hashes.ts';
import { aws } from '../listening.ts';
import { startTestTable } from '../services.ts';

export const TABLE = 'ledger';

/** Starts a DynamoDB for one test file, with the empty table that the template defines. */
export async function startLedgerTable() {
  const { ledger: definition } = readTemplate(new URL('../../../', import.meta.url));
  const tables = await startTestTable({ ...definition, TableName: TABLE, BillingMode: 'PAY_PER_REQUEST' });
  const client = new DynamoDBClient(aws(tables.url));
  return {
    client,
    url: tables.url,
    ledger: createLedger(client, TABLE, KEYED),
    operatorLedger: createOperatorLedger(client, TABLE, KEYED),
    async item(id: string) {
      const { Item } = await client.send(new GetItemCommand({ TableName: TABLE, Key: marshall({ id }) }));
      return Item && unmarshall(Item);
    },
    async stop() {
      client.destroy();
      await tables.close();
    },
  };
}
