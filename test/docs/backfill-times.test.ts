import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { durationMs } from '../../cli/backfill/quota.ts';
import { formatDuration } from '../../cli/terminal/format.ts';

const page = readFileSync(join(import.meta.dirname, '../../docs/relay.md'), 'utf8');

/**
 * Calls per ten seconds and per day, and the rows that one call is about: in a backfill, and in reading back.
 * @see https://developers.hubspot.com/docs/developer-tooling/platform/usage-guidelines
 */
const PLANS = [
  ['Free, Starter', { per10Seconds: 100, daily: 250_000, rowsPerCall: 1, rowsPerRead: 1 }],
  ['Professional', { per10Seconds: 190, daily: 625_000, rowsPerCall: 1, rowsPerRead: 1 }],
  ['Enterprise', { per10Seconds: 190, daily: 1_000_000, rowsPerCall: 1, rowsPerRead: 100 }],
  ['Enterprise, `hubspotBatch`', { per10Seconds: 190, daily: 1_000_000, rowsPerCall: 100, rowsPerRead: 100 }],
] as const;
/** Shares of the limit per ten seconds. The rest is left to new opt-outs. */
const SHARES = { backfill: 0.75, readBack: 0.9 };
const DAILY_SHARE = 0.9;
const CALLS_PER_ROW = 2;

describe('docs/relay.md', () => {
  const cases = [10_000, 100_000, 1_000_000].flatMap((rows) => PLANS.map((plan) => [rows, ...plan] as const));

  it.each(cases)('states how long %i rows take in the plan %s, as computed from its limits', (rows, plan, limits) => {
    const timeOf = (calls: number, share: number) =>
      formatDuration(
        durationMs(calls, { perSecond: (limits.per10Seconds * share) / 10, daily: limits.daily * DAILY_SHARE }),
      );
    const sent = timeOf((rows * CALLS_PER_ROW) / limits.rowsPerCall, SHARES.backfill);
    const readBack = timeOf(rows / limits.rowsPerRead, SHARES.readBack);

    expect(page).toContain(`| ${rows.toLocaleString('en')} | ${plan} | ${sent} | ${readBack} |`);
  });
});
