import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { ConditionalCheckFailedException, UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import type { Counter } from '../core/limits.ts';
import type { Report } from '../core/report.ts';
import { failureOf } from './report.ts';

/** For all counters of one thing; a person waits meanwhile. */
const TIME_LIMIT_MS = 1_000;

/**
 * Counts in each of the counters until one is full. Gives the seconds until another try is worth it; undefined where none
 * is full.
 */
export type Count = (counters: readonly Counter[]) => Promise<number | undefined>;

/** Counters in the ledger's table. Rejects where that cannot be reached. */
export function openCounters(client: DynamoDBClient, table: string): Count {
  return async (counters) => {
    const abortSignal = AbortSignal.timeout(TIME_LIMIT_MS);
    for (const counter of counters) {
      const isCounted = await attempt(() => client.send(counting(counter, table), { abortSignal }));
      if (!isCounted) return counter.retryAfterSeconds;
    }
    return undefined;
  };
}

/** For people, who pass where it cannot be counted, which is reported: an opt-out is worth more than a limit. */
export function openLimit(count: Count, report: Report): Count {
  return (counters) =>
    count(counters).catch((error: unknown) => {
      report({ event: 'request.failed', failure: failureOf(error) });
      return undefined;
    });
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
