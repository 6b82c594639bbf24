import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { marshall } from '@aws-sdk/util-dynamodb';
import type { EmailAddress } from '../core/email-address.ts';
import type { Ledger, Opening, Settled } from '../core/ledger.ts';
import type { OptOut } from '../core/opt-out.ts';
import type { Change, Item, Table } from './dynamodb-table.ts';
import { openTable } from './dynamodb-table.ts';

/** Longer than the longest attempt; a command whose machine died is tried again after it. */
const LEASE_MS = 15_000;

/** The ledger: one item per command, changed by single-item conditional writes only. Indexes: infra/ledger.yml. */
export function openLedger(client: DynamoDBClient, name: string): Ledger {
  const table = openTable(client, name);
  return {
    find: table.find,
    async open(optOut, now) {
      const item = await table.update(optOut.id, opening(optOut, now));
      if (!item) return whyNot(await table.find(optOut.id), now);
      const { attempts: attempt, openedAt, email } = item;
      return { kind: 'opened', attempt, openedAt: new Date(openedAt), email };
    },
    async settle(id, settled, now) {
      if (await table.update(id, settling(settled, now))) return;
      const item = await table.find(id);
      if (item?.toForget === undefined) return;
      const others = (await ofAddresses([settled, item], table)).filter((other) => other.id !== id);
      await forgetEach(others, table, now);
      await table.update(id, settling(settled, now, forgotten(now)));
    },
    async forget(contactId, now) {
      const own = await table.query('by-contact', contactId);
      const others = (await ofAddresses(own, table)).filter((other) => other.contactId !== contactId);
      // The others first: if that fails, the next try still finds the addresses by the contact's own.
      return (await forgetEach(others, table, now)) + (await forgetEach(own, table, now));
    },
  };
}

async function ofAddresses(items: readonly { readonly email?: EmailAddress }[], table: Table): Promise<Item[]> {
  const emails = new Set(items.flatMap(({ email }) => email ?? []));
  return (await Promise.all([...emails].map((email) => table.query('by-address', email)))).flat();
}

/** How many of them that changed. In this order: what was closed before it could be marked is forgotten all the same. */
async function forgetEach(items: readonly Item[], table: Table, now: Date): Promise<number> {
  const changes = items.map(
    async ({ id }) => (await table.update(id, marking())) ?? (await table.update(id, forgetting(now))),
  );
  return (await Promise.all(changes)).filter((item) => item !== undefined).length;
}

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

/**
 * Closes an open item; a deferred one stays open and only gives its lease back. Of answers, the last one is kept. What is
 * to be forgotten can only be closed with what that changes `besides`.
 */
function settling({ attempt, outcome, email }: Settled, now: Date, besides?: Fields): Change {
  const isDeferred = outcome.kind === 'deferred';
  const end = isDeferred
    ? { leasedUntil: 0 }
    : { ...closed(outcome), closedAt: now.toISOString(), open: undefined, leasedUntil: undefined };
  const found = email === undefined ? {} : { email };
  const isOurs = '#state = :isOpen AND #attempts = :attempt';
  const condition = isDeferred || besides ? isOurs : `${isOurs} AND attribute_not_exists(#toForget)`;
  return changing(condition, { ...end, ...lastAnswer(outcome), ...found, ...besides }, { isOpen: 'open', attempt });
}

function marking(): Change {
  return changing('#state = :isOpen AND attribute_not_exists(#toForget)', { toForget: true }, { isOpen: 'open' });
}

function forgetting(now: Date): Change {
  return changing('attribute_exists(#closedAt) AND attribute_not_exists(#forgottenAt)', forgotten(now));
}

function forgotten(now: Date): Fields {
  return { email: undefined, contactId: undefined, toForget: undefined, forgottenAt: now.toISOString() };
}

/** By name; what is undefined is removed. */
type Fields = Readonly<Record<string, unknown>>;

function changing(ConditionExpression: string, fields: Fields, values: Fields = {}): Change {
  const set = Object.keys(fields).filter((name) => fields[name] !== undefined);
  const gone = Object.keys(fields).filter((name) => fields[name] === undefined);
  const remove = gone.length > 0 ? ` REMOVE ${gone.map((name) => `#${name}`).join(', ')}` : '';
  const asked = [...ConditionExpression.matchAll(/#(\w+)/g)].map(([, name = '']) => name);
  return {
    ConditionExpression,
    UpdateExpression: `SET ${set.map((name) => `#${name} = :${name}`).join(', ')}${remove}`,
    ExpressionAttributeNames: namesOf([...asked, ...set, ...gone]),
    ExpressionAttributeValues: valuesOf({ ...Object.fromEntries(set.map((name) => [name, fields[name]])), ...values }),
  };
}

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
