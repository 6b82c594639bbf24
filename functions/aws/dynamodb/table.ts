import type { DynamoDBClient, UpdateItemCommandInput } from '@aws-sdk/client-dynamodb';
import {
  ConditionalCheckFailedException,
  GetItemCommand,
  paginateQuery,
  ScanCommand,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb';
import { marshall, unmarshall } from '@aws-sdk/util-dynamodb';
import type { Entry } from '../../core/ledger/ledger.ts';
import type { EntryId, Page } from '../../core/ledger/operator-ledger.ts';
import type { Unfinished } from '../../core/model/state.ts';

/**
 * One command in the table. `email` is the key of the index by address: an item about a contact gets it, and its place
 * there, once it is found; a forgotten one stands there under the hash.
 */
export interface Item extends Entry {
  /** The state, as long as it is an unfinished one, so that the index by age holds nothing else. */
  readonly unfinished?: Unfinished;
  readonly leasedUntil?: number;
  /** Since an attempt was deferred, which the brake had let through. */
  readonly isReleased?: true;
  /** Open still, and to be closed without the address and the contact. */
  readonly eraseOnClose?: true;
  /** Epoch seconds; DynamoDB deletes it some time after. */
  readonly expiresAt?: number;
  /** Of an item that is no command: what the sweep remembers. */
  readonly note?: unknown;
}

/** A change of one item, under a condition. */
export type Change = Pick<
  UpdateItemCommandInput,
  'UpdateExpression' | 'ConditionExpression' | 'ExpressionAttributeNames' | 'ExpressionAttributeValues'
>;

/** The table of the ledger: infra/ledger.yml. */
export interface Table {
  find(id: string): Promise<Item | undefined>;
  /** The item as it is then; undefined where the condition did not hold. */
  update(id: string, change: Change): Promise<Item | undefined>;
  /** All that an index holds under a key, over all its pages. On AWS an index may lag a moment behind its table. */
  query(index: Index, key: string): Promise<readonly Item[]>;
  /** The same as it comes, in the order of the index. */
  each(index: Index, key: string): AsyncIterable<Item>;
  /** At most so many items in no order, commands alone. */
  page(after: EntryId | undefined, limit: number): Promise<Page>;
}

type Index = keyof typeof KEYS;

const KEYS = { 'by-address': 'email', 'by-contact': 'contactId', 'unfinished-by-age': 'unfinished' };

export function createTableClient(client: DynamoDBClient, TableName: string): Table {
  async function* itemsIn(IndexName: Index, key: string): AsyncGenerator<Item> {
    const where = { KeyConditionExpression: '#key = :key', ExpressionAttributeNames: { '#key': KEYS[IndexName] } };
    const values = { ExpressionAttributeValues: marshall({ ':key': key }) };
    for await (const { Items = [] } of paginateQuery({ client }, { TableName, IndexName, ...where, ...values })) {
      yield* Items.map((item) => unmarshall(item) as Item);
    }
  }
  return {
    async find(id) {
      const read = new GetItemCommand({ TableName, Key: marshall({ id }), ConsistentRead: true });
      const { Item } = await client.send(read);
      return Item && (unmarshall(Item) as Item);
    },
    async update(id, change) {
      try {
        const where = { TableName, Key: marshall({ id }), ReturnValues: 'ALL_NEW' as const };
        const { Attributes = {} } = await client.send(new UpdateItemCommand({ ...where, ...change }));
        return unmarshall(Attributes) as Item;
      } catch (error) {
        if (error instanceof ConditionalCheckFailedException) return undefined;
        throw error;
      }
    },
    query: (index, key) => Array.fromAsync(itemsIn(index, key)),
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
