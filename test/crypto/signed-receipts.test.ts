import { createHmac } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { Ending } from '../../functions/core/ledger/receipt.ts';
import { Misconfigured, Unavailable } from '../../functions/core/model/errors.ts';
import type { OptOut } from '../../functions/core/model/opt-out.ts';
import type { RelayEvent } from '../../functions/core/model/telemetry.ts';
import { createReceipts, parseReceiptKeys, verifyReceipt } from '../../functions/crypto/signed-receipts.ts';
import { allOf } from '../aws/listening.ts';
import { EMAIL, sampleContactOptOut, sampleOptOut } from '../aws/sample-opt-out.ts';

const keyOf = (letter: string) => Buffer.alloc(32, letter).toString('base64url');
const secretOf = (...letters: readonly string[]) => ({
  keys: letters.map((letter) => ({ kid: `kid-${letter}`, privateKey: keyOf(letter) })),
  hashKeys: letters.map(keyOf),
});
const closedAt = new Date('2026-11-23T10:00:05.000Z');
const CONFIRMED: Ending = {
  closedAt,
  outcome: { kind: 'confirmed', evidence: 'response', changed: true, correlationId: 'c-1' },
};

function opened(secret: object = secretOf('a')) {
  const events: RelayEvent[] = [];
  const keys = parseReceiptKeys(JSON.stringify(secret));
  const receipts = createReceipts(
    { get: async () => keys, refresh: async () => keys },
    (event) => void events.push(event),
  );
  return { receipts, events };
}

/** Signed, and with the keys to check it. */
async function signed(optOut: OptOut = sampleOptOut(), ending = CONFIRMED) {
  const { receipts } = opened();
  const jws = (await receipts.sign(optOut, ending)) ?? '';
  return { jws, keys: await receipts.publicKeys() };
}

describe('a receipt', () => {
  it('says what was done with which command, and of the address only its keyed hash', async () => {
    const { jws, keys } = await signed();

    const optOut = sampleOptOut();
    const receipt = await verifyReceipt(jws, keys);

    expect(receipt).toEqual({
      id: optOut.id,
      source: 'sendgrid',
      kind: 'opt_out',
      scope: 'all',
      occurredAt: optOut.occurredAt,
      receivedAt: optOut.receivedAt,
      closedAt: closedAt.toISOString(),
      outcome: 'confirmed',
      evidence: 'response',
      changed: true,
      correlationId: 'c-1',
      addressHash: createHmac('sha256', Buffer.alloc(32, 'a')).update(EMAIL).digest('base64url'),
    });
    expect(JSON.stringify(receipt)).not.toContain(EMAIL);
  });

  it.each<[Ending['outcome'], object]>([
    [
      { kind: 'rejected', status: 400, category: 'VALIDATION_ERROR' },
      { outcome: 'rejected', status: 400 },
    ],
    [
      { kind: 'held', reason: 'surge-limit' },
      { outcome: 'held', reason: 'surge-limit' },
    ],
    [{ kind: 'superseded' }, { outcome: 'superseded' }],
  ])('is made of every end: %j', async (outcome, said) => {
    const of = { scope: { list: '228' }, brand: 'acme' };
    const { jws, keys } = await signed(sampleOptOut('event-1', of), { closedAt, outcome });

    expect(await verifyReceipt(jws, keys)).toMatchObject({ ...of, ...said });
  });

  it('is of a contact’s address where that was found, and of nobody’s where it was not', async () => {
    const found = await signed(sampleContactOptOut(), { ...CONFIRMED, email: EMAIL });
    const unknown = await signed(sampleContactOptOut());

    expect(await verifyReceipt(found.jws, found.keys)).toHaveProperty('addressHash');
    expect(await verifyReceipt(unknown.jws, unknown.keys)).not.toHaveProperty('addressHash');
  });

  it('is found out when a single character of it is another', async () => {
    const { jws, keys } = await signed();
    const last = jws.length - 1;
    // The last character of a signature carries four bits that mean nothing.
    for (let at = 0; at < last; at += 1) {
      const changed = jws.slice(0, at) + (jws[at] === 'A' ? 'B' : 'A') + jws.slice(at + 1);
      expect(await verifyReceipt(changed, keys), `character ${at}`).toBeUndefined();
    }
  });

  it.each(['', 'a', 'a.b.c', '..', 'e30.e30.'])('is no "%s"', async (jws) => {
    expect(await verifyReceipt(jws, (await signed()).keys)).toBeUndefined();
  });

  it('is nobody’s who has another key of the same name, or none', async () => {
    const { jws, keys } = await signed();
    const [{ x = '' } = {}] = await opened(secretOf('b')).receipts.publicKeys();

    expect(
      await verifyReceipt(
        jws,
        keys.map((key) => ({ ...key, x })),
      ),
    ).toBeUndefined();
    expect(await verifyReceipt(jws, [])).toBeUndefined();
  });

  it('outlives its key: the first one signs, those behind it still check', async () => {
    const { jws } = await signed();
    const { receipts } = opened(secretOf('b', 'a'));

    expect(await verifyReceipt(jws, await receipts.publicKeys())).toBeDefined();
    const [hash, before] = await receipts.hashes(EMAIL);
    expect(hash).toBe(await receipts.hash(EMAIL));
    expect(before).toBe(await opened().receipts.hash(EMAIL));
  });

  it('is left out, and said to be, when the secret cannot be read', async () => {
    const events: RelayEvent[] = [];
    const get = () => Promise.reject(new Unavailable('secret receipts cannot be read: X'));
    const receipts = createReceipts({ get, refresh: get }, (event) => void events.push(event));

    expect(await receipts.sign(sampleOptOut(), CONFIRMED)).toBeUndefined();
    await expect(receipts.hash(EMAIL)).rejects.toThrow(Unavailable);

    expect(events).toMatchObject([{ event: 'receipt.unsigned', reason: 'secret receipts cannot be read: X' }]);
  });
});

describe('the secret', () => {
  it.each([
    ['', 'it is blank'],
    ['{"keys":[]}', 'keys'],
    [JSON.stringify({ ...secretOf('a'), hashKeys: ['short'] }), 'hashKeys.0'],
    [JSON.stringify({ ...secretOf('a'), hashKeys: [] }), 'hashKeys'],
    [JSON.stringify(secretOf('a', 'a')), 'two keys have the same kid'],
    [JSON.stringify({ ...secretOf('a'), keys: [{ kid: 'a b', privateKey: keyOf('a') }] }), 'keys.0.kid'],
  ])('that is not as it should be is named by what is wrong: %s', (text, what) => {
    expect(() => parseReceiptKeys(text)).toThrow(Misconfigured);
    expect(() => parseReceiptKeys(text)).toThrow(what);
  });

  it('shows its private half to nobody', async () => {
    expect(allOf(await opened().receipts.publicKeys())).not.toContain(keyOf('a'));
  });
});
