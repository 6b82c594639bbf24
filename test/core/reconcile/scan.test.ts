import { describe, expect, it } from 'vitest';
import type { Entry } from '../../../functions/core/ledger/ledger.ts';
import type { Ending } from '../../../functions/core/ledger/receipt.ts';
import { scan } from '../../../functions/core/reconcile/scan.ts';
import { ADA, plus, shows } from '../examples.ts';
import { confirmedEntry, entry, run, sweepPorts } from '../ledger/memory-operator-ledger.ts';

const DAY = 24 * 3600;

/** The walk without a look for drift; it signs whatever lacks a receipt. */
function given(entries: readonly Entry[]) {
  const ports = sweepPorts(entries);
  const signed: [id: string, ending: Ending][] = [];
  const nobody = async () => shows([]);
  const through = {
    ...ports,
    hubspot: () => ({ readStatus: nobody, readSubscriptions: nobody }),
    readMany: nobody,
    businessUnitIds: {},
    drift: false as const,
    sign: async ({ id }: { readonly id: string }, ending: Ending): Promise<string | undefined> => {
      signed.push([id, ending]);
      return `receipt of ${id}`;
    },
  };
  return { ...ports, signed, through, go: (seconds = 0, steps?: number) => scan(run(seconds, steps), through) };
}

const lacking = (count: number) =>
  Array.from({ length: count }, (_, index) => {
    const { signedReceipt: _signed, ...each } = confirmedEntry(`e${String(index).padStart(3, '0')}`);
    return each;
  });

describe('the walk', () => {
  it('goes through the whole ledger, says so, and begins again a day later', async () => {
    const { go, put, signed, events } = given(lacking(250));

    await go();
    expect(signed).toHaveLength(250);
    expect(events).toEqual([{ event: 'ledger.scanned', entries: 250, isDone: true }]);
    for (const each of lacking(251).slice(250)) put(each);
    await go(DAY - 1);
    expect([signed.length, events.length]).toEqual([250, 1]);
    await go(DAY);

    expect(signed).toHaveLength(251);
  });

  it('is done at once where there is nothing', async () => {
    const { go, events } = given([]);

    await go();

    expect(events).toEqual([{ event: 'ledger.scanned', entries: 0, isDone: true }]);
  });

  it('goes on in the middle of a page when its time is up there', async () => {
    const { go, signed, notes } = given(lacking(120));

    await go(0, 60);
    expect(notes.get('scan')).toMatchObject({ isDone: false, cursor: 'e028' });
    await go(300);

    expect(new Set(signed.map(([id]) => id)).size).toBe(120);
    expect(signed).toHaveLength(120);
  });

  it('begins anew when there is no time for a single entry', async () => {
    const { go, signed, notes } = given(lacking(3));

    await go(0, 1);
    expect(notes.get('scan')).toStrictEqual({ beganAt: plus(0).toISOString(), isDone: false });
    await go(300);

    expect(signed).toHaveLength(3);
  });

  it('goes on after a run that died, from its last page on', async () => {
    const { go, through, signed } = given(lacking(250));
    let pages = 0;
    const page: typeof through.operatorLedger.page = (...args) => {
      pages += 1;
      return pages === 3 ? Promise.reject(new Error('died')) : through.operatorLedger.page(...args);
    };

    await expect(scan(run(0), { ...through, operatorLedger: { ...through.operatorLedger, page } })).rejects.toThrow(
      'died',
    );
    expect(signed).toHaveLength(200);
    await go(300);

    expect(signed).toHaveLength(250);
  });

  it('reads ten thousand entries in one run at most', async () => {
    const { go, events } = given(Array.from({ length: 10_050 }, (_, index) => entry(`e${100_000 + index}`)));

    await go();
    await go(300);

    expect(events).toEqual([
      { event: 'ledger.scanned', entries: 10_000, isDone: false },
      { event: 'ledger.scanned', entries: 50, isDone: true },
    ]);
  });

  it.each([undefined, null, 'scan', {}, { beganAt: plus(0).toISOString() }])(
    'begins when %j is what it remembers',
    async (note) => {
      const { go, notes, signed } = given(lacking(1));
      notes.set('scan', note);

      await go();

      expect(signed).toHaveLength(1);
    },
  );
});

describe('a receipt that is lacking', () => {
  const closed = { closedAt: plus(1).toISOString(), correlationId: 'c-1' };

  it.each<[Partial<Entry>, Ending['outcome']]>([
    [
      { state: 'confirmed', evidence: 'response', changed: true },
      { kind: 'confirmed', evidence: 'response', changed: true, correlationId: 'c-1' },
    ],
    [
      { state: 'confirmed', evidence: 'read-back' },
      { kind: 'confirmed', evidence: 'read-back', changed: false, correlationId: 'c-1' },
    ],
    [{ state: 'confirmed' }, { kind: 'confirmed', evidence: 'read-back', changed: false, correlationId: 'c-1' }],
    [
      { state: 'rejected', lastStatus: 400, lastCategory: 'VALIDATION_ERROR' },
      { kind: 'rejected', status: 400, category: 'VALIDATION_ERROR', correlationId: 'c-1' },
    ],
    [
      { state: 'rejected', lastStatus: 414 },
      { kind: 'rejected', status: 414, correlationId: 'c-1' },
    ],
    [
      { state: 'held', reason: 'surge-limit' },
      { kind: 'held', reason: 'surge-limit' },
    ],
    [
      { state: 'held', reason: 'ambiguous' },
      { kind: 'held', reason: 'ambiguous' },
    ],
    [{ state: 'held' }, { kind: 'held', reason: 'ambiguous' }],
    [{ state: 'superseded' }, { kind: 'superseded' }],
  ])('of %j is signed as it was closed', async (change, outcome) => {
    const { go, signed, find } = given([entry('a', { ...closed, ...change })]);

    await go();

    expect(signed).toStrictEqual([['a', { outcome, email: ADA, closedAt: plus(1) }]]);
    expect(find('a')?.signedReceipt).toBe('receipt of a');
  });

  it('says no correlation id where HubSpot gave none', async () => {
    const { go, signed } = given(lacking(1));

    await go();

    expect(signed[0]?.[1].outcome).toStrictEqual({ kind: 'confirmed', evidence: 'response', changed: true });
  });

  it('is none of an open entry, of one that has its own, and of one that is forgotten', async () => {
    const { signedReceipt: _signed, ...forgotten } = confirmedEntry('c', { erasedAt: plus(9).toISOString() });
    const open = [entry('a', { closedAt: plus(0).toISOString() }), entry('d', { state: 'confirmed' })];
    const { go, signed } = given([...open, confirmedEntry('b'), forgotten]);

    await go();

    expect(signed).toEqual([]);
  });

  it('is asked for once in a run while there is no key', async () => {
    const { through, events } = given(lacking(3));
    const asked: string[] = [];
    const sign = async ({ id }: { readonly id: string }) => void asked.push(id);
    const operatorLedger = { ...through.operatorLedger, sign: async (id: string) => void asked.push(`kept of ${id}`) };

    await scan(run(0), { ...through, sign, operatorLedger });

    expect(asked).toEqual(['e000']);
    expect(events).toEqual([{ event: 'ledger.scanned', entries: 3, isDone: true }]);
  });
});
