import type { DynamoDBClient, UpdateItemCommandInput } from '@aws-sdk/client-dynamodb';
import { ConditionalCheckFailedException, GetItemCommand, UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import { marshall, unmarshall } from '@aws-sdk/util-dynamodb';
import type { Entry, Ledger, Opening, Settled } from '../core/ledger.ts';
import type { OptOut } from '../core/opt-out.ts';

/** Longer than the longest attempt; a command whose machine died is tried again after it. */
const LEASE_MS = 15_000;

/** One command in the table. `open` is there as long as the command is, so that its index holds nothing else. */
interface Item extends Entry {
  readonly open?: 'open';
  readonly leasedUntil?: number;
}

/** The ledger: one item per command, changed by single-item conditional writes only. Indexes: infra/ledger.yml. */
export function openLedger(client: DynamoDBClient, table: string): Ledger {
  const find = async (id: string): Promise<Item | undefined> => {
    const read = new GetItemCommand({ TableName: table, Key: marshall({ id }), ConsistentRead: true });
    const { Item } = await client.send(read);
    return Item && (unmarshall(Item) as Item);
  };
  const update = async (id: string, change: Change): Promise<Item | undefined> => {
    try {
      const where = { TableName: table, Key: marshall({ id }), ReturnValues: 'ALL_NEW' as const };
      const { Attributes = {} } = await client.send(new UpdateItemCommand({ ...where, ...change }));
      return unmarshall(Attributes) as Item;
    } catch (error) {
      if (error instanceof ConditionalCheckFailedException) return undefined;
      throw error;
    }
  };
  return {
    find,
    async open(optOut, now) {
      const item = await update(optOut.id, opening(optOut, now));
      if (!item) return whyNot(await find(optOut.id), now);
      return { kind: 'opened', attempt: item.attempts, openedAt: new Date(item.openedAt) };
    },
    async settle(id, settled, now) {
      await update(id, settling(settled, now));
    },
  };
}

type Change = Pick<
  UpdateItemCommandInput,
  'UpdateExpression' | 'ConditionExpression' | 'ExpressionAttributeNames' | 'ExpressionAttributeValues'
>;

/** Creates the item or takes its lease, and counts the attempt; what the command says is kept from the first time. */
function opening({ id: _key, version: _version, ...command }: OptOut, now: Date): Change {
  const first = { ...command, openedAt: now.toISOString() };
  const keep = Object.keys(first).map((name) => `#${name} = if_not_exists(#${name}, :${name})`);
  const lease = ['#state = :open', '#open = :open', '#leasedUntil = :leasedUntil'];
  return {
    ConditionExpression: 'attribute_not_exists(#id) OR (#state = :open AND #leasedUntil < :now)',
    UpdateExpression: `SET ${[...keep, ...lease].join(', ')} ADD #attempts :one`,
    ExpressionAttributeNames: namesOf(['id', 'state', 'open', 'leasedUntil', 'attempts', ...Object.keys(first)]),
    ExpressionAttributeValues: valuesOf({
      ...first,
      open: 'open',
      one: 1,
      now: now.getTime(),
      leasedUntil: now.getTime() + LEASE_MS,
    }),
  };
}

function whyNot(item: Item | undefined, now: Date): Opening {
  if (item && item.state !== 'open') return { kind: 'closed' };
  const leftMs = (item?.leasedUntil ?? 0) - now.getTime();
  return { kind: 'leased', retryAfterSeconds: Math.max(1, Math.ceil(leftMs / 1000)) };
}

/** Closes an open item; a deferred one stays open and only gives its lease back. Of answers, the last one is kept. */
function settling({ attempt, outcome }: Settled, now: Date): Change {
  const isDeferred = outcome.kind === 'deferred';
  const end = isDeferred ? { leasedUntil: 0 } : { ...closed(outcome), closedAt: now.toISOString() };
  const fields: Readonly<Record<string, unknown>> = { ...end, ...lastAnswer(outcome) };
  const set = Object.keys(fields).filter((name) => fields[name] !== undefined);
  const gone = [...Object.keys(fields).filter((name) => fields[name] === undefined), ...(isDeferred ? [] : LEASE)];
  const remove = gone.length > 0 ? ` REMOVE ${gone.map((name) => `#${name}`).join(', ')}` : '';
  return {
    ConditionExpression: '#state = :isOpen AND #attempts = :attempt',
    UpdateExpression: `SET ${set.map((name) => `#${name} = :${name}`).join(', ')}${remove}`,
    ExpressionAttributeNames: namesOf(['state', 'attempts', ...gone, ...set]),
    ExpressionAttributeValues: valuesOf({
      ...Object.fromEntries(set.map((name) => [name, fields[name]])),
      isOpen: 'open',
      attempt,
    }),
  };
}

const LEASE = ['open', 'leasedUntil'];

function closed(outcome: Exclude<Settled['outcome'], { kind: 'deferred' }>) {
  const { kind: state } = outcome;
  if (outcome.kind === 'held') return { state, reason: outcome.reason };
  return outcome.kind === 'confirmed' ? { state, proof: outcome.proof, changed: outcome.changed } : { state };
}

function lastAnswer(outcome: Settled['outcome']) {
  return {
    lastStatus: 'status' in outcome ? outcome.status : undefined,
    lastCategory: 'category' in outcome ? outcome.category : undefined,
    correlationId: 'correlationId' in outcome ? outcome.correlationId : undefined,
  };
}

function namesOf(names: readonly string[]): Record<string, string> {
  return Object.fromEntries(names.map((name) => [`#${name}`, name]));
}

function valuesOf(values: Readonly<Record<string, unknown>>) {
  return marshall(Object.fromEntries(Object.entries(values).map(([name, value]) => [`:${name}`, value])));
}
