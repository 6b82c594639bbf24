import process from 'node:process';
import { DeleteItemCommand, DynamoDBClient, paginateScan } from '@aws-sdk/client-dynamodb';
import { openReceiptKeys } from '../../cli/context.ts';
import { changing } from '../../functions/aws/dynamodb/change.ts';
import { openLedger } from '../../functions/aws/dynamodb/ledger.ts';
import { openDesk } from '../../functions/aws/dynamodb/operator-ledger.ts';
import { openTable } from '../../functions/aws/dynamodb/table.ts';
import { createTable } from '../../local/aws/tables.ts';
import { readTemplate } from '../../local/template.ts';

export type CrashLedger = Awaited<ReturnType<typeof openCrashLedger>>;

/**
 * A ledger of the proof's own, for whichever function is loaded from then on: the stack sweeps its own one by the clock on the
 * wall, in the middle of whatever is tried.
 */
export async function openCrashLedger() {
  const client = new DynamoDBClient();
  const TableName = 'crash';
  const { ledger } = readTemplate(new URL('../../', import.meta.url));
  await createTable(client, { ...ledger, TableName, BillingMode: 'PAY_PER_REQUEST' });
  Object.assign(process.env, { LEDGER_TABLE: TableName });
  const receipts = openReceiptKeys(process.env.RECEIPTS_SECRET ?? '');
  const table = openTable(client, TableName);
  return {
    ...openLedger(client, TableName, receipts),
    ...openDesk(client, TableName, receipts.hashes),
    receipts,
    /** Of whoever held a command and is dead. */
    endLease: (id: string) => table.update(id, changing('attribute_exists(#leasedUntil)', { leasedUntil: 0 })),
    async clear() {
      for await (const { Items = [] } of paginateScan({ client }, { TableName, ProjectionExpression: 'id' })) {
        await Promise.all(Items.map((Key) => client.send(new DeleteItemCommand({ TableName, Key }))));
      }
    },
  };
}
