import type { DynamoDBClient, GetItemCommandOutput, UpdateItemCommandOutput } from '@aws-sdk/client-dynamodb';
import { ConditionalCheckFailedException, GetItemCommand, UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import type { Counter, Counters } from '../../core/model/counter.ts';
import type { Report } from '../../core/model/telemetry.ts';
import { failureOf } from '../telemetry.ts';

/** The time limit for all counters of a call, since a person is waiting for the response. */
const TIME_LIMIT_MS = 1_000;

export interface CounterPorts {
  /** The name of the ledger's table. */
  readonly table: string;
  readonly report: Report;
}

/**
 * Creates the counters. A counter with a marker costs one read and, for a value that is new in its hour, one write more. If the
 * table cannot be reached, the error is reported and no counter is full, so that the limits never block an opt-out.
 */
export function createCounters(client: DynamoDBClient, { table, report }: CounterPorts): Counters {
  const reported = async <Result>(run: (send: Send) => Promise<Result>): Promise<Result | undefined> => {
    const abortSignal = AbortSignal.timeout(TIME_LIMIT_MS);
    try {
      return await run((command) => client.send(command, { abortSignal }));
    } catch (error) {
      report({ event: 'rate_limit.unavailable', failure: failureOf(error) });
      return undefined;
    }
  };
  return {
    count: (counters) =>
      reported(async (send) => {
        for (const counter of counters) if (!(await isWithinLimit(counter, table, send))) return counter;
        return undefined;
      }),
    uncount: (counters) =>
      reported(async (send) => {
        for (const counter of counters) await isWritten(() => send(decrement(counter, table)));
      }),
  };
}

type Send = (command: GetItemCommand | UpdateItemCommand) => Promise<GetItemCommandOutput | UpdateItemCommandOutput>;

/** Marks a value after it is counted: an interruption in between counts a value twice, and never too few. */
async function isWithinLimit(counter: Counter, table: string, send: Send): Promise<boolean> {
  const { markerKey } = counter;
  if (markerKey === undefined) return isWritten(() => send(increment(counter, table)));
  const read = await send(
    new GetItemCommand({ TableName: table, Key: { id: { S: markerKey } }, ConsistentRead: true }),
  );
  if ('Item' in read && read.Item) return true;
  if (!(await isWritten(() => send(increment(counter, table))))) return false;
  await send(mark(markerKey, counter, table));
  return true;
}

/** Returns false if the condition of the write failed. */
async function isWritten(write: () => Promise<unknown>): Promise<boolean> {
  try {
    await write();
    return true;
  } catch (error) {
    if (error instanceof ConditionalCheckFailedException) return false;
    throw error;
  }
}

/** The item is in none of the indexes, and the TTL deletes it after its hour. */
function increment({ key, limit, expiresAt }: Counter, TableName: string): UpdateItemCommand {
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

function decrement({ key }: Counter, TableName: string): UpdateItemCommand {
  return new UpdateItemCommand({
    TableName,
    Key: { id: { S: key } },
    ConditionExpression: '#count > :zero',
    UpdateExpression: 'ADD #count :less',
    ExpressionAttributeNames: { '#count': 'count' },
    ExpressionAttributeValues: { ':zero': { N: '0' }, ':less': { N: '-1' } },
  });
}

function mark(id: string, { expiresAt }: Counter, TableName: string): UpdateItemCommand {
  return new UpdateItemCommand({
    TableName,
    Key: { id: { S: id } },
    UpdateExpression: 'SET #expiresAt = :expiresAt',
    ExpressionAttributeNames: { '#expiresAt': 'expiresAt' },
    ExpressionAttributeValues: { ':expiresAt': { N: `${expiresAt}` } },
  });
}
