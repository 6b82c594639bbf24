import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import type { CreateTableCommandInput } from '@aws-sdk/client-dynamodb';
import { DeleteTableCommand, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { CreateQueueCommand, DeleteQueueCommand, SQSClient } from '@aws-sdk/client-sqs';
import type { LocalQueues } from '../../local/aws/queues.ts';
import { startQueues } from '../../local/aws/queues.ts';
import type { LocalTables } from '../../local/aws/tables.ts';
import { createTable, startTables } from '../../local/aws/tables.ts';
import { aws } from './listening.ts';

/**
 * URL of another implementation of AWS, on which these tests then run. `npm run check:aws` sets it.
 * @default the embedded one
 */
export const ENDPOINT = process.env.TEST_AWS_ENDPOINT;

/** Starts SQS for one test file, with empty queues. */
export async function startTestQueues(...names: readonly string[]): Promise<LocalQueues> {
  if (ENDPOINT) return queuesAt(ENDPOINT, names);
  const dir = await mkdtemp(join(tmpdir(), 'queues-'));
  const queues = await startQueues(
    names.map((name) => ({ name, attributes: {} })),
    dir,
  );
  return { ...queues, close: () => queues.close().then(() => rm(dir, { recursive: true })) };
}

async function queuesAt(url: string, names: readonly string[]): Promise<LocalQueues> {
  const client = new SQSClient(aws(url));
  const create = async (QueueName: string) => {
    const { QueueUrl = '' } = await client.send(new CreateQueueCommand({ QueueName }));
    return [QueueName, QueueUrl] as const;
  };
  const urls = new Map(await Promise.all(names.map(create)));
  return {
    url,
    urlOf: (queue) => urls.get(queue) ?? '',
    async close() {
      for (const QueueUrl of urls.values()) await client.send(new DeleteQueueCommand({ QueueUrl }));
      client.destroy();
    },
  };
}

/** Starts DynamoDB for one test file, with this empty table. */
export async function startTestTable(table: CreateTableCommandInput): Promise<LocalTables> {
  if (ENDPOINT) return tableAt(ENDPOINT, table);
  const dir = await mkdtemp(join(tmpdir(), 'table-'));
  const tables = await startTables([table], dir);
  return { ...tables, close: () => tables.close().then(() => rm(dir, { recursive: true })) };
}

async function tableAt(url: string, table: CreateTableCommandInput): Promise<LocalTables> {
  const client = new DynamoDBClient(aws(url));
  await createTable(client, table);
  return {
    url,
    async close() {
      await client.send(new DeleteTableCommand({ TableName: table.TableName }));
      client.destroy();
    },
  };
}
