import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parseContactId } from '../../../functions/core/model/contact-id.ts';
import { parseEmailAddress } from '../../../functions/core/model/email-address.ts';
import type { Command, OptOut } from '../../../functions/core/model/opt-out.ts';
import { until } from '../../local/stack-under-test.ts';
import type { RelayUnderTest } from '../relay-under-test.ts';
import { CONFIRMED, hoursAgo, jsonLines, optOutOf, relayUnderTest } from '../relay-under-test.ts';

let under: RelayUnderTest;
beforeAll(async () => {
  under = await relayUnderTest();
});
afterAll(() => under.stop());

/** What is on the queue comes to be delivered. */
const arrives = (command: Command) => under.books.queue.send([command]);
const outcomesOf = ({ id }: OptOut) =>
  under.lines('optout.attempted').flatMap(({ optOutId, outcome }) => (optOutId === id ? [outcome] : []));
const hash = (address: string) => under.books.receipts.hash(address);
const contact = (id: string, name: string): OptOut => {
  const { email: _email, ...command } = optOutOf(`${name}@example.com`, { source: 'hubspot', hours: 0.5 });
  return { ...command, contactId: parseContactId(id) };
};

describe('relay forget', () => {
  it('takes the address out of every entry that is closed, and an open one loses it when it is', async () => {
    const open = optOutOf('grace@example.com', { key: '2' });
    await under.enter(optOutOf('grace@example.com', { key: '1' }), CONFIRMED);
    await under.enter(open);

    expect(await under.relay(['forget', 'grace@example.com'])).toEqual({
      stdout: 'Forgotten in 2 entries.\n',
      stderr: '',
      code: 0,
    });

    await under.books.ledger.complete(open, { attempt: 1, outcome: CONFIRMED }, new Date());
    const { stdout } = await under.relay(['export']);
    expect(stdout).not.toContain('grace@example.com');
    expect((await under.relay(['forget', 'grace@example.com'])).stdout).toBe('There was nothing to forget.\n');
  });

  it('keeps the same event a duplicate', async () => {
    const optOut = optOutOf('again@example.com');
    await under.enter(optOut, CONFIRMED);

    await under.relay(['forget', '--json', 'again@example.com']);

    expect(await under.books.ledger.claim(optOut, new Date())).toEqual({ kind: 'closed' });
  });

  it.each([[[]], [['a@example.com', 'b@example.com']]])('wants one address: %j', async (addresses) => {
    expect((await under.relay(['forget', ...addresses])).code).toBe(2);
  });
});

describe('an opt-out that was on the queue when its address was forgotten', () => {
  it('is told to HubSpot, proven, found and a duplicate as any other, and only its hash is left', async () => {
    const address = 'queued@example.com';
    const optOut = optOutOf(address, { hours: 0.5 });
    await under.relay(['forget', address]);

    await arrives(optOut);

    const entry = await under.becomes(optOut.id, 'confirmed');
    expect(entry).toMatchObject({ email: await hash(address), erasedAt: expect.any(String) });
    expect(await under.contact(address)).toMatchObject({ optedOut: true, optOutWrites: 1 });
    expect((await under.relay(['export'])).stdout).not.toContain(address);
    const why = jsonLines((await under.relay(['why', '--json', address])).stdout);
    expect(why).toMatchObject([{ id: optOut.id, state: 'confirmed', signedReceipt: expect.any(String) }]);
    await arrives(optOut);
    await until(
      async () => outcomesOf(optOut),
      (outcomes) => outcomes.includes('duplicate'),
    );
    expect(await under.contact(address)).toMatchObject({ optedOut: true, optOutWrites: 1 });
  });

  it('is not mixed up with what the person says when they come back', async () => {
    const address = 'returning@example.com';
    const later = optOutOf(address, { hours: -0.01 });
    await under.relay(['forget', address]);

    await arrives(later);

    const entry = await under.becomes(later.id, 'confirmed');
    expect(entry).toMatchObject({ email: address });
    expect(entry).not.toHaveProperty('erasedAt');
  });

  it('loses the contact, too, whom HubSpot has deleted for privacy', async () => {
    const optOut = contact('4712', 'deleted');
    await under.sim('contacts/deleted@example.com', 'PUT', { id: '4712' });
    await arrives({ version: 1, erase: parseContactId('4712'), receivedAt: new Date().toISOString() });
    await until(
      async () => under.lines('ledger.erased'),
      (lines) => lines.length === 1,
    );

    await arrives(optOut);

    const entry = await under.becomes(optOut.id, 'confirmed');
    expect(entry).toMatchObject({ email: await hash('deleted@example.com'), erasedAt: expect.any(String) });
    expect(entry).not.toHaveProperty('contactId');
    expect(await under.contact('deleted@example.com')).toMatchObject({ optedOut: true });
  });
});

describe('the dead letters of who is forgotten', () => {
  const forgotten = async (address: string) => jsonLines((await under.relay(['forget', '--json', address])).stdout);

  it('are removed where all is done, sent again where it is not, and nobody else’s is touched', async () => {
    const address = 'dead@example.com';
    const [closed, open, unopened] = ['1', '2', '3'].map((key) => optOutOf(address, { key, hours: 30 })) as [
      OptOut,
      OptOut,
      OptOut,
    ];
    const stranger = optOutOf('stranger@example.com', { hours: 30 });
    await under.enter(closed, CONFIRMED);
    await under.enter(open, { kind: 'deferred', status: 503, retryAfterSeconds: 1 });
    const privacy = { version: 1, erase: '1', receivedAt: stranger.receivedAt };
    for (const letter of [closed, open, unopened, stranger, privacy, { hello: 'world' }]) await under.bury(letter);

    expect(await forgotten(address)).toEqual([{ forgotten: 2, deadLetters: 3 }]);

    for (const { id } of [open, unopened]) {
      expect(await under.becomes(id, 'confirmed')).toMatchObject({ email: await hash(address) });
    }
    expect((await under.relay(['export'])).stdout).not.toContain(address);
    expect(await forgotten(address)).toEqual([{ forgotten: 0, deadLetters: 0 }]);
    expect(await under.books.ledger.find(stranger.id)).toBeUndefined();
    expect(jsonLines((await under.relay(['redrive', '--json'])).stdout)).toEqual([
      { what: 'unopened', count: 2 },
      { what: 'foreign', count: 1 },
    ]);
  });

  it('are known by their contact, and by the entry that has found the address of theirs', async () => {
    const [known, other] = [contact('4713', 'known'), contact('4713', 'other')];
    const nobody = contact('4714', 'nobody');
    await under.books.ledger.claim(known, hoursAgo(0.5));
    const found = { attempt: 1, outcome: CONFIRMED, email: parseEmailAddress('of-contact@example.com') };
    await under.books.ledger.complete(known, found, hoursAgo(0.5));
    for (const letter of [known, other, nobody]) await under.bury(letter);

    expect((await under.relay(['forget', 'of-contact@example.com'])).stdout).toBe(
      'Forgotten in 1 entry and 2 dead letters. 1 letter went back on the queue, to be carried out first.\n',
    );

    await under.bury(known);
    expect((await under.relay(['forget', 'of-contact@example.com'])).stdout).toBe('Forgotten in 1 dead letter.\n');
  });
});
