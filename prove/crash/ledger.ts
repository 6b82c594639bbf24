import process from 'node:process';
import { DeleteItemCommand, DynamoDBClient, paginateScan } from '@aws-sdk/client-dynamodb';
import { createReceiptKeys } from '../../cli/context.ts';
import { createLedger } from '../../functions/aws/dynamodb/ledger.ts';
import { createOperatorLedger } from '../../functions/aws/dynamodb/operator-ledger.ts';
import { buildUpdate, createTableClient } from '../../functions/aws/dynamodb/table.ts';
import { createTable } from '../../local/aws/tables.ts';
import { readTemplate } from '../../local/template.ts';

export type CrashLedger = Awaited<ReturnType<typeof createCrashLedger>>;

/**
 * Creates a separate ledger for the functions loaded afterwards: the stack sweeps its own ledger on a schedule, which would
 * interfere with the scenarios.
 */
export async function createCrashLedger() {
  const client = new DynamoDBClient();
  const TableName = 'crash';
  const { ledger } = readTemplate(new URL('../../', import.meta.url));
  await createTable(client, { ...ledger, TableName, BillingMode: 'PAY_PER_REQUEST' });
  Object.assign(process.env, { LEDGER_TABLE: TableName });
  const receipts = createReceiptKeys(process.env.RECEIPTS_SECRET ?? '');
  const table = createTableClient(client, TableName);
  return {
    ...createLedger(client, TableName, receipts),
    ...createOperatorLedger(client, TableName, receipts),
    receipts,
    /** Ends the lease of a killed function. */
    endLease: (id: string) => table.update(id, buildUpdate('attribute_exists(#leasedUntil)', { leasedUntil: 0 })),
    async clear() {
      for await (const { Items = [] } of paginateScan({ client }, { TableName, ProjectionExpression: 'id' })) {
        await Promise.all(Items.map((Key) => client.send(new DeleteItemCommand({ TableName, Key }))));
      }
    },
  };
}
