import type { DynamoDBClient, UpdateItemCommandInput } from '@aws-sdk/client-dynamodb';
import {
  ConditionalCheckFailedException,
  GetItemCommand,
  paginateQuery,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb';
import { marshall, unmarshall } from '@aws-sdk/util-dynamodb';
import type { ContactId } from '../core/contact-id.ts';
import type { EmailAddress } from '../core/email-address.ts';
import type { Entry } from '../core/ledger.ts';

/** One command in the table. `open` is there as long as the command is, so that its index holds nothing else. */
export interface Item extends Entry {
  readonly open?: 'open';
  readonly leasedUntil?: number;
  /** The key of the index by address: an item about a contact gets it, and its place there, once it is found. */
  readonly email?: EmailAddress;
  /** The key of the index by contact. */
  readonly contactId?: ContactId;
  /** Open still, and to be closed without the two above. */
  readonly toForget?: true;
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
  query(index: 'by-address' | 'by-contact', key: string): Promise<readonly Item[]>;
}

const KEYS = { 'by-address': 'email', 'by-contact': 'contactId' };

export function openTable(client: DynamoDBClient, TableName: string): Table {
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
    async query(IndexName, key) {
      const found: Item[] = [];
      const where = { KeyConditionExpression: '#key = :key', ExpressionAttributeNames: { '#key': KEYS[IndexName] } };
      const values = { ExpressionAttributeValues: marshall({ ':key': key }) };
      for await (const { Items = [] } of paginateQuery({ client }, { TableName, IndexName, ...where, ...values })) {
        found.push(...Items.map((item) => unmarshall(item) as Item));
      }
      return found;
    },
  };
}
