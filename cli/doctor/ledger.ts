import { DescribeTableCommand, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { readEnvironment } from '../../functions/adapters/config.ts';
import type { Finding } from './finding.ts';
import { examine, fault, ok } from './finding.ts';

/** infra/ledger.yml */
const INDEXES = ['by-address', 'by-contact', 'open-by-age'];

/** The table and its indexes. */
export function checkLedger(): Promise<readonly Finding[]> {
  const look = async () => {
    const { LEDGER_TABLE: TableName } = readEnvironment('LEDGER_TABLE');
    const { Table = {} } = await new DynamoDBClient().send(new DescribeTableCommand({ TableName }));
    const indexes = Table.GlobalSecondaryIndexes ?? [];
    const missing = INDEXES.filter(
      (name) => !indexes.some((each) => each.IndexName === name && each.IndexStatus === 'ACTIVE'),
    );
    if (Table.TableStatus !== 'ACTIVE' && Table.TableStatus !== 'UPDATING') {
      return [fault('ledger', `the table is ${Table.TableStatus}`, 'wait until it is ACTIVE')];
    }
    return missing.length > 0
      ? [
          fault(
            'ledger',
            `no index ${missing.join(', ')}, or it is not ACTIVE yet`,
            'deploy infra/ledger.yml as it is, or wait',
          ),
        ]
      : [ok('ledger', `the table and its ${INDEXES.length} indexes are there`)];
  };
  return examine('ledger', look, 'is LEDGER_TABLE right, and may you call dynamodb:DescribeTable?');
}
