import { expect, it } from 'vitest';
import { receiptOf } from '../../../functions/core/ledger/receipt.ts';
import { AT, optOut, plus } from '../examples.ts';

const COMMON = {
  id: optOut().id,
  source: 'acme',
  kind: 'opt_out',
  scope: 'all',
  occurredAt: AT.toISOString(),
  receivedAt: AT.toISOString(),
  closedAt: plus(5).toISOString(),
};

it.each([
  [
    { kind: 'confirmed', evidence: 'response', changed: false, correlationId: 'c-1' },
    { outcome: 'confirmed', evidence: 'response', changed: false, correlationId: 'c-1' },
  ],
  [
    { kind: 'confirmed', evidence: 'read-back', changed: true },
    { outcome: 'confirmed', evidence: 'read-back', changed: true },
  ],
  [
    { kind: 'rejected', status: 400, category: 'VALIDATION_ERROR' },
    { outcome: 'rejected', status: 400 },
  ],
  [
    { kind: 'confirmed', evidence: 'response', changed: true, businessUnits: ['0', '7'], kept: ['4'], unchecked: true },
    {
      outcome: 'confirmed',
      evidence: 'response',
      changed: true,
      businessUnits: ['0', '7'],
      kept: ['4'],
      unchecked: true,
    },
  ],
  [{ kind: 'superseded' }, { outcome: 'superseded' }],
  [
    { kind: 'superseded', kept: ['4'] },
    { outcome: 'superseded', kept: ['4'] },
  ],
  [
    { kind: 'held', reason: 'surge-limit' },
    { outcome: 'held', reason: 'surge-limit' },
  ],
] as const)('adds %j to the fields of the command as %j', (outcome, details) => {
  expect(receiptOf(optOut(), { outcome, closedAt: plus(5) })).toStrictEqual({ ...COMMON, ...details });
});

it('has the brand and the list', () => {
  const change = { brand: 'pets', scope: { list: '42' } } as const;

  expect(receiptOf(optOut(change), { outcome: { kind: 'superseded' }, closedAt: AT })).toMatchObject(change);
});
