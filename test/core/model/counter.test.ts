import { createHash } from 'node:crypto';
import { expect, it } from 'vitest';
import { hourlyCounter } from '../../../functions/core/model/counter.ts';
import { AT, plus } from '../examples.ts';

it('counts a value of one kind within one hour of the clock', () => {
  const digest = createHash('sha256').update('source\nacme\n2026-11-02T10').digest('hex');

  expect(hourlyCounter('source', 'acme', { limit: 7, at: plus(1800.5) })).toEqual([
    {
      kind: 'source',
      key: `limit#${digest}`,
      limit: 7,
      retryAfterSeconds: 1800,
      expiresAt: plus(3600).getTime() / 1000,
    },
  ]);
});

it('is empty without a limit', () => {
  expect(hourlyCounter('source', 'acme', { limit: false, at: AT })).toEqual([]);
});
