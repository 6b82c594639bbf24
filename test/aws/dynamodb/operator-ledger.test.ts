import { afterAll, beforeAll, describe } from 'vitest';
import { describeOperatorLedger } from '../../core/ledger/describe-operator-ledger.ts';
import { startLedgerTable } from './ledger-table.ts';

let table: Awaited<ReturnType<typeof startLedgerTable>>;
beforeAll(async () => {
  table = await startLedgerTable();
});
afterAll(() => table.stop());

describe('the operator ledger on DynamoDB', () => {
  describeOperatorLedger(() => table);
});
