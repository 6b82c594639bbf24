import { randomInt, randomUUID } from 'node:crypto';
import { DynamoDBClient, GetItemCommand } from '@aws-sdk/client-dynamodb';
import { marshall, unmarshall } from '@aws-sdk/util-dynamodb';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createLedger } from '../../../functions/aws/dynamodb/ledger.ts';
import type { Completion, Ledger } from '../../../functions/core/ledger/ledger.ts';
import { parseContactId } from '../../../functions/core/model/contact-id.ts';
import type { EmailAddress } from '../../../functions/core/model/email-address.ts';
import { parseEmailAddress } from '../../../functions/core/model/email-address.ts';
import { Misconfigured } from '../../../functions/core/model/errors.ts';
import type { OptOut } from '../../../functions/core/model/opt-out.ts';
import { aws } from '../listening.ts';
import { sampleContactOptOut, sampleOptOut } from '../sample-opt-out.ts';
import { BEFORE, hashOf, KEYED, startLedgerTable, TABLE } from './ledger-table.ts';

let tables: Awaited<ReturnType<typeof startLedgerTable>>;
let client: DynamoDBClient;
let ledger: Ledger;
beforeAll(async () => {
  tables = await startLedgerTable();
  ({ client, ledger } = tables);
});
afterAll(() => tables.stop());

const at = (seconds = 0) => new Date(Date.parse('2026-11-23T10:00:00.000Z') + seconds * 1000);
const CONFIRMED: Completion['outcome'] = { kind: 'confirmed', evidence: 'response', changed: true };

/** A person of whom nobody else in the table knows, and what comes in of them by these ways, so many seconds after ten. */
function somebody() {
  const contactId = parseContactId(String(randomInt(1, 2 ** 47)));
  const email = parseEmailAddress(`${randomUUID()}@example.com`);
  const received = (seconds: number) => ({ receivedAt: at(seconds).toISOString() });
  const byAddress = (seconds = 0): OptOut => sampleOptOut(randomUUID(), { email, ...received(seconds) });
  const byContact = (seconds = 0): OptOut => ({
    ...sampleContactOptOut(randomUUID(), contactId),
    ...received(seconds),
  });
  return { contactId, email, byAddress, byContact };
}

/** The command comes off the queue and ends; of a contact, with the address that was found. */
async function deliver(optOut: OptOut, given: Partial<Completion> = {}, through = ledger) {
  await through.claim(optOut, at(60));
  await through.complete(optOut, { attempt: 1, outcome: CONFIRMED, ...given }, at(61));
  return through.find(optOut.id);
}

const itsHash = async (email: EmailAddress) => ({ email: await KEYED.hash(email), erasedAt: at(61).toISOString() });

describe('a command that is on the queue when its address is forgotten', () => {
  it('is carried out as any other, and closed with the hash', async () => {
    const { email, byAddress } = somebody();
    const optOut = byAddress();
    expect(await ledger.erase({ email }, at(9))).toBe(0);

    expect(await ledger.claim(optOut, at(60))).toMatchObject({ kind: 'claimed', stored: optOut, email });
    await ledger.complete(optOut, { attempt: 1, outcome: { kind: 'deferred', retryAfterSeconds: 1 } }, at(61));
    expect(await ledger.find(optOut.id)).toMatchObject({ state: 'open', email });
    await ledger.claim(optOut, at(63));
    await ledger.complete(optOut, { attempt: 2, outcome: CONFIRMED }, at(64));

    expect(await ledger.find(optOut.id)).toMatchObject({
      state: 'confirmed',
      evidence: 'response',
      email: await KEYED.hash(email),
      erasedAt: at(64).toISOString(),
    });
    expect(await ledger.claim(optOut, at(90))).toEqual({ kind: 'closed' });
  });

  it.each<Completion['outcome']>([
    { kind: 'rejected', status: 404 },
    { kind: 'held', reason: 'surge-limit' },
  ])('is closed so, too, and waits for nobody, when it is not carried out: $kind', async (outcome) => {
    const { email, byAddress } = somebody();
    await ledger.erase({ email }, at(9));

    const entry = await deliver(byAddress(), { outcome });

    expect(entry).toMatchObject({ state: outcome.kind, ...(await itsHash(email)) });
    expect(entry).not.toHaveProperty('open');
  });

  it('is known until the very moment, and what the person says after it is a new matter', async () => {
    const { email, byAddress } = somebody();
    await ledger.erase({ email }, at(9));

    expect(await deliver(byAddress(9))).toHaveProperty('erasedAt');
    const later = await deliver(byAddress(9.001));
    expect(later).toMatchObject({ state: 'confirmed', email });
    expect(later).not.toHaveProperty('erasedAt');
  });

  it('is known by the last time of several, in whatever order they come', async () => {
    const { email, byAddress } = somebody();
    for (const seconds of [9, 20, 15]) await ledger.erase({ email }, at(seconds));

    expect(await deliver(byAddress(20))).toHaveProperty('erasedAt');
    expect(await deliver(byAddress(21))).toMatchObject({ email });
  });

  it('is known after a new key has come before the one that hashed', async () => {
    const { email, byAddress } = somebody();
    await createLedger(client, TABLE, BEFORE).erase({ email }, at(9));

    expect(await deliver(byAddress())).toMatchObject(await itsHash(email));
  });

  it('is known where the new key has not been read yet', async () => {
    const { email, byAddress } = somebody();
    await ledger.erase({ email }, at(9));

    const entry = await deliver(byAddress(), {}, createLedger(client, TABLE, BEFORE));

    expect(entry).toMatchObject({ email: hashOf(email, 'old'), erasedAt: at(61).toISOString() });
  });

  it('is closed with its address when there is no key, since the opt-out is worth more', async () => {
    const { email, byAddress } = somebody();
    await ledger.erase({ email }, at(9));
    const none = () => Promise.reject(new Misconfigured('there is no key'));
    const keyless = createLedger(client, TABLE, { hash: none, hashes: none });

    expect(await deliver(byAddress(), {}, keyless)).toMatchObject({ state: 'confirmed', email });
    await expect(keyless.erase({ email }, at(70))).rejects.toThrow('there is no key');
  });

  it('is not closed at all when something else is wrong with the key', async () => {
    const { byAddress } = somebody();
    const broken = () => Promise.reject(new TypeError('broken'));
    const failing = createLedger(client, TABLE, { hash: broken, hashes: broken });

    await expect(deliver(byAddress(), {}, failing)).rejects.toThrow('broken');
  });
});

describe('a command that is on the queue when its contact is forgotten', () => {
  it('is closed without the contact and with the hash of the address that was found', async () => {
    const { contactId, email, byContact } = somebody();
    await ledger.erase({ contactId }, at(9));

    const entry = await deliver(byContact(), { email });

    expect(entry).toMatchObject({ state: 'confirmed', ...(await itsHash(email)) });
    expect(entry).not.toHaveProperty('contactId');
  });

  it('is found by the address, too, that it turns out to be about', async () => {
    const { email, byContact } = somebody();
    await ledger.erase({ email }, at(9));

    expect(await deliver(byContact(), { email })).toMatchObject(await itsHash(email));
  });

  it('takes the addresses with it that the ledger knew of the contact', async () => {
    const { contactId, email, byAddress, byContact } = somebody();
    await deliver(byContact(-60), { email });

    expect(await ledger.erase({ contactId }, at(70))).toBe(1);

    expect(await deliver(byAddress())).toMatchObject(await itsHash(email));
  });

  it('takes what was received of its address until then, opened or not, and nothing that came later', async () => {
    const { contactId, email, byAddress, byContact } = somebody();
    const [opened, queued, later] = [byAddress(1), byAddress(2), byAddress(10)];
    for (const optOut of [opened, later]) await deliver(optOut);
    await ledger.erase({ contactId }, at(9));

    await deliver(byContact(), { email });

    expect(await ledger.find(opened.id)).toMatchObject(await itsHash(email));
    expect(await deliver(queued)).toMatchObject(await itsHash(email));
    expect(await ledger.find(later.id)).toMatchObject({ email });
  });
});

/** A client that does something before each request of this number. */
function interrupted(number: number, work: () => Promise<unknown>) {
  const interrupting = new DynamoDBClient(aws(tables.url));
  let count = 0;
  interrupting.middlewareStack.add(
    (next) => async (args) => {
      count += 1;
      if (count === number) await work();
      return next(args);
    },
    { step: 'initialize' },
  );
  return { interrupting, isOver: () => count < number };
}

it.each(['byAddress', 'byContact'] as const)('finds what came in %s whenever it happens', async (way) => {
  for (let number = 1; ; number += 1) {
    const { email, contactId, [way]: received } = somebody();
    const recipient = way === 'byAddress' ? { email } : { contactId };
    const { interrupting, isOver } = interrupted(number, () => ledger.erase(recipient, at(61)));
    const optOut = received();

    await deliver(optOut, way === 'byContact' ? { email } : {}, createLedger(interrupting, TABLE, KEYED));

    interrupting.destroy();
    if (isOver()) return expect(number).toBeGreaterThan(5);
    expect(await ledger.find(optOut.id), `before request ${number}`).toMatchObject(await itsHash(email));
  }
});

it('keeps a hash and two times for that, for 30 days, and nothing in any index', async () => {
  const { email } = somebody();

  await ledger.erase({ email }, at(9));

  const id = `erased#${await KEYED.hash(email)}`;
  const { Item = {} } = await client.send(new GetItemCommand({ TableName: TABLE, Key: marshall({ id }) }));
  expect(unmarshall(Item)).toEqual({
    id,
    erasedAt: at(9).toISOString(),
    expiresAt: at(9).getTime() / 1000 + 30 * 86_400,
  });
});

it('forgets nothing of what came after the word to forget, however late that is heard', async () => {
  const { contactId, email, byContact, byAddress } = somebody();
  const [before, after] = [byContact(5), byAddress(20)];
  await deliver(before, { email });
  await deliver(after, { outcome: { kind: 'held', reason: 'surge-limit' } });

  expect(await ledger.erase({ contactId }, at(100), at(9))).toBe(1);

  expect(await ledger.find(before.id)).toMatchObject({ erasedAt: at(100).toISOString() });
  expect(await ledger.find(after.id)).toMatchObject({ state: 'held', email });
});
