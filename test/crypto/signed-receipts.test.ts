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

function receiptsWith(secret: object = secretOf('a')) {
  const events: RelayEvent[] = [];
  const keys = parseReceiptKeys(JSON.stringify(secret));
  const receipts = createReceipts(
    { get: async () => keys, refresh: async () => keys },
    (event) => void events.push(event),
  );
  return { receipts, events };
}

/** Signs a receipt, and returns it with the public keys. */
async function signed(optOut: OptOut = sampleOptOut(), ending = CONFIRMED) {
  const { receipts } = receiptsWith();
  const jws = (await receipts.sign(optOut, ending)) ?? '';
  return { jws, keys: await receipts.publicKeys() };
}

describe('a receipt', () => {
  it('contains the command, its outcome and the keyed hash of the address', async () => {
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
  ])('covers every outcome: %j', async (outcome, expected) => {
    const command = { scope: { list: '228' }, brand: 'acme' };
    const { jws, keys } = await signed(sampleOptOut('event-1', command), { closedAt, outcome });

    expect(await verifyReceipt(jws, keys)).toMatchObject({ ...command, ...expected });
  });

  it('has the hash of a contact’s address only if the address is known', async () => {
    const found = await signed(sampleContactOptOut(), { ...CONFIRMED, email: EMAIL });
    const unknown = await signed(sampleContactOptOut());

    expect(await verifyReceipt(found.jws, found.keys)).toHaveProperty('addressHash');
    expect(await verifyReceipt(unknown.jws, unknown.keys)).not.toHaveProperty('addressHash');
  });

  it('is invalid if a single character is changed', async () => {
    const { jws, keys } = await signed();
    const last = jws.length - 1;
    // Four bits of the last character are not part of the signature.
    for (let at = 0; at < last; at += 1) {
      const changed = jws.slice(0, at) + (jws[at] === 'A' ? 'B' : 'A') + jws.slice(at + 1);
      expect(await verifyReceipt(changed, keys), `character ${at}`).toBeUndefined();
    }
  });

  it.each(['', 'a', 'a.b.c', '..', 'e30.e30.'])('is invalid: "%s"', async (jws) => {
    expect(await verifyReceipt(jws, (await signed()).keys)).toBeUndefined();
  });

  it('is invalid with another key of the same id, and without keys', async () => {
    const { jws, keys } = await signed();
    const [{ x = '' } = {}] = await receiptsWith(secretOf('b')).receipts.publicKeys();

    expect(
      await verifyReceipt(
        jws,
        keys.map((key) => ({ ...key, x })),
      ),
    ).toBeUndefined();
    expect(await verifyReceipt(jws, [])).toBeUndefined();
  });

  it('stays valid after rotation: the first key signs, and previous keys still verify', async () => {
    const { jws } = await signed();
    const { receipts } = receiptsWith(secretOf('b', 'a'));

    expect(await verifyReceipt(jws, await receipts.publicKeys())).toBeDefined();
    const [hash, before] = await receipts.hashes(EMAIL);
    expect(hash).toBe(await receipts.hash(EMAIL));
    expect(before).toBe(await receiptsWith().receipts.hash(EMAIL));
  });

  it('is omitted and reported if the secret cannot be fetched', async () => {
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
  ])('is rejected with the name of the invalid value: %s', (text, what) => {
    expect(() => parseReceiptKeys(text)).toThrow(Misconfigured);
    expect(() => parseReceiptKeys(text)).toThrow(what);
  });

  it('keeps its private keys out of the public keys', async () => {
    expect(allOf(await receiptsWith().receipts.publicKeys())).not.toContain(keyOf('a'));
  });
});
