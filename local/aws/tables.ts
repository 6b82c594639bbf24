import type { CreateTableCommandInput } from '@aws-sdk/client-dynamodb';
import {
  CreateTableCommand,
  DynamoDBClient,
  ResourceInUseException,
  waitUntilTableExists,
} from '@aws-sdk/client-dynamodb';
import dynalite from 'dynalite';
import { closeServer, listenOnLoopback } from '../listen.ts';

/** DynamoDB on loopback. */
export interface LocalTables {
  readonly url: string;
  close(): Promise<void>;
}

/** Starts DynamoDB with these tables. Tables and items are stored in `dir` and survive `kill -9`. */
export async function startTables(tables: readonly CreateTableCommandInput[], dir: string): Promise<LocalTables> {
  const server = dynalite({ path: dir, createTableMs: 0 });
  const url = `http://127.0.0.1:${await listenOnLoopback(server, 0)}`;
  const credentials = { accessKeyId: 'local', secretAccessKey: 'local' };
  const client = new DynamoDBClient({ endpoint: url, region: 'us-east-1', credentials });
  for (const table of tables) await createTable(client, table);
  client.destroy();
  return { url, close: () => closeServer(server) };
}

/** Creates a table unless it exists, and waits until it is active. */
export async function createTable(client: DynamoDBClient, table: CreateTableCommandInput): Promise<void> {
  try {
    await client.send(new CreateTableCommand(table));
  } catch (error) {
    if (!(error instanceof ResourceInUseException)) throw error;
  }
  // CreateTable returns before the table is usable.
  const { TableName } = table;
  await waitUntilTableExists({ client, maxWaitTime: 10, minDelay: 0.01, maxDelay: 0.1 }, { TableName });
}
