import { randomInt, randomUUID } from 'node:crypto';
import { beforeEach, describe, expect, it } from 'vitest';
import type { Completion, Ledger } from '../../../functions/core/ledger/ledger.ts';
import type { OperatorLedger } from '../../../functions/core/ledger/operator-ledger.ts';
import { parseContactId } from '../../../functions/core/model/contact-id.ts';
import type { EmailAddress } from '../../../functions/core/model/email-address.ts';
import { parseEmailAddress } from '../../../functions/core/model/email-address.ts';
import type { OptOut } from '../../../functions/core/model/opt-out.ts';
import type { State, Unfinished } from '../../../functions/core/model/state.ts';
import { contactOptOut, optOut, plus } from '../examples.ts';
import { KEYED } from './keyed-hashes.ts';

/** The two sides of one ledger, which hashes with `KEYED`. It may contain other entries. */
export interface LedgerUnderTest {
  readonly ledger: Ledger;
  readonly operatorLedger: OperatorLedger;
}

export const CONFIRMED = { kind: 'confirmed', evidence: 'response', changed: true, correlationId: 'c-1' } as const;
export const HELD = { kind: 'held', reason: 'surge-limit' } as const;
export const UNFINISHED: readonly Unfinished[] = ['open', 'held', 'rejected', 'observed'];
export const OBSERVED = { kind: 'observed', changed: true } as const;
export const REJECTED = { kind: 'rejected', status: 400 } as const;
export const DEFERRED = {
  kind: 'deferred',
  status: 503,
  category: 'X',
  correlationId: 'c-0',
  retryAfterSeconds: 4,
} as const;

/** A recipient that no other test uses, with commands for the address and for the contact, received at a time. */
export function newRecipient() {
  const email = parseEmailAddress(`${randomUUID()}@example.com`);
  const contactId = parseContactId(String(randomInt(1, 2 ** 47)));
  const received = (seconds: number) => ({ id: randomUUID(), receivedAt: plus(seconds).toISOString() });
  return {
    email,
    contactId,
    byAddress: (seconds = 0): OptOut => optOut({ email, ...received(seconds) }),
    byContact: (seconds = 0): OptOut => contactOptOut({ contactId, ...received(seconds) }),
  };
}

/** The contract of a ledger. `make` is called before each test. */
export function describeLedger(make: () => LedgerUnderTest): void {
  let ledger: Ledger;
  let operatorLedger: OperatorLedger;
  let command: OptOut;
  beforeEach(() => {
    ({ ledger, operatorLedger } = make());
    command = newRecipient().byAddress();
  });
  const complete = (outcome: Completion['outcome'], seconds: number, change: Partial<Completion> = {}) =>
    ledger.complete(command, { attempt: 1, outcome, ...change }, plus(seconds));
  const stored = () => ledger.find(command.id);
  const listed = async (state: Unfinished) =>
    (await Array.fromAsync(operatorLedger.unfinished(state))).some(({ id }) => id === command.id);
  const hasAddress = async (email: EmailAddress) =>
    (await operatorLedger.about(email)).some((entry) => entry.id === command.id && entry.email === email);

  describe('claim', () => {
    it('stores the command and counts the first attempt', async () => {
      command = optOut({ id: command.id, scope: { list: '228' }, brand: 'acme' });

      expect(await ledger.claim(command, plus(0))).toEqual({
        kind: 'claimed',
        attempt: 1,
        claimedAt: plus(0),
        stored: command,
        email: command.email,
        isReleased: false,
        isReopened: false,
        wasSent: false,
      });

      const { version: _version, ...rest } = command;
      expect(await stored()).toMatchObject({
        ...rest,
        state: 'open',
        attempts: 1,
        claimedAt: plus(0).toISOString(),
        dueAt: plus(15).getTime(),
      });
      expect(await listed('open')).toBe(true);
    });

    it('grants no second claim during the lease of 15 seconds and returns the rest of it', async () => {
      await ledger.claim(command, plus(0));

      for (const [seconds, left] of [
        [0, 15],
        [0.001, 15],
        [5.5, 10],
        [14.9, 1],
        [15, 1],
      ] as const) {
        expect(await ledger.claim(command, plus(seconds))).toEqual({ kind: 'leased', retryAfterSeconds: left });
      }
      expect((await stored())?.attempts).toBe(1);
    });

    it('grants the next attempt after the lease and keeps the time of the first claim', async () => {
      await ledger.claim(command, plus(0));

      expect(await ledger.claim(command, plus(15.001))).toMatchObject({ attempt: 2, claimedAt: plus(0) });
      expect(await ledger.claim(command, plus(30))).toEqual({ kind: 'leased', retryAfterSeconds: 1 });
      expect(await ledger.claim(command, plus(30.002))).toMatchObject({ attempt: 3, claimedAt: plus(0) });
    });

    it('grants exactly one of many concurrent claims, both at first and after the lease', async () => {
      for (const [now, attempt] of [
        [plus(0), 1],
        [plus(16), 2],
      ] as const) {
        const claims = await Promise.all(Array.from({ length: 6 }, () => ledger.claim(command, now)));

        expect(claims.filter(({ kind }) => kind === 'claimed')).toMatchObject([{ attempt, claimedAt: plus(0) }]);
        expect(claims.filter(({ kind }) => kind === 'leased')).toHaveLength(5);
      }
    });

    it('keeps the command that was received first', async () => {
      await ledger.claim(command, plus(0));
      await complete(DEFERRED, 1);
      const again = { ...command, receivedAt: plus(100).toISOString(), occurredAt: plus(99).toISOString(), brand: 'x' };

      expect(await ledger.claim(again, plus(100))).toMatchObject({ attempt: 2, claimedAt: plus(0), stored: command });

      const { receivedAt, occurredAt } = command;
      expect(await stored()).toMatchObject({ receivedAt, occurredAt, claimedAt: plus(0).toISOString(), attempts: 2 });
    });

    it.each([{ brand: 'acme' }, { hold: 'ambiguous' as const }])(
      'does not add %j to a stored command',
      async (more) => {
        await ledger.claim(command, plus(0));

        expect(await ledger.claim({ ...command, ...more }, plus(16))).toMatchObject({ attempt: 2 });
        await complete(DEFERRED, 17, { attempt: 2 });
        const claim = await ledger.claim(command, plus(18));

        expect(claim.kind === 'claimed' && claim.stored).toEqual(command);
      },
    );

    it('says whether an earlier attempt may have sent a write that HubSpot has not answered', async () => {
      const wasSent = async (seconds: number) => {
        const claim = await ledger.claim(command, plus(seconds));
        return claim.kind === 'claimed' && claim.wasSent;
      };

      expect(await wasSent(0)).toBe(false);
      await complete(DEFERRED, 1);
      expect(await wasSent(2)).toBe(false);
      await complete(DEFERRED, 3, { attempt: 2, isSent: true });
      expect(await wasSent(4)).toBe(true);
      await complete(DEFERRED, 5, { attempt: 3, isSent: true });
      expect(await wasSent(6)).toBe(true);
      await complete(DEFERRED, 7, { attempt: 4 });
      expect(await wasSent(8)).toBe(false);
    });

    it('says so after an interrupted attempt until one is completed', async () => {
      await ledger.claim(command, plus(0));

      expect(await ledger.claim(command, plus(16))).toMatchObject({ attempt: 2, wasSent: true });
      expect(await ledger.claim(command, plus(32))).toMatchObject({ attempt: 3, wasSent: true });
      await complete(DEFERRED, 33, { attempt: 3 });
      expect(await ledger.claim(command, plus(34))).toMatchObject({ attempt: 4, wasSent: false });
    });

    it('says that an entry was reopened', async () => {
      await ledger.claim(command, plus(0));
      await complete(HELD, 1);
      await operatorLedger.reopen(command.id, 'held', plus(2));

      expect(await ledger.claim(command, plus(3))).toMatchObject({
        isReleased: true,
        isReopened: true,
        wasSent: false,
      });
    });

    it('keeps the property that caused the event', async () => {
      command = contactOptOut({ id: command.id, property: 'hs_email_optout' });

      expect(await ledger.claim(command, plus(0))).toMatchObject({ stored: command });
    });

    it('keeps that the time of the event is assumed', async () => {
      command = { ...command, isTimeAssumed: true };

      expect(await ledger.claim(command, plus(0))).toMatchObject({ stored: command });
    });

    it('keeps commands apart', async () => {
      const other = newRecipient().byAddress();
      await ledger.claim(command, plus(0));

      expect(await ledger.claim(other, plus(0))).toMatchObject({ kind: 'claimed', attempt: 1 });
      await ledger.complete(other, { attempt: 1, outcome: CONFIRMED }, plus(0));
      expect(await listed('open')).toBe(true);
    });
  });

  describe('complete', () => {
    it.each<[State, Completion['outcome'], object]>([
      ['confirmed', CONFIRMED, { evidence: 'response', changed: true, correlationId: 'c-1' }],
      ['confirmed', { kind: 'confirmed', evidence: 'read-back', changed: false }, { evidence: 'read-back' }],
      [
        'rejected',
        { kind: 'rejected', status: 400, category: 'VALIDATION_ERROR', correlationId: 'c-2' },
        { lastStatus: 400, lastCategory: 'VALIDATION_ERROR', correlationId: 'c-2' },
      ],
      ['held', HELD, { reason: 'surge-limit' }],
      [
        'confirmed',
        { ...CONFIRMED, businessUnits: ['0', '7'], kept: ['4'], unchecked: true },
        { businessUnits: ['0', '7'], kept: ['4'], unchecked: true },
      ],
      [
        'observed',
        { kind: 'observed', changed: true, businessUnits: ['0'], kept: ['4'], correlationId: 'c-3' },
        { changed: true, businessUnits: ['0'], kept: ['4'], correlationId: 'c-3' },
      ],
      ['superseded', { kind: 'superseded' }, {}],
      ['superseded', { kind: 'superseded', kept: ['4'] }, { kept: ['4'] }],
    ])('closes an entry as %s with its receipt', async (state, outcome, details) => {
      await ledger.claim(command, plus(0));

      await complete(outcome, 2, { signedReceipt: 'a.b.c' });

      expect(await stored()).toMatchObject({
        ...details,
        signedReceipt: 'a.b.c',
        state,
        attempts: 1,
        claimedAt: plus(0).toISOString(),
        closedAt: plus(2).toISOString(),
      });
      expect(await stored()).not.toHaveProperty('dueAt');
      for (const unfinished of UNFINISHED) {
        expect(await listed(unfinished)).toBe(unfinished === state);
      }
      for (const seconds of [2, 20, 1e6]) {
        expect(await ledger.claim(command, plus(seconds))).toEqual({ kind: 'closed' });
      }
    });

    it('keeps a deferred entry open, releases its lease and stores the last response', async () => {
      await ledger.claim(command, plus(0));

      await complete(DEFERRED, 1);

      const last = { lastStatus: 503, lastCategory: 'X', correlationId: 'c-0' };
      expect(await stored()).toMatchObject({ state: 'open', dueAt: plus(1 + 4).getTime(), ...last });
      expect(await stored()).not.toHaveProperty('closedAt');
      expect(await listed('open')).toBe(true);
      expect(await ledger.claim(command, plus(1))).toMatchObject({ kind: 'claimed', attempt: 2, isReleased: true });
      await complete({ kind: 'deferred', retryAfterSeconds: 4 }, 2, { attempt: 2 });
      expect(await ledger.claim(command, plus(2))).toMatchObject({ kind: 'claimed', attempt: 3 });
      for (const name of Object.keys(last)) expect(await stored()).not.toHaveProperty(name);
      await complete(CONFIRMED, 3, { attempt: 3 });
      expect(await stored()).toMatchObject({ state: 'confirmed', attempts: 3, closedAt: plus(3).toISOString() });
    });

    it('ignores an attempt whose lease has passed to another one', async () => {
      await ledger.claim(command, plus(0));
      expect(await ledger.claim(command, plus(16))).toMatchObject({ attempt: 2, isReleased: false });

      await complete(DEFERRED, 17);

      expect(await ledger.claim(command, plus(17))).toMatchObject({ kind: 'leased' });
      await complete(CONFIRMED, 18, { attempt: 2 });
      expect(await stored()).toMatchObject({ state: 'confirmed' });
    });

    it.each<[string, Completion['outcome']]>([
      ['confirmation', { kind: 'confirmed', evidence: 'read-back', changed: false, correlationId: 'late' }],
      ['rejection', { kind: 'rejected', status: 400, category: 'LATE' }],
      ['hold', { kind: 'held', reason: 'ambiguous' }],
      ['deferral', DEFERRED],
    ])('ignores a late %s of a closed entry', async (_what, late) => {
      await ledger.claim(command, plus(0));
      await complete(CONFIRMED, 1);
      const before = await stored();

      await complete(late, 20);

      expect(await stored()).toEqual(before);
      expect(await listed('open')).toBe(false);
    });

    it('creates no entry for a command that was never claimed', async () => {
      await complete(CONFIRMED, 0);

      expect(await stored()).toBeUndefined();
    });
  });

  describe('a command for a contact', () => {
    it('has no address until an attempt finds it', async () => {
      const { email, contactId, byContact } = newRecipient();
      command = byContact();
      const claimed = { kind: 'claimed', claimedAt: plus(0), stored: command };
      expect(await ledger.claim(command, plus(0))).toMatchObject({ ...claimed, attempt: 1 });
      await complete(DEFERRED, 1);
      expect(await stored()).toMatchObject({ contactId, state: 'open' });
      expect(await stored()).not.toHaveProperty('email');
      expect(await ledger.claim(command, plus(2))).toMatchObject({ ...claimed, attempt: 2 });
      expect(await hasAddress(email)).toBe(false);

      await complete(CONFIRMED, 3, { attempt: 2, email });

      expect(await stored()).toMatchObject({ contactId, email, state: 'confirmed' });
      expect(await hasAddress(email)).toBe(true);
    });

    it('keeps the address that a deferred attempt found', async () => {
      const { email, byContact } = newRecipient();
      command = byContact();
      await ledger.claim(command, plus(0));
      await complete(DEFERRED, 1, { email });

      expect(await ledger.claim(command, plus(2))).toMatchObject({ kind: 'claimed', attempt: 2, email });
      await complete(DEFERRED, 3, { attempt: 2 });
      expect(await hasAddress(email)).toBe(true);
      expect(await listed('open')).toBe(true);
    });
  });

  describe('find', () => {
    it('returns undefined for an unknown command', async () => {
      expect(await stored()).toBeUndefined();
    });
  });

  describeErasure(make);
}

function describeErasure(make: () => LedgerUnderTest): void {
  let ledger: Ledger;
  let operatorLedger: OperatorLedger;
  beforeEach(() => {
    ({ ledger, operatorLedger } = make());
  });
  /** Claims and completes a command; for a contact, with the address that was found. */
  const close = async (command: OptOut, change: Partial<Completion> = {}) => {
    await ledger.claim(command, plus(0));
    await ledger.complete(command, { attempt: 1, outcome: CONFIRMED, ...change }, plus(1));
  };
  const erasedAt = (seconds: number) => ({ erasedAt: plus(seconds).toISOString() });
  const isErased = async (email: EmailAddress) =>
    (await operatorLedger.about(email)).every((entry) => entry.email !== email && entry.contactId === undefined);

  describe('erase', () => {
    it('replaces the address of a closed entry by its hash, removes the contact id and keeps the rest', async () => {
      const { contactId, email, byContact } = newRecipient();
      const command = byContact();
      await close(command, { email, expiresAt: plus(86_400), signedReceipt: 'a.b.c' });
      const { contactId: _contactId, ...rest } = (await ledger.find(command.id)) ?? {};

      expect(await ledger.erase({ contactId }, plus(9))).toBe(1);

      const expected = { ...rest, email: await KEYED.hash(email), ...erasedAt(9) };
      expect(await ledger.find(command.id)).toEqual(expected);
      expect(rest).toMatchObject({ state: 'confirmed', evidence: 'response', closedAt: plus(1).toISOString() });
    });

    it('removes a held entry from the unfinished ones', async () => {
      const { email, byAddress } = newRecipient();
      const command = byAddress();
      await close(command, { outcome: HELD });

      await ledger.erase({ email }, plus(9));

      const ids = (await Array.fromAsync(operatorLedger.unfinished('held'))).map(({ id }) => id);
      expect(ids).not.toContain(command.id);
      expect(await ledger.find(command.id)).toMatchObject({ state: 'held', ...erasedAt(9) });
    });

    it('keeps the same event a duplicate, which stores nothing again', async () => {
      const { contactId, email, byContact } = newRecipient();
      const command = byContact();
      await close(command, { email });
      await ledger.erase({ contactId }, plus(9));
      const before = await ledger.find(command.id);

      expect(await ledger.claim(command, plus(20))).toEqual({ kind: 'closed' });
      for (const outcome of [DEFERRED, CONFIRMED]) {
        await ledger.complete(command, { attempt: 1, outcome, email }, plus(21));
      }

      expect(await ledger.find(command.id)).toEqual(before);
    });

    it('erases every entry of an address once, and no other recipient', async () => {
      const { email, byContact, byAddress } = newRecipient();
      const other = newRecipient();
      await close(byContact(), { email });
      await close(byAddress());
      await close(other.byAddress());

      expect(await ledger.erase({ email }, plus(9))).toBe(2);
      expect(await ledger.erase({ email }, plus(10))).toBe(0);

      expect(await operatorLedger.about(email)).toHaveLength(2);
      expect(await isErased(email)).toBe(true);
      expect(await operatorLedger.about(other.email)).toMatchObject([{ email: other.email }]);
    });

    it('erases every entry of every address of a contact, and no other recipient', async () => {
      const { contactId, email, byContact, byAddress } = newRecipient();
      const former = newRecipient();
      const other = newRecipient();
      for (const address of [email, former.email]) await close(byContact(), { email: address });
      for (const command of [byAddress(), byAddress(), former.byAddress()]) await close(command);
      await close(other.byContact(), { email: other.email });
      await close(other.byAddress());

      expect(await ledger.erase({ contactId }, plus(9))).toBe(5);

      for (const address of [email, former.email]) expect(await isErased(address)).toBe(true);
      const kept = await operatorLedger.about(other.email);
      expect(kept.map((entry) => entry.email)).toEqual([other.email, other.email]);
      expect(kept.filter((entry) => entry.contactId === other.contactId)).toHaveLength(1);
    });

    it('erases a contact whose address was never found', async () => {
      const { contactId, byContact } = newRecipient();
      const command = byContact();
      await close(command, { outcome: { kind: 'rejected', status: 404 } });

      expect(await ledger.erase({ contactId }, plus(9))).toBe(1);
      expect(await ledger.find(command.id)).not.toHaveProperty('contactId');
    });

    it('changes nothing the second time, or for an unknown contact', async () => {
      const { contactId, email, byContact, byAddress } = newRecipient();
      await close(byAddress());
      await close(byContact(), { email });
      const open = byAddress();
      await ledger.claim(open, plus(0));

      expect(await ledger.erase({ contactId }, plus(9))).toBe(3);
      const before = await operatorLedger.about(email);
      for (const unknown of [contactId, newRecipient().contactId]) {
        expect(await ledger.erase({ contactId: unknown }, plus(10))).toBe(0);
      }
      expect(await operatorLedger.about(email)).toEqual(before);
    });

    it('changes each entry once when two erasures run concurrently', async () => {
      const { contactId, email, byContact } = newRecipient();
      for (let count = 0; count < 3; count += 1) await close(byContact(), { email });
      await ledger.claim(byContact(), plus(0));

      const counts = await Promise.all([ledger.erase({ contactId }, plus(9)), ledger.erase({ contactId }, plus(9))]);

      expect(counts[0] + counts[1]).toBe(4);
    });

    it('does not cover commands received after `until`', async () => {
      const { contactId, email, byContact, byAddress } = newRecipient();
      const [before, after] = [byContact(5), byAddress(20)];
      await close(before, { email });
      await close(after, { outcome: HELD });

      expect(await ledger.erase({ contactId }, plus(100), plus(9))).toBe(1);

      expect(await ledger.find(before.id)).toMatchObject(erasedAt(100));
      expect(await ledger.find(after.id)).toMatchObject({ state: 'held', email });
    });
  });

  describe('the erasure of an open entry', () => {
    it('waits until the entry is closed; until then the command is the same', async () => {
      const { contactId, email, byContact } = newRecipient();
      const command = byContact();
      await ledger.claim(command, plus(0));
      await ledger.complete(command, { attempt: 1, outcome: DEFERRED, email }, plus(1));

      expect(await ledger.erase({ contactId }, plus(2))).toBe(1);

      const open = { state: 'open', contactId, email };
      expect(await ledger.find(command.id)).toMatchObject(open);
      const claimed = {
        ...{ kind: 'claimed', attempt: 2, claimedAt: plus(0), stored: command, email },
        ...{ isReleased: true, isReopened: false, wasSent: false },
      };
      expect(await ledger.claim(command, plus(3))).toEqual(claimed);
      await ledger.complete(command, { attempt: 2, outcome: DEFERRED }, plus(4));
      expect(await ledger.find(command.id)).toMatchObject(open);
      await ledger.claim(command, plus(5));
      await ledger.complete(command, { attempt: 3, outcome: CONFIRMED, expiresAt: plus(86_400) }, plus(6));

      const hash = await KEYED.hash(email);
      const closed = { state: 'confirmed', attempts: 3, closedAt: plus(6).toISOString(), email: hash, ...erasedAt(6) };
      expect(await ledger.find(command.id)).toMatchObject({ ...closed, expiresAt: plus(86_400).getTime() / 1000 });
      expect(await ledger.find(command.id)).not.toHaveProperty('contactId');
      expect(await ledger.claim(command, plus(60))).toEqual({ kind: 'closed' });
    });

    it('covers the address that the attempt finds, and every other entry of it', async () => {
      const { contactId, email, byContact, byAddress } = newRecipient();
      const [command, other] = [byContact(), byAddress()];
      await close(other);
      await ledger.claim(command, plus(0));
      expect(await ledger.erase({ contactId }, plus(2))).toBe(1);
      expect(await ledger.find(other.id)).not.toHaveProperty('erasedAt');

      await ledger.complete(command, { attempt: 1, outcome: CONFIRMED, email }, plus(3));

      expect(await ledger.find(command.id)).toMatchObject({ state: 'confirmed', ...erasedAt(3) });
      expect(await ledger.find(other.id)).toMatchObject({ state: 'confirmed', ...erasedAt(3) });
      expect(await isErased(email)).toBe(true);
    });

    it('ignores an attempt whose lease has passed to another one', async () => {
      const { contactId, email, byContact } = newRecipient();
      const command = byContact();
      await ledger.claim(command, plus(0));
      await ledger.erase({ contactId }, plus(1));
      await ledger.claim(command, plus(16));

      await ledger.complete(command, { attempt: 1, outcome: CONFIRMED, email }, plus(17));

      expect(await ledger.find(command.id)).toMatchObject({ state: 'open', attempts: 2, contactId });
      await ledger.complete(command, { attempt: 2, outcome: { kind: 'rejected', status: 404 } }, plus(18));
      expect(await ledger.find(command.id)).toMatchObject({ state: 'rejected', ...erasedAt(18) });
    });
  });

  describe('erasedUntil', () => {
    it('returns undefined for recipients that were never erased', async () => {
      const { email, contactId } = newRecipient();

      expect(await ledger.erasedUntil([{ email }, { contactId }])).toBeUndefined();
    });

    it('returns the latest time of several erasures of any of the recipients, in whatever order they run', async () => {
      const { email, contactId } = newRecipient();
      for (const seconds of [9, 20, 15]) await ledger.erase({ email }, plus(seconds));
      await ledger.erase({ contactId }, plus(100), plus(12));

      expect(await ledger.erasedUntil([{ email }])).toEqual(plus(20));
      expect(await ledger.erasedUntil([{ contactId }])).toEqual(plus(12));
      expect(await ledger.erasedUntil([{ contactId }, { email }])).toEqual(plus(20));
    });

    it('covers the addresses that were known for an erased contact', async () => {
      const { contactId, email, byContact } = newRecipient();
      await close(byContact(), { email });
      await ledger.erase({ contactId }, plus(9));

      expect(await ledger.erasedUntil([{ email }])).toEqual(plus(9));
    });

    it('makes complete close the entry without the address, and erase the rest that was received until then', async () => {
      const { contactId, email, byContact, byAddress } = newRecipient();
      const [command, covered, later] = [byContact(), byAddress(1), byAddress(10)];
      for (const each of [covered, later]) await close(each);
      await ledger.claim(command, plus(60));

      const completion = { attempt: 1, outcome: CONFIRMED, email, erasedUntil: plus(9) };
      await ledger.complete(command, completion, plus(61));

      const erased = { state: 'confirmed', email: await KEYED.hash(email), ...erasedAt(61) };
      expect(await ledger.find(command.id)).toMatchObject(erased);
      expect(await ledger.find(command.id)).not.toHaveProperty('contactId');
      expect(await ledger.find(covered.id)).toMatchObject(erased);
      expect(await ledger.find(later.id)).toMatchObject({ email });
      expect(await ledger.erasedUntil([{ email }])).toEqual(plus(9));
      expect(await ledger.erasedUntil([{ contactId }])).toBeUndefined();
    });
  });
}
