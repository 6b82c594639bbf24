import { randomUUID } from 'node:crypto';
import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createOperatorLedger } from '../../../functions/aws/dynamodb/operator-ledger.ts';
import type { Completion, Entry, Ledger } from '../../../functions/core/ledger/ledger.ts';
import type { OperatorLedger } from '../../../functions/core/ledger/operator-ledger.ts';
import type { OptOut } from '../../../functions/core/model/opt-out.ts';
import type { Unfinished } from '../../../functions/core/model/state.ts';
import { EMAIL, sampleContactOptOut, sampleOptOut } from '../sample-opt-out.ts';
import { KEYED, startLedgerTable, TABLE } from './ledger-table.ts';

let tables: Awaited<ReturnType<typeof startLedgerTable>>;
let client: DynamoDBClient;
let ledger: Ledger;
let operatorLedger: OperatorLedger;
let optOut: OptOut;
beforeAll(async () => {
  tables = await startLedgerTable();
  ({ client, ledger } = tables);
  operatorLedger = createOperatorLedger(client, TABLE, KEYED.hashes);
});
afterAll(() => tables.stop());
beforeEach(() => {
  optOut = sampleOptOut(randomUUID());
});

const at = (seconds = 0) => new Date(Date.parse('2026-11-23T10:00:00.000Z') + seconds * 1000);
const CONFIRMED = { kind: 'confirmed', evidence: 'response', changed: true } as const;
const HELD = { kind: 'held', reason: 'surge-limit' } as const;
const REFUSED = { kind: 'rejected', status: 400 } as const;

/** Opens a command at a time, and ends the attempt a second later. */
async function attempted(command: OptOut, outcome?: Completion['outcome'], seconds = 0): Promise<Entry> {
  await ledger.claim(command, at(seconds));
  if (outcome) await ledger.complete(command, { attempt: 1, outcome }, at(seconds + 1));
  const entry = await ledger.find(command.id);
  if (!entry) throw new Error('it was not opened');
  return entry;
}

const idsOf = async (state: Unfinished) =>
  (await Array.fromAsync(operatorLedger.unfinished(state))).map(({ id }) => id);

describe('what is unfinished', () => {
  it.each<[Unfinished, Completion['outcome'] | undefined]>([
    ['open', undefined],
    ['held', HELD],
    ['rejected', REFUSED],
  ])('is listed by its state, the oldest first: %s', async (state, outcome) => {
    const [late, early] = [sampleOptOut(randomUUID()), sampleOptOut(randomUUID())];
    await attempted(late, outcome, 60);
    await attempted(early, outcome, 30);

    const ids = (await idsOf(state)).filter((id) => id === late.id || id === early.id);

    expect(ids).toEqual([early.id, late.id]);
    for (const other of (['open', 'held', 'rejected'] as const).filter((each) => each !== state)) {
      expect(await idsOf(other)).not.toContain(late.id);
    }
  });
});

describe('discard', () => {
  it('leaves what is held as it is, where nobody waits for it and nobody opens it again', async () => {
    await attempted(optOut, HELD);

    expect(await operatorLedger.discard(optOut.id, at(60))).toBe(true);

    expect(await ledger.find(optOut.id)).toMatchObject({ state: 'held', discardedAt: at(60).toISOString() });
    expect(await idsOf('held')).not.toContain(optOut.id);
    expect(await operatorLedger.discard(optOut.id, at(61))).toBe(false);
    expect(await operatorLedger.reopen(optOut.id, 'held', at(62))).toBeUndefined();
    expect(await ledger.claim(optOut, at(63))).toEqual({ kind: 'closed' });
  });

  it('changes nothing of what is not held', async () => {
    await attempted(optOut, REFUSED);

    expect(await operatorLedger.discard(optOut.id, at(60))).toBe(false);
    expect(await operatorLedger.discard('nobody', at(60))).toBe(false);
    expect(await idsOf('rejected')).toContain(optOut.id);
  });
});

describe('reopen', () => {
  it.each([
    ['held', HELD],
    ['rejected', REFUSED],
    ['confirmed', CONFIRMED],
  ] as const)('opens what is %s, gives its command and says so to the next attempt', async (from, outcome) => {
    await attempted(optOut, outcome);

    expect(await operatorLedger.reopen(optOut.id, from, at(60))).toEqual(optOut);

    expect(await idsOf('open')).toContain(optOut.id);
    const entry = await ledger.find(optOut.id);
    expect(entry).toMatchObject({ state: 'open', dueAt: at(60).getTime(), reopenedAt: at(60).toISOString() });
    expect(entry).not.toHaveProperty('closedAt');
    expect(await ledger.claim(optOut, at(61))).toMatchObject({ kind: 'claimed', attempt: 2, isReleased: true });
    await ledger.complete(optOut, { attempt: 2, outcome: CONFIRMED, signedReceipt: 'x' }, at(62));
    expect(await ledger.find(optOut.id)).toMatchObject({ state: 'confirmed', signedReceipt: 'x' });
    for (const state of ['open', 'held', 'rejected'] as const) expect(await idsOf(state)).not.toContain(optOut.id);
  });

  it('keeps what is open again until it is closed again, and then for as long as is said then', async () => {
    await ledger.claim(optOut, at());
    await ledger.complete(optOut, { attempt: 1, outcome: CONFIRMED, expiresAt: at(86_400) }, at(1));

    await operatorLedger.reopen(optOut.id, 'confirmed', at(60));
    expect(await ledger.find(optOut.id)).not.toHaveProperty('expiresAt');

    await ledger.claim(optOut, at(61));
    await ledger.complete(optOut, { attempt: 2, outcome: CONFIRMED, expiresAt: at(99_999) }, at(62));
    expect(await ledger.find(optOut.id)).toMatchObject({ expiresAt: at(99_999).getTime() / 1000 });
  });

  it('gives the command of a contact as it came', async () => {
    optOut = sampleContactOptOut(randomUUID());
    await ledger.claim(optOut, at());
    await ledger.complete(optOut, { attempt: 1, outcome: REFUSED, email: EMAIL }, at(1));

    expect(await operatorLedger.reopen(optOut.id, 'rejected', at(2))).toEqual(optOut);
  });

  it('leaves alone what is in another state, forgotten, or not there', async () => {
    const forgotten = sampleOptOut(randomUUID(), { email: `gone-${randomUUID()}@example.com` as typeof EMAIL });
    await attempted(optOut, HELD);
    await attempted(forgotten, HELD);
    await ledger.erase({ email: forgotten.email }, at(9));
    const before = await ledger.find(forgotten.id);

    expect(await operatorLedger.reopen(optOut.id, 'rejected', at(60))).toBeUndefined();
    expect(await operatorLedger.reopen(forgotten.id, 'held', at(60))).toBeUndefined();
    expect(await operatorLedger.reopen('nobody', 'held', at(60))).toBeUndefined();

    expect(await ledger.find(optOut.id)).toMatchObject({ state: 'held' });
    expect(await ledger.find(forgotten.id)).toEqual(before);
    expect(await ledger.find('nobody')).toBeUndefined();
  });

  it('has one winner when two do it at once', async () => {
    await attempted(optOut, HELD);

    const both = await Promise.all([
      operatorLedger.reopen(optOut.id, 'held', at(60)),
      operatorLedger.reopen(optOut.id, 'held', at(60)),
    ]);

    expect(both.filter((command) => command !== undefined)).toEqual([optOut]);
  });
});

describe('requeue', () => {
  it('says of a lost message when the next one comes, once', async () => {
    const entry = await attempted(optOut);

    expect(await operatorLedger.requeue(entry, at(7200))).toBe(true);
    expect(await operatorLedger.requeue(entry, at(7200))).toBe(false);
    expect(await ledger.find(optOut.id)).toMatchObject({ state: 'open', dueAt: at(7200).getTime() });
  });

  it('does nothing for what was tried again meanwhile, or has ended', async () => {
    const entry = await attempted(optOut);
    await ledger.claim(optOut, at(60));
    expect(await operatorLedger.requeue(entry, at(7200))).toBe(false);

    await ledger.complete(optOut, { attempt: 2, outcome: CONFIRMED }, at(61));
    expect(await operatorLedger.requeue(entry, at(7200))).toBe(false);
    expect(await ledger.find(optOut.id)).toMatchObject({ state: 'confirmed' });
  });
});

describe('about', () => {
  it('finds what stands under an address, and what was forgotten of it', async () => {
    const email = `known-${randomUUID()}@example.com` as typeof EMAIL;
    const [first, second] = [sampleOptOut(randomUUID(), { email }), sampleOptOut(randomUUID(), { email })];
    await attempted(first, CONFIRMED);
    await ledger.erase({ email }, at(9));
    await attempted(second, REFUSED);

    const ids = (await operatorLedger.about(email)).map(({ id }) => id);

    expect(ids).toEqual(expect.arrayContaining([first.id, second.id]));
    expect(await operatorLedger.about(`nobody-${randomUUID()}-of-another-length@example.com` as typeof EMAIL)).toEqual(
      [],
    );
  });
});

describe('page', () => {
  it('walks over every entry once, and over nothing else', async () => {
    await attempted(optOut, CONFIRMED);
    await attempted(sampleOptOut(randomUUID()));
    await operatorLedger.saveCursor('scan', 1);
    const ids: string[] = [];
    let cursor: string | undefined;
    do {
      const page = await operatorLedger.page(cursor, 3);
      expect(page.entries.length).toBeLessThanOrEqual(3);
      ids.push(...page.entries.map(({ id }) => id));
      ({ cursor } = page);
    } while (cursor !== undefined);

    expect(new Set(ids).size).toBe(ids.length);
    expect(ids).toContain(optOut.id);
    expect(ids.filter((id) => id.includes('#'))).toEqual([]);
  });
});

describe('what is written down later', () => {
  it('is that the person has opted in again, of what is confirmed alone', async () => {
    const held = sampleOptOut(randomUUID());
    await attempted(optOut, CONFIRMED);
    await attempted(held, HELD);

    for (const { id } of [optOut, held]) await operatorLedger.recordOptIn(id, at(99));

    expect(await ledger.find(optOut.id)).toMatchObject({ state: 'confirmed', optedInAt: at(99).toISOString() });
    expect(await ledger.find(held.id)).not.toHaveProperty('optedInAt');
  });

  it('is the receipt that a closed entry lacks, never another one', async () => {
    const open = sampleOptOut(randomUUID());
    await attempted(optOut, CONFIRMED);
    await attempted(open);

    for (const receipt of ['one', 'two']) for (const { id } of [optOut, open]) await operatorLedger.sign(id, receipt);

    expect(await ledger.find(optOut.id)).toMatchObject({ signedReceipt: 'one' });
    expect(await ledger.find(open.id)).not.toHaveProperty('signedReceipt');
  });

  it('is what the sweep must know the next time', async () => {
    expect(await operatorLedger.loadCursor('drift')).toBeUndefined();

    await operatorLedger.saveCursor('drift', { cursor: 'x', count: 2 });
    await operatorLedger.saveCursor('drift', { cursor: 'y' });

    expect(await operatorLedger.loadCursor('drift')).toEqual({ cursor: 'y' });
  });
});
