import type { DynamoDBClient, UpdateItemCommandInput } from '@aws-sdk/client-dynamodb';
import {
  ConditionalCheckFailedException,
  GetItemCommand,
  paginateQuery,
  ScanCommand,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb';
import { marshall, unmarshall } from '@aws-sdk/util-dynamodb';
import type { Entry, PublicStatus } from '../../core/ledger/ledger.ts';
import type { EntryId, Page } from '../../core/ledger/operator-ledger.ts';
import type { Shard } from './shards.ts';

/**
 * The item of a command. `email` is the key of the index by address: an item about a contact is added to the index once
 * its address is found, and an erased item is indexed by the hash.
 */
export interface Item extends Entry {
  /** The key of the sparse index by age while the entry is unfinished. */
  readonly unfinished?: Shard;
  /** Epoch milliseconds; 0 after a deferral. */
  readonly leasedUntil?: number;
  /**
   * The number of attempts when HubSpot had last answered every write. If it is lower than the number of earlier attempts, one of
   * them sent a write without an answer, or was interrupted.
   */
  readonly answeredAttempts?: number;
  /** An attempt passed the surge limit and was deferred. */
  readonly isReleased?: true;
  /** The open entry is erased when it is closed. */
  readonly eraseOnClose?: true;
  /** Epoch seconds; the table's TTL attribute. */
  readonly expiresAt?: number;
  /** A saved cursor of the sweep. Set only on items that are not commands. */
  readonly cursor?: unknown;
}

/** Attributes by name; undefined removes the attribute. */
export type Fields = Readonly<Record<string, unknown>>;

/** A conditional update of one item. */
export type Update = Pick<
  UpdateItemCommandInput,
  'UpdateExpression' | 'ConditionExpression' | 'ExpressionAttributeNames' | 'ExpressionAttributeValues'
>;

/** The ledger's table; see infra/ledger.yml. */
export interface Table {
  /** Reads consistently. */
  find(id: string): Promise<Item | undefined>;
  /** Returns the updated item, or undefined if the condition failed. */
  update(id: string, update: Update): Promise<Item | undefined>;
  /**
   * Returns every item of an index key, each read consistently: these indexes have keys only. On AWS an index is eventually
   * consistent.
   */
  query(index: KeyIndex, key: string): Promise<readonly Item[]>;
  /** Yields every item of an index key in the order of the index, and holds one page of them. */
  each(index: Exclude<Index, KeyIndex>, key: string): AsyncIterable<Item>;
  /** Scans at most `limit` items, in no order, and returns those that are commands. */
  page(after: EntryId | undefined, limit: number): Promise<Page>;
}

type Index = keyof typeof KEYS;
type KeyIndex = 'by-address' | 'by-contact';

/** Small enough to hold a page of every shard. */
const PAGE_SIZE = 100;

const KEYS = { 'by-address': 'email', 'by-contact': 'contactId', 'unfinished-by-age': 'unfinished' };

export function createTableClient(client: DynamoDBClient, TableName: string): Table {
  async function* itemsIn(IndexName: Index, key: string): AsyncGenerator<Item> {
    const where = { KeyConditionExpression: '#key = :key', ExpressionAttributeNames: { '#key': KEYS[IndexName] } };
    const values = { ExpressionAttributeValues: marshall({ ':key': key }) };
    const query = { TableName, IndexName, ...where, ...values };
    for await (const { Items = [] } of paginateQuery({ client, pageSize: PAGE_SIZE }, query)) {
      yield* Items.map((item) => unmarshall(item) as Item);
    }
  }
  const find = async (id: string): Promise<Item | undefined> => {
    const read = new GetItemCommand({ TableName, Key: marshall({ id }), ConsistentRead: true });
    const { Item } = await client.send(read);
    return Item && (unmarshall(Item) as Item);
  };
  return {
    find,
    async update(id, update) {
      try {
        const where = { TableName, Key: marshall({ id }), ReturnValues: 'ALL_NEW' as const };
        const { Attributes = {} } = await client.send(new UpdateItemCommand({ ...where, ...update }));
        return unmarshall(Attributes) as Item;
      } catch (error) {
        if (error instanceof ConditionalCheckFailedException) return undefined;
        throw error;
      }
    },
    async query(index, key) {
      const keys = await Array.fromAsync(itemsIn(index, key));
      const items = await Promise.all(keys.map(({ id }) => find(id)));
      return items.filter((item) => item !== undefined);
    },
    each: itemsIn,
    async page(after, Limit) {
      const start = after === undefined ? {} : { ExclusiveStartKey: marshall({ id: after }) };
      const onlyCommands = { FilterExpression: 'attribute_exists(claimedAt)' };
      const scan = new ScanCommand({ TableName, Limit, ...start, ...onlyCommands });
      const { Items = [], LastEvaluatedKey } = await client.send(scan);
      const entries = Items.map((item) => unmarshall(item) as Item);
      return { entries, ...(LastEvaluatedKey ? { cursor: unmarshall(LastEvaluatedKey).id } : {}) };
    },
  };
}

/** The attributes that the public function may read. The same in infra/permissions.yml. */
const PUBLIC = ['state', 'closedAt'] satisfies readonly (keyof PublicStatus)[];

/** Creates a consistent read of what a receipt page shows, and of nothing else. */
export function createStatusReader(
  client: DynamoDBClient,
  TableName: string,
): (id: string) => Promise<PublicStatus | undefined> {
  return async (id) => {
    const attributes = {
      ProjectionExpression: PUBLIC.map((name) => `#${name}`).join(', '),
      ExpressionAttributeNames: namesOf(PUBLIC),
    };
    const read = new GetItemCommand({ TableName, Key: marshall({ id }), ConsistentRead: true, ...attributes });
    const { Item } = await client.send(read);
    return Item && (unmarshall(Item) as PublicStatus);
  };
}

/** Builds an update that sets and removes fields under a condition. `values` are used by the condition only. */
export function buildUpdate(ConditionExpression: string, fields: Fields, values: Fields = {}): Update {
  const set = Object.keys(fields).filter((name) => fields[name] !== undefined);
  const removed = Object.keys(fields).filter((name) => fields[name] === undefined);
  const remove = removed.length > 0 ? ` REMOVE ${removed.map((name) => `#${name}`).join(', ')}` : '';
  const inCondition = [...ConditionExpression.matchAll(/#(\w+)/g)].map(([, name = '']) => name);
  return {
    ConditionExpression,
    UpdateExpression: `SET ${set.map((name) => `#${name} = :${name}`).join(', ')}${remove}`,
    ExpressionAttributeNames: namesOf([...inCondition, ...set, ...removed]),
    ExpressionAttributeValues: valuesOf({ ...Object.fromEntries(set.map((name) => [name, fields[name]])), ...values }),
  };
}

export function namesOf(names: readonly string[]): Record<string, string> {
  return Object.fromEntries(names.map((name) => [`#${name}`, name]));
}

function valuesOf(values: Fields) {
  return marshall(Object.fromEntries(Object.entries(values).map(([name, value]) => [`:${name}`, value])));
}
