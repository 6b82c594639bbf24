import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { Carries } from '../../../functions/core/delivery/surge-limit.ts';
import { defaultSurgeLimit, surgeCounters } from '../../../functions/core/delivery/surge-limit.ts';
import { parseEmailAddress } from '../../../functions/core/model/email-address.ts';
import type { OptOut } from '../../../functions/core/model/opt-out.ts';
import type { Kind } from '../../../functions/core/model/signal.ts';
import { AT, contactOptOut, optOut, plus } from '../examples.ts';

describe('the surge limit', () => {
  it.each<[Kind, string]>([
    ['hard_bounce', 'sendgrid'],
    ['soft_bounce', 'sendgrid'],
    ['suppressed', 'sendgrid'],
    ['opt_out', 'generic'],
    ['opt_out', 'backfill'],
    ['opt_out', 'eventbridge'],
    ['complaint', 'backfill'],
  ])('counts a %s from %s by its source and the hour of the clock', (kind, source) => {
    const digestOf = (text: string) =>
      createHash('sha256').update(`source\n${source}\n2026-11-02T10${text}`).digest('hex');

    expect(surgeCounters(optOut({ kind, source }), AT, { perSourceAndHour: 7 })).toEqual([
      {
        kind: 'source',
        key: `limit#${digestOf('')}`,
        markerKey: `limit#${digestOf('\nada@example.com')}`,
        limit: 7,
        retryAfterSeconds: 3600,
        expiresAt: plus(3600).getTime() / 1000,
      },
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

  it('counts each recipient once, an address or a contact', () => {
    const markerOf = (bounce: OptOut) => surgeCounters(bounce, AT, defaultSurgeLimit)[0]?.markerKey;
    const bounces = [
      optOut({ kind: 'hard_bounce' }),
      optOut({ kind: 'hard_bounce', id: 'another', brand: 'pets' }),
      optOut({ kind: 'hard_bounce', email: parseEmailAddress('grace@example.com') }),
      contactOptOut({ kind: 'hard_bounce' }),
    ];

    const [ada, again, grace, contact] = bounces.map(markerOf);
    expect(again).toBe(ada);
    expect(new Set([ada, grace, contact]).size).toBe(3);
  });

  it.each<[string, Carries, number]>([
    ['generic', 'people', 0],
    ['eventbridge', 'people', 0],
    ['generic', 'program', 1],
    ['standard-webhooks', 'program', 1],
    ['typeform', 'program', 1],
  ])('counts the opt-outs of %s as the configuration says: %s', (source, carries, count) => {
    const counted = (kind: Kind) =>
      surgeCounters(optOut({ kind, source }), AT, { perSourceAndHour: 7, carries }).length;

    expect([counted('opt_out'), counted('hard_bounce'), counted('complaint')]).toEqual([count, 1, 0]);
  });

  it('counts nothing if it is turned off', () => {
    expect(surgeCounters(optOut({ kind: 'hard_bounce' }), AT, { perSourceAndHour: false })).toEqual([]);
  });

  it('is 1,000 per source and hour by default', () => {
    expect(surgeCounters(optOut({ kind: 'hard_bounce' }), AT, defaultSurgeLimit)).toMatchObject([{ limit: 1_000 }]);
  });
});
