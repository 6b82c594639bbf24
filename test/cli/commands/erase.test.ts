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

const enqueue = (command: Command) => under.context.queue.send([command]);
const outcomesOf = ({ id }: OptOut) =>
  under.lines('optout.attempted').flatMap(({ optOutId, outcome }) => (optOutId === id ? [outcome] : []));
const hash = (address: string) => under.context.receipts.hash(address);
const contact = (id: string, name: string): OptOut => {
  const { email: _email, ...command } = optOutOf(`${name}@example.com`, { source: 'hubspot', hours: 0.5 });
  return { ...command, contactId: parseContactId(id) };
};

describe('relay erase', () => {
  it('erases completed entries at once and open ones when they are completed', async () => {
    const open = optOutOf('grace@example.com', { key: '2' });
    await under.addEntry(optOutOf('grace@example.com', { key: '1' }), CONFIRMED);
    await under.addEntry(open);

    expect(await under.relay(['erase', 'grace@example.com'])).toEqual({
      stdout: 'Erased from 2 entries.\n',
      stderr: '',
      code: 0,
    });

    await under.context.ledger.complete(open, { attempt: 1, outcome: CONFIRMED }, new Date());
    const { stdout } = await under.relay(['export']);
    expect(stdout).not.toContain('grace@example.com');
    expect((await under.relay(['erase', 'grace@example.com'])).stdout).toBe('Nothing to erase.\n');
  });

  it('still treats the same event as a duplicate', async () => {
    const optOut = optOutOf('again@example.com');
    await under.addEntry(optOut, CONFIRMED);

    await under.relay(['erase', '--json', 'again@example.com']);

    expect(await under.context.ledger.claim(optOut, new Date())).toEqual({ kind: 'closed' });
  });

  it.each([[[]], [['a@example.com', 'b@example.com']]])('expects one address: %j', async (addresses) => {
    expect((await under.relay(['erase', ...addresses])).code).toBe(2);
  });
});

describe('an opt-out on the queue while its address is erased', () => {
  it('is delivered, proven, found and deduplicated, and only its hash is kept', async () => {
    const address = 'queued@example.com';
    const optOut = optOutOf(address, { hours: 0.5 });
    await under.relay(['erase', address]);

    await enqueue(optOut);

    const entry = await under.becomes(optOut.id, 'confirmed');
    expect(entry).toMatchObject({ email: await hash(address), erasedAt: expect.any(String) });
    expect(await under.contact(address)).toMatchObject({ optedOut: true, optOutWrites: 1 });
    expect((await under.relay(['export'])).stdout).not.toContain(address);
    const why = jsonLines((await under.relay(['why', '--json', address])).stdout);
    expect(why).toMatchObject([{ id: optOut.id, state: 'confirmed', signedReceipt: expect.any(String) }]);
    await enqueue(optOut);
    await until(
      async () => outcomesOf(optOut),
      (outcomes) => outcomes.includes('duplicate'),
    );
    expect(await under.contact(address)).toMatchObject({ optedOut: true, optOutWrites: 1 });
  });

  it('is kept apart from opt-outs that are received later', async () => {
    const address = 'returning@example.com';
    const later = optOutOf(address, { hours: -0.01 });
    await under.relay(['erase', address]);

    await enqueue(later);

    const entry = await under.becomes(later.id, 'confirmed');
    expect(entry).toMatchObject({ email: address });
    expect(entry).not.toHaveProperty('erasedAt');
  });

  it('also loses its contact id after a privacy deletion in HubSpot', async () => {
    const optOut = contact('4712', 'deleted');
    await under.sim('contacts/deleted@example.com', 'PUT', { id: '4712' });
    await enqueue({ version: 1, erase: parseContactId('4712'), receivedAt: new Date().toISOString() });
    await until(
      async () => under.lines('ledger.erased'),
      (lines) => lines.length === 1,
    );

    await enqueue(optOut);

    const entry = await under.becomes(optOut.id, 'confirmed');
    expect(entry).toMatchObject({ email: await hash('deleted@example.com'), erasedAt: expect.any(String) });
    expect(entry).not.toHaveProperty('contactId');
    expect(await under.contact('deleted@example.com')).toMatchObject({ optedOut: true });
  });
});

describe('the dead letters of an erased address', () => {
  const eraseJson = async (address: string) => jsonLines((await under.relay(['erase', '--json', address])).stdout);

  it('are deleted if completed and sent again if not; other dead letters stay', async () => {
    const address = 'dead@example.com';
    const [closed, open, unopened] = ['1', '2', '3'].map((key) => optOutOf(address, { key, hours: 30 })) as [
      OptOut,
      OptOut,
      OptOut,
    ];
    const stranger = optOutOf('stranger@example.com', { hours: 30 });
    await under.addEntry(closed, CONFIRMED);
    await under.addEntry(open, { kind: 'deferred', status: 503, retryAfterSeconds: 1 });
    const privacy = { version: 1, erase: '1', receivedAt: stranger.receivedAt };
    for (const message of [closed, open, unopened, stranger, privacy, { hello: 'world' }])
      await under.addDeadLetter(message);

    expect(await eraseJson(address)).toEqual([{ erased: 2, deadLetters: 3 }]);

    for (const { id } of [open, unopened]) {
      expect(await under.becomes(id, 'confirmed')).toMatchObject({ email: await hash(address) });
    }
    expect((await under.relay(['export'])).stdout).not.toContain(address);
    expect(await eraseJson(address)).toEqual([{ erased: 0, deadLetters: 0 }]);
    expect(await under.context.ledger.find(stranger.id)).toBeUndefined();
    expect(jsonLines((await under.relay(['redrive', '--json'])).stdout)).toEqual([
      { what: 'unattempted', count: 2 },
      { what: 'unknown', count: 1 },
    ]);
  });

  it('are matched by contact id and by the address in their entry', async () => {
    const [known, other] = [contact('4713', 'known'), contact('4713', 'other')];
    const unrelated = contact('4714', 'unrelated');
    await under.context.ledger.claim(known, hoursAgo(0.5));
    const found = { attempt: 1, outcome: CONFIRMED, email: parseEmailAddress('of-contact@example.com') };
    await under.context.ledger.complete(known, found, hoursAgo(0.5));
    for (const message of [known, other, unrelated]) await under.addDeadLetter(message);

    expect((await under.relay(['erase', 'of-contact@example.com'])).stdout).toBe(
      'Erased from 1 entry and 2 dead letters. 1 message went back to the queue to be completed first.\n',
    );

    await under.addDeadLetter(known);
    expect((await under.relay(['erase', 'of-contact@example.com'])).stdout).toBe('Erased from 1 dead letter.\n');
  });
});
