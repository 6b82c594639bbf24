import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DynamoDBClient, GetItemCommand, QueryCommand } from '@aws-sdk/client-dynamodb';
import { marshall, unmarshall } from '@aws-sdk/util-dynamodb';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { openLedger } from '../../functions/adapters/dynamodb.ts';
import type { Ledger, Settled, State } from '../../functions/core/ledger.ts';
import type { OptOut } from '../../functions/core/opt-out.ts';
import type { Outcome } from '../../functions/core/outcome.ts';
import { type LocalTables, startTables } from '../../local/aws/tables.ts';
import { readTemplate } from '../../local/template.ts';
import { allOf, aws, thrownBy } from './listening.ts';
import { EMAIL, sampleOptOut } from './sample-opt-out.ts';

const TABLE = 'ledger';
const LEASE_SECONDS = 15;

let dir: string;
let tables: LocalTables;
let client: DynamoDBClient;
let ledger: Ledger;
let optOut: OptOut;
beforeAll(async () => {
  const { ledger: definition } = readTemplate(new URL('../../', import.meta.url));
  dir = await mkdtemp(join(tmpdir(), 'ledger-'));
  tables = await startTables([{ ...definition, TableName: TABLE, BillingMode: 'PAY_PER_REQUEST' }], dir);
  client = new DynamoDBClient(aws(tables.url));
  ledger = openLedger(client, TABLE);
});
afterAll(async () => {
  client.destroy();
  await tables.close();
  await rm(dir, { recursive: true });
});
beforeEach(() => {
  optOut = sampleOptOut(randomUUID());
});

/** Seconds after the first opening. */
const at = (seconds = 0) => new Date(Date.parse('2026-11-23T10:00:00.000Z') + seconds * 1000);

async function item() {
  const { Item = {} } = await client.send(new GetItemCommand({ TableName: TABLE, Key: marshall({ id: optOut.id }) }));
  return unmarshall(Item);
}

async function idsIn(IndexName: string, name: string, value: string): Promise<readonly string[]> {
  const query = { KeyConditionExpression: '#key = :value', ExpressionAttributeNames: { '#key': name } };
  const values = { ExpressionAttributeValues: marshall({ ':value': value }) };
  const { Items = [] } = await client.send(new QueryCommand({ TableName: TABLE, IndexName, ...query, ...values }));
  return Items.map((each) => unmarshall(each).id);
}

const isOpenByAge = async () => (await idsIn('open-by-age', 'open', 'open')).includes(optOut.id);

const CONFIRMED: Outcome = { kind: 'confirmed', proof: 'response', changed: true, correlationId: 'c-1' };
const DEFERRED: Outcome = { kind: 'deferred', status: 503, category: 'X', correlationId: 'c-0', retryAfterSeconds: 4 };

describe('open', () => {
  it('writes the command down, as it came, and counts the first attempt', async () => {
    optOut = { ...optOut, scope: { list: '228' }, brand: 'acme' };

    expect(await ledger.open(optOut, at())).toEqual({ kind: 'opened', attempt: 1, openedAt: at() });

    const { version: _version, ...command } = optOut;
    expect(await item()).toEqual({
      ...command,
      state: 'open',
      open: 'open',
      attempts: 1,
      openedAt: at().toISOString(),
      leasedUntil: at(LEASE_SECONDS).getTime(),
    });
    expect(await isOpenByAge()).toBe(true);
    expect(await idsIn('by-address', 'email', EMAIL)).toContain(optOut.id);
  });

  it('lets nobody else in while the lease lasts, and says how long that is', async () => {
    await ledger.open(optOut, at());

    for (const [seconds, left] of [
      [0, 15],
      [0.001, 15],
      [5.5, 10],
      [14.9, 1],
      [15, 1],
    ] as const) {
      expect(await ledger.open(optOut, at(seconds))).toEqual({ kind: 'leased', retryAfterSeconds: left });
    }
    expect((await item()).attempts).toBe(1);
  });

  it('lets the next one in when the lease is over, and remembers the first time', async () => {
    await ledger.open(optOut, at());

    expect(await ledger.open(optOut, at(15.001))).toEqual({ kind: 'opened', attempt: 2, openedAt: at() });
    expect(await ledger.open(optOut, at(30))).toEqual({ kind: 'leased', retryAfterSeconds: 1 });
    expect(await ledger.open(optOut, at(30.002))).toEqual({ kind: 'opened', attempt: 3, openedAt: at() });
  });

  it('has one winner when many open at once, the first time and after the lease', async () => {
    for (const [now, attempt] of [
      [at(), 1],
      [at(16), 2],
    ] as const) {
      const openings = await Promise.all(Array.from({ length: 6 }, () => ledger.open(optOut, now)));

      expect(openings.filter(({ kind }) => kind === 'opened')).toEqual([{ kind: 'opened', attempt, openedAt: at() }]);
      expect(openings.filter(({ kind }) => kind === 'leased')).toHaveLength(5);
    }
  });

  it('keeps what it saw first when the command comes again with other times', async () => {
    await ledger.open(optOut, at());
    await ledger.settle(optOut.id, settled(DEFERRED), at(1));
    const again = { ...optOut, receivedAt: at(100).toISOString(), occurredAt: at(99).toISOString(), brand: 'acme' };

    expect(await ledger.open(again, at(100))).toEqual({ kind: 'opened', attempt: 2, openedAt: at() });

    const { receivedAt, occurredAt } = optOut;
    expect(await item()).toMatchObject({ receivedAt, occurredAt, openedAt: at().toISOString(), attempts: 2 });
  });

  it('keeps commands apart', async () => {
    const other = sampleOptOut(randomUUID());
    await ledger.open(optOut, at());

    expect(await ledger.open(other, at())).toMatchObject({ kind: 'opened', attempt: 1 });
    await ledger.settle(other.id, settled(CONFIRMED), at());
    expect(await isOpenByAge()).toBe(true);
  });
});

function settled(outcome: Settled['outcome'], attempt = 1): Settled {
  return { attempt, outcome };
}

describe('settle', () => {
  it.each<[State, Settled['outcome'], object]>([
    ['confirmed', CONFIRMED, { proof: 'response', changed: true, correlationId: 'c-1' }],
    ['confirmed', { kind: 'confirmed', proof: 'read-back', changed: false }, { proof: 'read-back', changed: false }],
    [
      'refused',
      { kind: 'refused', status: 400, category: 'VALIDATION_ERROR', correlationId: 'c-2' },
      { lastStatus: 400, lastCategory: 'VALIDATION_ERROR', correlationId: 'c-2' },
    ],
    ['refused', { kind: 'refused', status: 404 }, { lastStatus: 404 }],
    ['held', { kind: 'held', reason: 'brake' }, { reason: 'brake' }],
    ['superseded', { kind: 'superseded' }, {}],
  ])('closes as %s, out of the index of what is open', async (state, outcome, known) => {
    await ledger.open(optOut, at());

    await ledger.settle(optOut.id, settled(outcome), at(2));

    const { version: _version, ...command } = optOut;
    expect(await item()).toEqual({
      ...command,
      ...known,
      state,
      attempts: 1,
      openedAt: at().toISOString(),
      closedAt: at(2).toISOString(),
    });
    expect(await isOpenByAge()).toBe(false);
    expect(await idsIn('by-address', 'email', EMAIL)).toContain(optOut.id);
    for (const seconds of [2, 20, 1e6]) expect(await ledger.open(optOut, at(seconds))).toEqual({ kind: 'closed' });
  });

  it('keeps a deferred command open, gives its lease back and remembers the answer', async () => {
    await ledger.open(optOut, at());

    await ledger.settle(optOut.id, settled(DEFERRED), at(1));

    expect(await item()).toMatchObject({ state: 'open', lastStatus: 503, lastCategory: 'X', correlationId: 'c-0' });
    expect(await item()).not.toHaveProperty('closedAt');
    expect(await isOpenByAge()).toBe(true);
    expect(await ledger.open(optOut, at(1))).toMatchObject({ kind: 'opened', attempt: 2 });
    await ledger.settle(optOut.id, settled({ kind: 'deferred', retryAfterSeconds: 4 }, 2), at(2));
    expect(await ledger.open(optOut, at(2))).toMatchObject({ kind: 'opened', attempt: 3 });
    const open = await item();
    expect([open.lastStatus, open.lastCategory, open.correlationId]).toEqual([undefined, undefined, undefined]);
    await ledger.settle(optOut.id, settled(CONFIRMED, 3), at(3));
    expect(await item()).toMatchObject({ state: 'confirmed', attempts: 3, closedAt: at(3).toISOString() });
  });

  it('takes nothing of an attempt whose lease another one has taken over', async () => {
    await ledger.open(optOut, at());
    await ledger.open(optOut, at(16));

    await ledger.settle(optOut.id, settled(DEFERRED, 1), at(17));

    expect(await ledger.open(optOut, at(17))).toMatchObject({ kind: 'leased' });
    await ledger.settle(optOut.id, settled(CONFIRMED, 2), at(18));
    expect(await ledger.find(optOut.id)).toMatchObject({ state: 'confirmed' });
  });

  it.each<[string, Settled['outcome']]>([
    ['confirmation', { kind: 'confirmed', proof: 'read-back', changed: false, correlationId: 'late' }],
    ['refusal', { kind: 'refused', status: 400, category: 'LATE' }],
    ['hold', { kind: 'held', reason: 'ambiguous' }],
    ['deferral', DEFERRED],
  ])('changes nothing with a late %s of a command that is closed', async (_what, late) => {
    await ledger.open(optOut, at());
    await ledger.settle(optOut.id, settled(CONFIRMED), at(1));
    const before = await item();

    await ledger.settle(optOut.id, settled(late), at(20));

    expect(await item()).toEqual(before);
    expect(await isOpenByAge()).toBe(false);
  });

  it('makes no entry for a command that was never opened', async () => {
    await ledger.settle(optOut.id, settled(CONFIRMED), at());

    expect(await ledger.find(optOut.id)).toBeUndefined();
  });
});

describe('find', () => {
  it('knows nothing of a command that was not opened', async () => {
    expect(await ledger.find(optOut.id)).toBeUndefined();
  });

  it('says how a command stands', async () => {
    await ledger.open(optOut, at());
    expect(await ledger.find(optOut.id)).toMatchObject({ id: optOut.id, state: 'open', attempts: 1 });

    await ledger.settle(optOut.id, settled(CONFIRMED), at(3));
    expect(await ledger.find(optOut.id)).toMatchObject({
      id: optOut.id,
      state: 'confirmed',
      receivedAt: optOut.receivedAt,
      openedAt: at().toISOString(),
      closedAt: at(3).toISOString(),
      attempts: 1,
      proof: 'response',
    });
  });
});

it('throws, without the address, when the table cannot be reached', async () => {
  const lost = openLedger(client, 'no-such-table');

  for (const run of [
    () => lost.open(optOut, at()),
    () => lost.settle(optOut.id, settled(CONFIRMED), at()),
    () => lost.find('x'),
  ]) {
    const error = await thrownBy(run);

    expect(error.name).toBe('ResourceNotFoundException');
    expect(allOf(error)).not.toContain(EMAIL);
  }
});
