import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { ConditionalCheckFailedException, UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import type { Counter } from '../../core/model/counter.ts';
import type { Report } from '../../core/model/telemetry.ts';
import { failureOf } from '../telemetry.ts';

/** For all counters of a submission; a person waits meanwhile. */
const TIME_LIMIT_MS = 1_000;

/** Where the counters stand, and who hears of it when they cannot be reached. */
export interface CounterPorts {
  /** The ledger's. */
  readonly table: string;
  readonly report: Report;
}

/**
 * Counts a submission in each of its counters until one is full. Gives the seconds until another try is worth it; undefined
 * where none is full, and also where the table cannot be reached, which is reported: an opt-out is worth more than a limit.
 */
export function createCounters(
  client: DynamoDBClient,
  { table, report }: CounterPorts,
): (counters: readonly Counter[]) => Promise<number | undefined> {
  return async (counters) => {
    const abortSignal = AbortSignal.timeout(TIME_LIMIT_MS);
    try {
      for (const counter of counters) {
        const isCounted = await attempt(() => client.send(counting(counter, table), { abortSignal }));
        if (!isCounted) return counter.retryAfterSeconds;
      }
    } catch (error) {
      report({ event: 'rate_limit.unavailable', failure: failureOf(error) });
    }
    return undefined;
  };
}

/** Whether the condition of the write held. */
async function attempt(write: () => Promise<unknown>): Promise<boolean> {
  try {
    await write();
    return true;
  } catch (error) {
    if (error instanceof ConditionalCheckFailedException) return false;
    throw error;
  }
}

/** The item is of no index, and DynamoDB deletes it some time after its window. */
function counting({ key, limit, expiresAt }: Counter, TableName: string): UpdateItemCommand {
  return new UpdateItemCommand({
    TableName,
    Key: { id: { S: key } },
    ConditionExpression: 'attribute_not_exists(#count) OR #count < :limit',
    UpdateExpression: 'SET #expiresAt = :expiresAt ADD #count :one',
    ExpressionAttributeNames: { '#count': 'count', '#expiresAt': 'expiresAt' },
    ExpressionAttributeValues: {
      ':limit': { N: `${limit}` },
      ':expiresAt': { N: `${expiresAt}` },
      ':one': { N: '1' },
    },
  });
}
