import { describe, expect, it } from 'vitest';
import type { Entry } from '../../../functions/core/ledger/ledger.ts';
import type { Ending } from '../../../functions/core/ledger/receipt.ts';
import { signMissing } from '../../../functions/core/reconcile/missing-receipts.ts';
import type { Visitor } from '../../../functions/core/reconcile/scan.ts';
import { scan } from '../../../functions/core/reconcile/scan.ts';
import { ADA, plus } from '../examples.ts';
import { confirmedEntry, entry, run, sweepPorts } from './sweep-ports.ts';

const DAY = 24 * 3600;

const IDLE: Visitor = { visit: async () => 'next' };

/** A scan that signs missing receipts, with a second visitor that does nothing. */
function setUp(entries: readonly Entry[]) {
  const ports = sweepPorts(entries);
  const signed: [id: string, ending: Ending][] = [];
  const scanPorts = {
    ...ports,
    sign: async ({ id }: { readonly id: string }, ending: Ending): Promise<string | undefined> => {
      signed.push([id, ending]);
      return `receipt of ${id}`;
    },
  };
  const runScan = (seconds = 0, { steps, ...change }: Partial<typeof scanPorts> & { readonly steps?: number } = {}) => {
    const changed = { ...scanPorts, ...change };
    return scan(run(seconds, steps), [signMissing(changed), IDLE], changed);
  };
  return { ...ports, signed, runScan };
}

const unsigned = (count: number) =>
  Array.from({ length: count }, (_, index) => {
    const { signedReceipt: _signed, ...rest } = confirmedEntry(`e${String(index).padStart(3, '0')}`);
    return rest;
  });

describe('scan', () => {
  it('visits the whole ledger, reports it, and starts again a day later', async () => {
    const { runScan, put, signed, events } = setUp(unsigned(250));

    await runScan();
    expect(signed).toHaveLength(250);
    expect(events).toEqual([{ event: 'ledger.scanned', entries: 250, isDone: true }]);
    for (const each of unsigned(251).slice(250)) put(each);
    await runScan(DAY - 1);
    expect([signed.length, events.length]).toEqual([250, 1]);
    await runScan(DAY);

    expect(signed).toHaveLength(251);
  });

  it('is done at once with an empty ledger', async () => {
    const { runScan, events } = setUp([]);

    await runScan();

    expect(events).toEqual([{ event: 'ledger.scanned', entries: 0, isDone: true }]);
  });

  it('continues in the middle of a page after running out of time there', async () => {
    const { runScan, signed, cursors } = setUp(unsigned(120));

    await runScan(0, { steps: 60 });
    expect(cursors.get('scan')).toMatchObject({ isDone: false, cursor: 'e028' });
    await runScan(300);

    expect(new Set(signed.map(([id]) => id)).size).toBe(120);
    expect(signed).toHaveLength(120);
  });

  it('starts from the beginning if there was no time for a single entry', async () => {
    const { runScan, signed, cursors } = setUp(unsigned(3));

    await runScan(0, { steps: 1 });
    expect(cursors.get('scan')).toStrictEqual({ beganAt: plus(0).toISOString(), isDone: false });
    await runScan(300);

    expect(signed).toHaveLength(3);
  });

  it('continues after an interrupted run from its last page', async () => {
    const { runScan, operatorLedger, signed } = setUp(unsigned(250));
    let pages = 0;
    const page: typeof operatorLedger.page = (...args) => {
      pages += 1;
      return pages === 3 ? Promise.reject(new Error('interrupted')) : operatorLedger.page(...args);
    };

    await expect(runScan(0, { operatorLedger: { ...operatorLedger, page } })).rejects.toThrow('interrupted');
    expect(signed).toHaveLength(200);
    await runScan(300);

    expect(signed).toHaveLength(250);
  });

  it('visits up to 10,000 entries per run', async () => {
    const { runScan, events } = setUp(Array.from({ length: 10_050 }, (_, index) => entry(`e${100_000 + index}`)));

    await runScan();
    await runScan(300);

    expect(events).toEqual([
      { event: 'ledger.scanned', entries: 10_000, isDone: false },
      { event: 'ledger.scanned', entries: 50, isDone: true },
    ]);
  });

  it.each([undefined, null, 'scan', {}, { beganAt: plus(0).toISOString() }])(
    'starts from the beginning if the saved cursor is %j',
    async (saved) => {
      const { runScan, cursors, signed } = setUp(unsigned(1));
      cursors.set('scan', saved);

      await runScan();

      expect(signed).toHaveLength(1);
    },
  );
});

describe('signMissing', () => {
  const closed = { closedAt: plus(1).toISOString(), correlationId: 'c-1' };

  const DETAILS = { businessUnits: ['0', '7'], kept: ['4'], unchecked: true } as const;

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
    [
      { state: 'held', reason: 'contact-changed' },
      { kind: 'held', reason: 'contact-changed' },
    ],
    [{ state: 'held' }, { kind: 'held', reason: 'ambiguous' }],
    [{ state: 'observed' }, { kind: 'observed', changed: false, correlationId: 'c-1' }],
    [
      { state: 'observed', changed: true, businessUnits: ['0'], kept: ['4'], correlationId: 'c-3' },
      { kind: 'observed', changed: true, businessUnits: ['0'], kept: ['4'], correlationId: 'c-3' },
    ],
    [{ state: 'superseded' }, { kind: 'superseded' }],
    [
      { state: 'superseded', kept: ['4'] },
      { kind: 'superseded', kept: ['4'] },
    ],
    [
      { ...{ state: 'confirmed', evidence: 'response', changed: true }, ...DETAILS },
      { ...{ kind: 'confirmed', evidence: 'response', changed: true }, ...DETAILS, correlationId: 'c-1' },
    ],
  ])('signs the ending of %j', async (change, outcome) => {
    const { runScan, signed, find } = setUp([entry('a', { ...closed, ...change })]);

    await runScan();

    expect(signed).toStrictEqual([['a', { outcome, email: ADA, closedAt: plus(1) }]]);
    expect(find('a')?.signedReceipt).toBe('receipt of a');
  });

  it('omits the correlation id if HubSpot sent none', async () => {
    const { runScan, signed } = setUp(unsigned(1));

    await runScan();

    expect(signed[0]?.[1].outcome).toStrictEqual({ kind: 'confirmed', evidence: 'response', changed: true });
  });

  it('does not sign open, signed or erased entries', async () => {
    const { signedReceipt: _signed, ...erased } = confirmedEntry('c', { erasedAt: plus(9).toISOString() });
    const open = [entry('a', { closedAt: plus(0).toISOString() }), entry('d', { state: 'confirmed' })];
    const { runScan, signed } = setUp([...open, confirmedEntry('b'), erased]);

    await runScan();

    expect(signed).toEqual([]);
  });

  it('tries to sign once per run if there is no key', async () => {
    const { runScan, operatorLedger, events } = setUp(unsigned(3));
    const calls: string[] = [];
    const sign = async ({ id }: { readonly id: string }) => {
      calls.push(`sign ${id}`);
      return undefined;
    };
    const save = async (id: string) => void calls.push(`save ${id}`);

    await runScan(0, { sign, operatorLedger: { ...operatorLedger, sign: save } });

    expect(calls).toEqual(['sign e000']);
    expect(events).toEqual([{ event: 'ledger.scanned', entries: 3, isDone: true }]);
  });
});
