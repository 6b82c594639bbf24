import { DescribeTableCommand, DescribeTimeToLiveCommand, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { readEnvironment } from '../../functions/config/environment.ts';
import type { Finding } from './finding.ts';
import { examine, fault, ok, warning } from './finding.ts';

/** infra/ledger.yml */
const INDEXES = ['by-address', 'by-contact', 'unfinished-by-age'];

const DEPLOY = 'deploy infra/ledger.yml as it is';

/** The table and its indexes, and whether it deletes what it is to delete. */
export async function checkLedger(): Promise<readonly Finding[]> {
  return (await Promise.all([checkTable(), checkRetention()])).flat();
}

function checkTable(): Promise<readonly Finding[]> {
  const check = async () => {
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
      ? [fault('ledger', `no index ${missing.join(', ')}, or it is not ACTIVE yet`, `${DEPLOY}, or wait`)]
      : [ok('ledger', `the table and its ${INDEXES.length} indexes are there`)];
  };
  return examine('ledger', check, 'is LEDGER_TABLE right, and may you call dynamodb:DescribeTable?');
}

/** Nothing is seen where entries are kept for ever. */
function checkRetention(): Promise<readonly Finding[]> {
  const check = async () => {
    const { LEDGER_RETENTION_DAYS: days } = readEnvironment('LEDGER_RETENTION_DAYS');
    if (days === undefined) return [];
    const ask = new DescribeTimeToLiveCommand({ TableName: readEnvironment('LEDGER_TABLE').LEDGER_TABLE });
    const { TimeToLiveDescription: ttl } = await new DynamoDBClient().send(ask);
    const isOn = ttl?.TimeToLiveStatus === 'ENABLED' && ttl.AttributeName === 'expiresAt';
    return isOn
      ? [ok('retention', `entries are deleted ${days} days after they were closed`)]
      : [warning('retention', `${days} days, but the table’s TTL is not on: no entry is deleted`, DEPLOY)];
  };
  return examine('retention', check, 'may you call dynamodb:DescribeTimeToLive?');
}
