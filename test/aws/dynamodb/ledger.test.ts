import { randomInt, randomUUID } from 'node:crypto';
import type { ScanCommandInput } from '@aws-sdk/client-dynamodb';
import { DynamoDBClient, GetItemCommand, paginateScan, QueryCommand } from '@aws-sdk/client-dynamodb';
import { marshall, unmarshall } from '@aws-sdk/util-dynamodb';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createLedger } from '../../../functions/aws/dynamodb/ledger.ts';
import type { Completion, Ledger } from '../../../functions/core/ledger/ledger.ts';
import { parseContactId } from '../../../functions/core/model/contact-id.ts';
import type { EmailAddress } from '../../../functions/core/model/email-address.ts';
import { parseEmailAddress } from '../../../functions/core/model/email-address.ts';
import type { OptOut } from '../../../functions/core/model/opt-out.ts';
import type { State, Unfinished } from '../../../functions/core/model/state.ts';
import { allOf, aws, thrownBy } from '../listening.ts';
import { CONTACT, EMAIL, sampleContactOptOut, sampleOptOut } from '../sample-opt-out.ts';
import { KEYED, startLedgerTable, TABLE } from './ledger-table.ts';

const LEASE_SECONDS = 15;

let tables: Awaited<ReturnType<typeof startLedgerTable>>;
let client: DynamoDBClient;
let ledger: Ledger;
let optOut: OptOut;
beforeAll(async () => {
  tables = await startLedgerTable();
  ({ client, ledger } = tables);
});
afterAll(() => tables.stop());
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

const isUnfinished = async (state: Unfinished) =>
  (await idsIn('unfinished-by-age', 'unfinished', state)).includes(optOut.id);
const isOpenByAge = () => isUnfinished('open');

const CONFIRMED: Completion['outcome'] = {
  kind: 'confirmed',
  evidence: 'response',
  changed: true,
  correlationId: 'c-1',
};
const DEFERRED: Completion['outcome'] = {
  kind: 'deferred',
  status: 503,
  category: 'X',
  correlationId: 'c-0',
  retryAfterSeconds: 4,
};

describe('open', () => {
  it('writes the command down, as it came, and counts the first attempt', async () => {
    optOut = { ...optOut, scope: { list: '228' }, brand: 'acme' };

    expect(await ledger.claim(optOut, at())).toEqual({
      kind: 'claimed',
      attempt: 1,
      claimedAt: at(),
      stored: optOut,
      email: EMAIL,
      isReleased: false,
    });

    const { version: _version, ...command } = optOut;
    expect(await item()).toEqual({
      ...command,
      state: 'open',
      unfinished: 'open',
      attempts: 1,
      claimedAt: at().toISOString(),
      leasedUntil: at(LEASE_SECONDS).getTime(),
      dueAt: at(LEASE_SECONDS).getTime(),
    });
    expect(await isOpenByAge()).toBe(true);
    expect(await idsIn('by-address', 'email', EMAIL)).toContain(optOut.id);
  });

  it('lets nobody else in while the lease lasts, and says how long that is', async () => {
    await ledger.claim(optOut, at());

    for (const [seconds, left] of [
      [0, 15],
      [0.001, 15],
      [5.5, 10],
      [14.9, 1],
      [15, 1],
    ] as const) {
      expect(await ledger.claim(optOut, at(seconds))).toEqual({ kind: 'leased', retryAfterSeconds: left });
    }
    expect((await item()).attempts).toBe(1);
  });

  it('lets the next one in when the lease is over, and remembers the first time', async () => {
    await ledger.claim(optOut, at());

    expect(await ledger.claim(optOut, at(15.001))).toMatchObject({ kind: 'claimed', attempt: 2, claimedAt: at() });
    expect(await ledger.claim(optOut, at(30))).toEqual({ kind: 'leased', retryAfterSeconds: 1 });
    expect(await ledger.claim(optOut, at(30.002))).toMatchObject({ kind: 'claimed', attempt: 3, claimedAt: at() });
  });

  it('has one winner when many open at once, the first time and after the lease', async () => {
    for (const [now, attempt] of [
      [at(), 1],
      [at(16), 2],
    ] as const) {
      const openings = await Promise.all(Array.from({ length: 6 }, () => ledger.claim(optOut, now)));

      expect(openings.filter(({ kind }) => kind === 'claimed')).toMatchObject([{ attempt, claimedAt: at() }]);
      expect(openings.filter(({ kind }) => kind === 'leased')).toHaveLength(5);
    }
  });

  it('keeps what it saw first when the command comes again with other times', async () => {
    await ledger.claim(optOut, at());
    await ledger.complete(optOut, settled(DEFERRED), at(1));
    const again = { ...optOut, receivedAt: at(100).toISOString(), occurredAt: at(99).toISOString(), brand: 'acme' };

    expect(await ledger.claim(again, at(100))).toMatchObject({
      kind: 'claimed',
      attempt: 2,
      claimedAt: at(),
      stored: optOut,
    });

    const { receivedAt, occurredAt } = optOut;
    expect(await item()).toMatchObject({ receivedAt, occurredAt, claimedAt: at().toISOString(), attempts: 2 });
  });

  it.each([{ brand: 'acme' }, { hold: 'ambiguous' as const }])(
    'takes nothing more on when it comes again with %j',
    async (more) => {
      await ledger.claim(optOut, at());

      expect(await ledger.claim({ ...optOut, ...more }, at(16))).toMatchObject({ kind: 'claimed', attempt: 2 });
      await ledger.complete(optOut, settled(DEFERRED, 2), at(17));
      const opening = await ledger.claim(optOut, at(18));

      expect(opening.kind === 'claimed' && opening.stored).toEqual(optOut);
    },
  );

  it('keeps commands apart', async () => {
    const other = sampleOptOut(randomUUID());
    await ledger.claim(optOut, at());

    expect(await ledger.claim(other, at())).toMatchObject({ kind: 'claimed', attempt: 1 });
    await ledger.complete(other, settled(CONFIRMED), at());
    expect(await isOpenByAge()).toBe(true);
  });
});

function settled(outcome: Completion['outcome'], attempt = 1): Completion {
  return { attempt, outcome };
}

describe('settle', () => {
  it.each<[State, Completion['outcome'], object]>([
    ['confirmed', CONFIRMED, { evidence: 'response', changed: true, correlationId: 'c-1' }],
    [
      'confirmed',
      { kind: 'confirmed', evidence: 'read-back', changed: false },
      { evidence: 'read-back', changed: false },
    ],
    [
      'rejected',
      { kind: 'rejected', status: 400, category: 'VALIDATION_ERROR', correlationId: 'c-2' },
      { lastStatus: 400, lastCategory: 'VALIDATION_ERROR', correlationId: 'c-2' },
    ],
    ['rejected', { kind: 'rejected', status: 404 }, { lastStatus: 404 }],
    ['held', { kind: 'held', reason: 'surge-limit' }, { reason: 'surge-limit' }],
    ['superseded', { kind: 'superseded' }, {}],
  ])('closes as %s, with its receipt and out of what is open', async (state, outcome, known) => {
    await ledger.claim(optOut, at());

    await ledger.complete(optOut, { ...settled(outcome), signedReceipt: 'a.b.c' }, at(2));

    const { version: _version, ...command } = optOut;
    const isLeftToDo = state === 'rejected' || state === 'held';
    expect(await item()).toEqual({
      ...command,
      ...known,
      ...(isLeftToDo ? { unfinished: state } : {}),
      signedReceipt: 'a.b.c',
      state,
      attempts: 1,
      claimedAt: at().toISOString(),
      closedAt: at(2).toISOString(),
    });
    expect(await isOpenByAge()).toBe(false);
    if (isLeftToDo) expect(await isUnfinished(state)).toBe(true);
    expect(await idsIn('by-address', 'email', EMAIL)).toContain(optOut.id);
    for (const seconds of [2, 20, 1e6]) expect(await ledger.claim(optOut, at(seconds))).toEqual({ kind: 'closed' });
  });

  it('lets a closed entry go at the time that is said, in the seconds of DynamoDB’s TTL', async () => {
    await ledger.claim(optOut, at());

    await ledger.complete(optOut, { ...settled(CONFIRMED), expiresAt: at(86_400.5) }, at(1));

    expect((await item()).expiresAt).toBe(at(86_400).getTime() / 1000);
  });

  it('keeps a deferred command open, gives its lease back and remembers the answer', async () => {
    await ledger.claim(optOut, at());

    await ledger.complete(optOut, settled(DEFERRED), at(1));

    expect(await item()).toMatchObject({ state: 'open', lastStatus: 503, lastCategory: 'X', correlationId: 'c-0' });
    expect((await item()).dueAt).toBe(at(1 + 4).getTime());
    expect(await item()).not.toHaveProperty('closedAt');
    expect(await isOpenByAge()).toBe(true);
    expect(await ledger.claim(optOut, at(1))).toMatchObject({ kind: 'claimed', attempt: 2, isReleased: true });
    await ledger.complete(optOut, settled({ kind: 'deferred', retryAfterSeconds: 4 }, 2), at(2));
    expect(await ledger.claim(optOut, at(2))).toMatchObject({ kind: 'claimed', attempt: 3 });
    const open = await item();
    expect([open.lastStatus, open.lastCategory, open.correlationId]).toEqual([undefined, undefined, undefined]);
    await ledger.complete(optOut, settled(CONFIRMED, 3), at(3));
    expect(await item()).toMatchObject({ state: 'confirmed', attempts: 3, closedAt: at(3).toISOString() });
  });

  it('takes nothing of an attempt whose lease another one has taken over', async () => {
    await ledger.claim(optOut, at());
    expect(await ledger.claim(optOut, at(16))).toMatchObject({ attempt: 2, isReleased: false });

    await ledger.complete(optOut, settled(DEFERRED, 1), at(17));

    expect(await ledger.claim(optOut, at(17))).toMatchObject({ kind: 'leased' });
    await ledger.complete(optOut, settled(CONFIRMED, 2), at(18));
    expect(await ledger.find(optOut.id)).toMatchObject({ state: 'confirmed' });
  });

  it.each<[string, Completion['outcome']]>([
    ['confirmation', { kind: 'confirmed', evidence: 'read-back', changed: false, correlationId: 'late' }],
    ['refusal', { kind: 'rejected', status: 400, category: 'LATE' }],
    ['hold', { kind: 'held', reason: 'ambiguous' }],
    ['deferral', DEFERRED],
  ])('changes nothing with a late %s of a command that is closed', async (_what, late) => {
    await ledger.claim(optOut, at());
    await ledger.complete(optOut, settled(CONFIRMED), at(1));
    const before = await item();

    await ledger.complete(optOut, settled(late), at(20));

    expect(await item()).toEqual(before);
    expect(await isOpenByAge()).toBe(false);
  });

  it('makes no entry for a command that was never opened', async () => {
    await ledger.complete(optOut, settled(CONFIRMED), at());

    expect(await ledger.find(optOut.id)).toBeUndefined();
  });
});

describe('a command about a contact', () => {
  beforeEach(() => {
    optOut = sampleContactOptOut(randomUUID());
  });
  const isUnderAddress = async () => (await idsIn('by-address', 'email', EMAIL)).includes(optOut.id);

  it('has no address, and no place among those of an address, until an attempt finds one', async () => {
    expect(await ledger.claim(optOut, at())).toMatchObject({
      kind: 'claimed',
      attempt: 1,
      claimedAt: at(),
      stored: optOut,
    });
    await ledger.complete(optOut, settled(DEFERRED), at(1));
    expect(await item()).toMatchObject({ contactId: '4711', state: 'open' });
    expect(await item()).not.toHaveProperty('email');
    expect(await ledger.claim(optOut, at(2))).toMatchObject({
      kind: 'claimed',
      attempt: 2,
      claimedAt: at(),
      stored: optOut,
    });
    expect(await isUnderAddress()).toBe(false);

    await ledger.complete(optOut, { ...settled(CONFIRMED, 2), email: EMAIL }, at(3));

    expect(await item()).toMatchObject({ contactId: '4711', email: EMAIL, state: 'confirmed' });
    expect(await isUnderAddress()).toBe(true);
  });

  it('keeps the address that was found, though nothing else was reached', async () => {
    await ledger.claim(optOut, at());
    await ledger.complete(optOut, { ...settled(DEFERRED), email: EMAIL }, at(1));

    expect(await ledger.claim(optOut, at(2))).toMatchObject({ kind: 'claimed', attempt: 2, email: EMAIL });
    await ledger.complete(optOut, settled(DEFERRED, 2), at(3));
    expect(await isUnderAddress()).toBe(true);
    expect(await isOpenByAge()).toBe(true);
  });
});

describe('forget', () => {
  /** A person of whom nobody else in the table knows. */
  function somebody() {
    const contactId = parseContactId(String(randomInt(1, 2 ** 47)));
    const email = parseEmailAddress(`${randomUUID()}@example.com`);
    const byContact = () => sampleContactOptOut(randomUUID(), contactId);
    const byAddress = (address = email): OptOut => sampleOptOut(randomUUID(), { email: address });
    return { contactId, email, byContact, byAddress };
  }
  /** Opened and closed; about a contact, with the address that was found. */
  const close = async (command: OptOut, email?: EmailAddress) => {
    await ledger.claim(command, at());
    await ledger.complete(command, { ...settled(CONFIRMED), ...(email && { email }) }, at(1));
  };
  /** The whole table, as text. */
  async function everything(which: Partial<ScanCommandInput> = {}): Promise<string> {
    const texts: string[] = [];
    for await (const { Items = [] } of paginateScan({ client }, { TableName: TABLE, ...which }))
      texts.push(JSON.stringify(Items));
    return texts.join();
  }

  it('puts the hash in place of the address of what is closed, takes the contact out, and leaves the proof', async () => {
    const { contactId, email, byContact } = somebody();
    optOut = byContact();
    await close(optOut, email);
    const { email: _email, contactId: _contactId, ...rest } = await item();

    expect(await ledger.erase({ contactId }, at(9))).toBe(1);

    expect(await item()).toEqual({ ...rest, email: await KEYED.hash(email), erasedAt: at(9).toISOString() });
    expect(rest).toMatchObject({
      id: optOut.id,
      state: 'confirmed',
      evidence: 'response',
      closedAt: at(1).toISOString(),
    });
    expect(await idsIn('by-contact', 'contactId', contactId)).toEqual([]);
    expect(await idsIn('by-address', 'email', email)).toEqual([]);
  });

  it('keeps the time at which what is forgotten goes, whether it was closed before or is now', async () => {
    const { contactId, email, byContact } = somebody();
    const [before, now] = [byContact(), byContact()];
    const end = { ...settled(CONFIRMED), email, expiresAt: at(86_400) };
    for (const command of [before, now]) await ledger.claim(command, at());
    await ledger.complete(before, end, at(1));

    await ledger.erase({ contactId }, at(9));
    await ledger.complete(now, end, at(10));

    for (const command of [before, now]) {
      optOut = command;
      expect(await item()).toMatchObject({ erasedAt: expect.any(String), expiresAt: at(86_400).getTime() / 1000 });
    }
  });

  it('lets what is forgotten wait for nobody', async () => {
    await ledger.claim(optOut, at());
    await ledger.complete(optOut, settled({ kind: 'held', reason: 'surge-limit' }), at(1));
    expect(await isUnfinished('held')).toBe(true);

    await ledger.erase({ email: EMAIL }, at(9));

    expect(await isUnfinished('held')).toBe(false);
    expect(await item()).toMatchObject({ state: 'held', erasedAt: at(9).toISOString() });
  });

  it('knows the forgotten command still: the same event stays a duplicate and brings nothing back', async () => {
    const { contactId, email, byContact } = somebody();
    optOut = byContact();
    await close(optOut, email);
    await ledger.erase({ contactId }, at(9));
    const before = await item();

    expect(await ledger.claim(optOut, at(20))).toEqual({ kind: 'closed' });
    await ledger.complete(optOut, { ...settled(DEFERRED), email }, at(21));
    await ledger.complete(optOut, { ...settled(CONFIRMED), email }, at(22));

    expect(await item()).toEqual(before);
  });

  it('of an address forgets all that stands under it, and nothing of anybody else', async () => {
    const { email, contactId, byContact, byAddress } = somebody();
    const stranger = somebody();
    await close(byContact(), email);
    await close(byAddress());
    await close(stranger.byAddress());

    expect(await ledger.erase({ email }, at(9))).toBe(2);
    expect(await ledger.erase({ email }, at(10))).toBe(0);

    const left = await everything();
    for (const gone of [email, contactId]) expect(left).not.toContain(gone);
    expect(await idsIn('by-address', 'email', stranger.email)).toHaveLength(1);
  });

  it('finds all of every address that was the contact’s, and nothing of anybody else', async () => {
    const { contactId, email, byContact, byAddress } = somebody();
    const former = somebody().email;
    const stranger = somebody();
    for (const address of [email, former]) {
      await close(byContact(), address);
      for (let each = 0; each < 3; each += 1) await close(byAddress(address));
    }
    await close(stranger.byContact(), stranger.email);
    await close(stranger.byAddress());

    expect(await ledger.erase({ contactId }, at(9))).toBe(8);

    const left = await everything();
    for (const gone of [contactId, email, former]) expect(left).not.toContain(gone);
    expect(await idsIn('by-address', 'email', stranger.email)).toHaveLength(2);
    expect(await idsIn('by-contact', 'contactId', stranger.contactId)).toHaveLength(1);
  });

  it('forgets a contact whose address nobody found', async () => {
    const { contactId, byContact } = somebody();
    optOut = byContact();
    await ledger.claim(optOut, at());
    await ledger.complete(optOut, settled({ kind: 'rejected', status: 404 }), at(1));

    expect(await ledger.erase({ contactId }, at(9))).toBe(1);
    expect(await item()).not.toHaveProperty('contactId');
  });

  it('goes over all the pages of its indexes', async () => {
    const { contactId, email, byContact, byAddress } = somebody();
    const large = { brand: 'x'.repeat(150_000) };
    for (let each = 0; each < 8; each += 1) {
      await close({ ...byContact(), ...large }, email);
      await close({ ...byAddress(), ...large });
    }
    expect((await idsIn('by-address', 'email', email)).length).toBeLessThan(16);
    expect((await idsIn('by-contact', 'contactId', contactId)).length).toBeLessThan(8);

    expect(await ledger.erase({ contactId }, at(9))).toBe(16);

    const left = await everything();
    for (const gone of [contactId, email]) expect(left).not.toContain(gone);
  });

  it('has nothing left to do the second time, and of a contact who is not known', async () => {
    const { contactId, email, byContact, byAddress } = somebody();
    optOut = byContact();
    await close(byAddress());
    await close(optOut, email);
    const open = byAddress();
    await ledger.claim(open, at());

    expect(await ledger.erase({ contactId }, at(9))).toBe(3);
    const entries = { FilterExpression: 'attribute_exists(claimedAt)' };
    const before = await everything(entries);
    for (const unknown of [contactId, somebody().contactId])
      expect(await ledger.erase({ contactId: unknown }, at(10))).toBe(0);
    expect(await everything(entries)).toBe(before);
  });

  it('changes each entry once when it is told twice at once', async () => {
    const { contactId, email, byContact } = somebody();
    for (let each = 0; each < 3; each += 1) await close(byContact(), email);
    optOut = byContact();
    await ledger.claim(optOut, at());

    const counts = await Promise.all([ledger.erase({ contactId }, at(9)), ledger.erase({ contactId }, at(9))]);

    expect(counts[0] + counts[1]).toBe(4);
  });

  describe('of what is open', () => {
    it('waits until it is closed, and is the same command until then', async () => {
      const { contactId, email, byContact } = somebody();
      optOut = byContact();
      await ledger.claim(optOut, at());
      await ledger.complete(optOut, { ...settled(DEFERRED), email }, at(1));

      expect(await ledger.erase({ contactId }, at(2))).toBe(1);

      expect(await item()).toMatchObject({ state: 'open', contactId, email, eraseOnClose: true });
      expect(await ledger.claim(optOut, at(3))).toEqual({
        kind: 'claimed',
        attempt: 2,
        claimedAt: at(),
        stored: optOut,
        email,
        isReleased: true,
      });
      await ledger.complete(optOut, settled(DEFERRED, 2), at(4));
      expect(await item()).toMatchObject({ state: 'open', contactId, email, eraseOnClose: true });
      await ledger.claim(optOut, at(5));
      await ledger.complete(optOut, settled(CONFIRMED, 3), at(6));

      expect(await item()).toEqual({
        id: optOut.id,
        source: optOut.source,
        kind: optOut.kind,
        scope: optOut.scope,
        occurredAt: optOut.occurredAt,
        receivedAt: optOut.receivedAt,
        state: 'confirmed',
        evidence: 'response',
        changed: true,
        correlationId: 'c-1',
        attempts: 3,
        claimedAt: at().toISOString(),
        closedAt: at(6).toISOString(),
        email: await KEYED.hash(email),
        erasedAt: at(6).toISOString(),
      });
      expect(await isOpenByAge()).toBe(false);
      expect(await ledger.claim(optOut, at(60))).toEqual({ kind: 'closed' });
    });

    it('writes down no address that an attempt finds meanwhile, and forgets all else that has it', async () => {
      const { contactId, email, byContact, byAddress } = somebody();
      optOut = byContact();
      const other = byAddress();
      await close(other);
      await ledger.claim(optOut, at());
      expect(await ledger.erase({ contactId }, at(2))).toBe(1);
      expect(await ledger.find(other.id)).not.toHaveProperty('erasedAt');

      await ledger.complete(optOut, { ...settled(CONFIRMED), email }, at(3));

      expect(await item()).toMatchObject({ state: 'confirmed', erasedAt: at(3).toISOString() });
      expect(await ledger.find(other.id)).toMatchObject({ state: 'confirmed', erasedAt: at(3).toISOString() });
      const left = await everything();
      for (const gone of [contactId, email]) expect(left).not.toContain(gone);
    });

    it('takes nothing of an attempt whose lease another one has taken over', async () => {
      const { contactId, email, byContact } = somebody();
      optOut = byContact();
      await ledger.claim(optOut, at());
      await ledger.erase({ contactId }, at(1));
      await ledger.claim(optOut, at(16));

      await ledger.complete(optOut, { ...settled(CONFIRMED, 1), email }, at(17));

      expect(await item()).toMatchObject({ state: 'open', attempts: 2, eraseOnClose: true });
      await ledger.complete(optOut, settled({ kind: 'rejected', status: 404 }, 2), at(18));
      expect(await item()).toMatchObject({ state: 'rejected', erasedAt: at(18).toISOString() });
    });
  });

  it('loses no way to an address when it fails before the end', async () => {
    const { contactId, email, byContact, byAddress } = somebody();
    await close(byContact(), email);
    optOut = byAddress();
    await close(optOut);
    const failing = new DynamoDBClient(aws(tables.url));
    failing.middlewareStack.add(
      (next) => (args) => {
        const { Key } = args.input as { Key?: unknown };
        if (Key && JSON.stringify(Key).includes(optOut.id)) throw new Error('cut off');
        return next(args);
      },
      { step: 'initialize' },
    );

    await expect(createLedger(failing, TABLE, KEYED).erase({ contactId }, at(8))).rejects.toThrow('cut off');
    failing.destroy();

    expect(await ledger.erase({ contactId }, at(9))).toBe(2);
    expect(await everything()).not.toContain(email);
  });
});

describe('find', () => {
  it('knows nothing of a command that was not opened', async () => {
    expect(await ledger.find(optOut.id)).toBeUndefined();
  });

  it('says how a command stands', async () => {
    await ledger.claim(optOut, at());
    expect(await ledger.find(optOut.id)).toMatchObject({ id: optOut.id, state: 'open', attempts: 1 });

    await ledger.complete(optOut, settled(CONFIRMED), at(3));
    expect(await ledger.find(optOut.id)).toMatchObject({
      id: optOut.id,
      state: 'confirmed',
      receivedAt: optOut.receivedAt,
      claimedAt: at().toISOString(),
      closedAt: at(3).toISOString(),
      attempts: 1,
      evidence: 'response',
    });
  });
});

it('throws, without the address, when the table cannot be reached', async () => {
  const lost = createLedger(client, 'no-such-table', KEYED);

  for (const run of [
    () => lost.claim(optOut, at()),
    () => lost.complete(optOut, settled(CONFIRMED), at()),
    () => lost.find('x'),
    () => lost.erase({ contactId: CONTACT }, at()),
  ]) {
    const error = await thrownBy(run);

    expect(error.name).toBe('ResourceNotFoundException');
    expect(allOf(error)).not.toContain(EMAIL);
  }
});
