import { DescribeTableCommand, DescribeTimeToLiveCommand, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { readEnvironment } from '../../functions/config/environment.ts';
import type { Finding } from './finding.ts';
import { examine, fault, ok, warning } from './finding.ts';

/** The indexes in infra/ledger.yml. */
const INDEXES = ['by-address', 'by-contact', 'unfinished-by-age'];

const DEPLOY = 'deploy infra/ledger.yml without changes';

/** Checks the table, its indexes and the deletion of expired entries. */
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
      ? [fault('ledger', `missing or not yet ACTIVE: index ${missing.join(', ')}`, `${DEPLOY}, or wait`)]
      : [ok('ledger', `the table and its ${INDEXES.length} indexes are active`)];
  };
  return examine('ledger', check, 'check LEDGER_TABLE and your permission for dynamodb:DescribeTable');
}

/** Returns no finding if entries are kept indefinitely. */
function checkRetention(): Promise<readonly Finding[]> {
  const check = async () => {
    const { LEDGER_RETENTION_DAYS: days } = readEnvironment('LEDGER_RETENTION_DAYS');
    if (days === undefined) return [];
    const command = new DescribeTimeToLiveCommand({ TableName: readEnvironment('LEDGER_TABLE').LEDGER_TABLE });
    const { TimeToLiveDescription: ttl } = await new DynamoDBClient().send(command);
    const isOn = ttl?.TimeToLiveStatus === 'ENABLED' && ttl.AttributeName === 'expiresAt';
    return isOn
      ? [ok('retention', `entries are deleted ${days} days after they were completed`)]
      : [warning('retention', `${days} days, but TTL is off on the table: no entry is deleted`, DEPLOY)];
  };
  return examine('retention', check, 'check your permission for dynamodb:DescribeTimeToLive');
}
