import { describe, expect, it } from 'vitest';
import type { Completion } from '../../../functions/core/ledger/ledger.ts';
import { expiryOf } from '../../../functions/core/ledger/retention.ts';
import { AT, plus } from '../examples.ts';

const CONFIRMED = { kind: 'confirmed', evidence: 'response', changed: true } as const;

describe('expiryOf', () => {
  it.each<[string, Completion['outcome']]>([
    ['confirmed', CONFIRMED],
    ['superseded', { kind: 'superseded' }],
  ])('adds the days to the closing time of a %s entry', (_kind, outcome) => {
    expect(expiryOf(outcome, AT, 30)).toEqual(plus(30 * 86_400));
    expect(expiryOf(outcome, plus(9), 400)).toEqual(plus(9 + 400 * 86_400));
  });

  it.each<[string, Completion['outcome']]>([
    ['held', { kind: 'held', reason: 'surge-limit' }],
    ['rejected', { kind: 'rejected', status: 400 }],
    ['deferred', { kind: 'deferred', retryAfterSeconds: 2 }],
  ])('returns undefined for a %s entry', (_kind, outcome) => {
    expect(expiryOf(outcome, AT, 30)).toBeUndefined();
  });

  it('returns undefined without a number of days', () => {
    expect(expiryOf(CONFIRMED, AT, undefined)).toBeUndefined();
  });
});
