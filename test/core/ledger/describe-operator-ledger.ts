import { randomUUID } from 'node:crypto';
import { beforeEach, describe, expect, it } from 'vitest';
import type { Completion, Entry, Ledger } from '../../../functions/core/ledger/ledger.ts';
import type { OperatorLedger } from '../../../functions/core/ledger/operator-ledger.ts';
import type { OptOut } from '../../../functions/core/model/opt-out.ts';
import type { Unfinished } from '../../../functions/core/model/state.ts';
import { plus } from '../examples.ts';
import type { LedgerUnderTest } from './describe-ledger.ts';
import { CONFIRMED, HELD, newRecipient, OBSERVED, REJECTED, UNFINISHED } from './describe-ledger.ts';

/** The contract of an operator ledger. `make` is called before each test. */
export function describeOperatorLedger(make: () => LedgerUnderTest): void {
  let ledger: Ledger;
  let operatorLedger: OperatorLedger;
  let optOut: OptOut;
  beforeEach(() => {
    ({ ledger, operatorLedger } = make());
    optOut = newRecipient().byAddress();
  });

  /** Claims a command at a time and, with an outcome, completes the attempt a second later. */
  async function attempted(command: OptOut, outcome?: Completion['outcome'], seconds = 0): Promise<Entry> {
    await ledger.claim(command, plus(seconds));
    if (outcome) await ledger.complete(command, { attempt: 1, outcome }, plus(seconds + 1));
    const entry = await ledger.find(command.id);
    if (!entry) throw new Error('the command was not claimed');
    return entry;
  }

  const idsOf = async (state: Unfinished) =>
    (await Array.fromAsync(operatorLedger.unfinished(state))).map(({ id }) => id);

  describe('unfinished', () => {
    it.each<[Unfinished, Completion['outcome'] | undefined]>([
      ['open', undefined],
      ['held', HELD],
      ['rejected', REJECTED],
      ['observed', OBSERVED],
    ])('lists the entries in state %s, oldest first', async (state, outcome) => {
      const [late, early] = [newRecipient().byAddress(), newRecipient().byAddress()];
      await attempted(late, outcome, 60);
      await attempted(early, outcome, 30);

      const ids = (await idsOf(state)).filter((id) => id === late.id || id === early.id);

      expect(ids).toEqual([early.id, late.id]);
      for (const other of UNFINISHED.filter((each) => each !== state)) {
        expect(await idsOf(other)).not.toContain(late.id);
      }
    });

    it('lists many entries oldest first, whatever their ids are', async () => {
      const commands = Array.from({ length: 40 }, () => newRecipient().byAddress());
      for (const [index, command] of commands.entries()) await attempted(command, HELD, 1_000 - index);

      const ids = (await idsOf('held')).filter((id) => commands.some((command) => command.id === id));

      expect(ids).toEqual(commands.map(({ id }) => id).toReversed());
    });
  });

  describe('discard', () => {
    it('keeps the entry held, unlists it and prevents its reopening', async () => {
      await attempted(optOut, HELD);

      expect(await operatorLedger.discard(optOut.id, plus(60))).toBe(true);

      expect(await ledger.find(optOut.id)).toMatchObject({ state: 'held', discardedAt: plus(60).toISOString() });
      expect(await idsOf('held')).not.toContain(optOut.id);
      expect(await operatorLedger.discard(optOut.id, plus(61))).toBe(false);
      expect(await operatorLedger.reopen(optOut.id, 'held', plus(62))).toBeUndefined();
      expect(await ledger.claim(optOut, plus(63))).toEqual({ kind: 'closed' });
    });

    it('changes nothing unless the entry is held', async () => {
      await attempted(optOut, REJECTED);

      expect(await operatorLedger.discard(optOut.id, plus(60))).toBe(false);
      expect(await operatorLedger.discard(randomUUID(), plus(60))).toBe(false);
      expect(await idsOf('rejected')).toContain(optOut.id);
    });
  });

  describe('resolve', () => {
    const resolution = {
      resolvedAt: plus(60).toISOString(),
      note: 'opted out in HubSpot',
      signedReceipt: 'signed again',
    };

    it('keeps the entry rejected, unlists it and prevents its reopening', async () => {
      await attempted(optOut, REJECTED);

      expect(await operatorLedger.resolve(optOut.id, resolution)).toBe(true);

      expect(await ledger.find(optOut.id)).toMatchObject({ state: 'rejected', ...resolution });
      expect(await idsOf('rejected')).not.toContain(optOut.id);
      expect(await operatorLedger.resolve(optOut.id, { ...resolution, note: 'again' })).toBe(false);
      expect(await operatorLedger.reopen(optOut.id, 'rejected', plus(62))).toBeUndefined();
      expect(await ledger.find(optOut.id)).toMatchObject(resolution);
      expect(await ledger.claim(optOut, plus(63))).toEqual({ kind: 'closed' });
    });

    it('changes nothing unless the entry is rejected', async () => {
      const { email, byAddress } = newRecipient();
      const erased = byAddress();
      await attempted(optOut, HELD);
      await attempted(erased, REJECTED);
      await ledger.erase({ email }, plus(9));

      for (const id of [optOut.id, erased.id, randomUUID()])
        expect(await operatorLedger.resolve(id, resolution)).toBe(false);
      expect(await idsOf('held')).toContain(optOut.id);
    });
  });

  describe('reopen', () => {
    it.each([
      ['held', HELD],
      ['rejected', REJECTED],
      ['observed', OBSERVED],
      ['confirmed', CONFIRMED],
    ] as const)(
      'opens an entry that is %s, returns its command and releases the next attempt',
      async (from, outcome) => {
        await attempted(optOut, outcome);

        expect(await operatorLedger.reopen(optOut.id, from, plus(60))).toEqual(optOut);

        expect(await idsOf('open')).toContain(optOut.id);
        const entry = await ledger.find(optOut.id);
        expect(entry).toMatchObject({ state: 'open', dueAt: plus(60).getTime(), reopenedAt: plus(60).toISOString() });
        expect(entry).not.toHaveProperty('closedAt');
        expect(await ledger.claim(optOut, plus(61))).toMatchObject({ kind: 'claimed', attempt: 2, isReleased: true });
        await ledger.complete(optOut, { attempt: 2, outcome: CONFIRMED, signedReceipt: 'x' }, plus(62));
        expect(await ledger.find(optOut.id)).toMatchObject({ state: 'confirmed', signedReceipt: 'x' });
        for (const state of UNFINISHED) expect(await idsOf(state)).not.toContain(optOut.id);
      },
    );

    it('removes the expiry, which the next completion sets again', async () => {
      await ledger.claim(optOut, plus(0));
      await ledger.complete(optOut, { attempt: 1, outcome: CONFIRMED, expiresAt: plus(86_400) }, plus(1));

      await operatorLedger.reopen(optOut.id, 'confirmed', plus(60));
      expect(await ledger.find(optOut.id)).not.toHaveProperty('expiresAt');

      await ledger.claim(optOut, plus(61));
      await ledger.complete(optOut, { attempt: 2, outcome: CONFIRMED, expiresAt: plus(99_999) }, plus(62));
      expect(await ledger.find(optOut.id)).toMatchObject({ expiresAt: plus(99_999).getTime() / 1000 });
    });

    it('returns the command of a contact without the address that was found', async () => {
      const { email, byContact } = newRecipient();
      optOut = byContact();
      await ledger.claim(optOut, plus(0));
      await ledger.complete(optOut, { attempt: 1, outcome: REJECTED, email }, plus(1));

      expect(await operatorLedger.reopen(optOut.id, 'rejected', plus(2))).toEqual(optOut);
    });

    it('changes nothing if the entry is in another state, erased or unknown', async () => {
      const { email, byAddress } = newRecipient();
      const [erased, unknown] = [byAddress(), randomUUID()];
      await attempted(optOut, HELD);
      await attempted(erased, HELD);
      await ledger.erase({ email }, plus(9));
      const before = await ledger.find(erased.id);

      expect(await operatorLedger.reopen(optOut.id, 'rejected', plus(60))).toBeUndefined();
      expect(await operatorLedger.reopen(erased.id, 'held', plus(60))).toBeUndefined();
      expect(await operatorLedger.reopen(unknown, 'held', plus(60))).toBeUndefined();

      expect(await ledger.find(optOut.id)).toMatchObject({ state: 'held' });
      expect(await ledger.find(erased.id)).toEqual(before);
      expect(await ledger.find(unknown)).toBeUndefined();
    });

    it('returns the command to exactly one of two concurrent calls', async () => {
      await attempted(optOut, HELD);

      const both = await Promise.all([
        operatorLedger.reopen(optOut.id, 'held', plus(60)),
        operatorLedger.reopen(optOut.id, 'held', plus(60)),
      ]);

      expect(both.filter((command) => command !== undefined)).toEqual([optOut]);
    });
  });

  describe('requeue', () => {
    it('sets a new due time once', async () => {
      const entry = await attempted(optOut);

      expect(await operatorLedger.requeue(entry, plus(7200))).toBe(true);
      expect(await operatorLedger.requeue(entry, plus(7200))).toBe(false);
      expect(await ledger.find(optOut.id)).toMatchObject({ state: 'open', dueAt: plus(7200).getTime() });
    });

    it('changes nothing if the entry was claimed or closed in the meantime', async () => {
      const entry = await attempted(optOut);
      await ledger.claim(optOut, plus(60));
      expect(await operatorLedger.requeue(entry, plus(7200))).toBe(false);

      await ledger.complete(optOut, { attempt: 2, outcome: CONFIRMED }, plus(61));
      expect(await operatorLedger.requeue(entry, plus(7200))).toBe(false);
      expect(await ledger.find(optOut.id)).toMatchObject({ state: 'confirmed' });
    });
  });

  describe('about', () => {
    it('lists the entries of an address, including the erased ones', async () => {
      const { email, byAddress } = newRecipient();
      const [first, second] = [byAddress(), byAddress()];
      await attempted(first, CONFIRMED);
      await ledger.erase({ email }, plus(9));
      await attempted(second, REJECTED);

      const ids = (await operatorLedger.about(email)).map(({ id }) => id);

      expect(ids.toSorted()).toEqual([first.id, second.id].toSorted());
      expect(await operatorLedger.about(newRecipient().email)).toEqual([]);
    });
  });

  describe('page', () => {
    it('returns every entry exactly once, and only entries', async () => {
      const commands = Array.from({ length: 4 }, () => newRecipient().byAddress());
      for (const command of commands) await attempted(command, CONFIRMED);
      await ledger.erase({ email: newRecipient().email }, plus(9));
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
      expect(ids).toEqual(expect.arrayContaining(commands.map(({ id }) => id)));
      expect(ids.filter((id) => id.includes('#'))).toEqual([]);
    });
  });

  it('records a later opt-in of a confirmed entry only', async () => {
    const held = newRecipient().byAddress();
    await attempted(optOut, CONFIRMED);
    await attempted(held, HELD);

    for (const { id } of [optOut, held]) await operatorLedger.recordOptIn(id, plus(99));

    expect(await ledger.find(optOut.id)).toMatchObject({ state: 'confirmed', optedInAt: plus(99).toISOString() });
    expect(await ledger.find(held.id)).not.toHaveProperty('optedInAt');
  });

  it('signs closed entries only, and never replaces a receipt', async () => {
    const open = newRecipient().byAddress();
    await attempted(optOut, CONFIRMED);
    await attempted(open);

    for (const receipt of ['one', 'two']) for (const { id } of [optOut, open]) await operatorLedger.sign(id, receipt);

    expect(await ledger.find(optOut.id)).toMatchObject({ signedReceipt: 'one' });
    expect(await ledger.find(open.id)).not.toHaveProperty('signedReceipt');
  });

  it('saves and loads cursors by name', async () => {
    const name = randomUUID();
    expect(await operatorLedger.loadCursor(name)).toBeUndefined();

    await operatorLedger.saveCursor(name, { cursor: 'x', count: 2 });
    await operatorLedger.saveCursor(name, { cursor: 'y' });

    expect(await operatorLedger.loadCursor(name)).toEqual({ cursor: 'y' });
  });
}
