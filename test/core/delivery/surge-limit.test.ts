import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { defaultSurgeLimit, surgeCounters } from '../../../functions/core/delivery/surge-limit.ts';
import type { Kind } from '../../../functions/core/model/signal.ts';
import { AT, optOut, plus } from '../examples.ts';

describe('the surge limit', () => {
  it.each<[Kind, string]>([
    ['hard_bounce', 'sendgrid'],
    ['soft_bounce', 'sendgrid'],
    ['suppressed', 'sendgrid'],
    ['opt_out', 'generic'],
    ['opt_out', 'backfill'],
    ['opt_out', 'eventbridge'],
  ])('counts a %s from %s by its source and the hour of the clock', (kind, source) => {
    const digest = createHash('sha256').update(`source\n${source}\n2026-11-02T10`).digest('hex');

    expect(surgeCounters(optOut({ kind, source }), AT, { perSourceAndHour: 7 })).toEqual([
      { key: `limit#${digest}`, limit: 7, retryAfterSeconds: 3600, expiresAt: plus(3600).getTime() / 1000 },
    ]);
  });

  it.each<[Kind, string]>([
    ['opt_out', 'form'],
    ['opt_out', 'one-click'],
    ['opt_out', 'sendgrid'],
    ['complaint', 'sendgrid'],
    ['complaint', 'generic'],
  ])('does not count a %s from %s, which the recipient requested', (kind, source) => {
    expect(surgeCounters(optOut({ kind, source }), AT, defaultSurgeLimit)).toEqual([]);
  });

  it('counts nothing if it is turned off', () => {
    expect(surgeCounters(optOut({ kind: 'hard_bounce' }), AT, { perSourceAndHour: false })).toEqual([]);
  });

  it('is 1,000 per source and hour by default', () => {
    expect(surgeCounters(optOut({ kind: 'hard_bounce' }), AT, defaultSurgeLimit)).toMatchObject([{ limit: 1_000 }]);
  });
});
