import { describe, expect, it } from 'vitest';
import { createScheduler, durationMs } from '../../../cli/backfill/quota.ts';

const DAY_MS = 86_400_000;
const NONE = { sinceMs: 0, count: 0 };

/** Send times, in ms from the start, if each send is reserved as soon as possible. */
function sendTimes(
  count: number,
  quota: Parameters<typeof createScheduler>[0],
  before = NONE,
  startMs = 1_000,
): number[] {
  const scheduler = createScheduler(quota, before);
  let nowMs = startMs;
  return Array.from({ length: count }, () => {
    nowMs += scheduler.next(nowMs);
    return nowMs - startMs;
  });
}

describe('createScheduler', () => {
  it('spaces sends evenly and starts at once', () => {
    expect(sendTimes(4, { perSecond: 2, daily: 100 })).toEqual([0, 500, 1000, 1500]);
    expect(sendTimes(3, { perSecond: 0.25, daily: 100 })).toEqual([0, 4000, 8000]);
  });

  it('does not catch up on idle time', () => {
    const scheduler = createScheduler({ perSecond: 1, daily: 100 }, NONE);

    expect([scheduler.next(0), scheduler.next(60_000), scheduler.next(60_000)]).toEqual([0, 0, 1000]);
  });

  it('limits sends within 24 hours of the first one', () => {
    expect(sendTimes(5, { perSecond: 1, daily: 2 })).toEqual([0, 1000, DAY_MS, DAY_MS + 1000, 2 * DAY_MS]);
  });

  it('continues from the earlier usage', () => {
    const before = { sinceMs: 1_000 - 3_600_000, count: 1 };

    expect(sendTimes(2, { perSecond: 1, daily: 2 }, before)).toEqual([0, DAY_MS - 3_600_000]);
    expect(sendTimes(2, { perSecond: 1, daily: 2 }, { sinceMs: 1_000 - DAY_MS, count: 2 })).toEqual([0, 1000]);
  });

  it('reports its usage', () => {
    const scheduler = createScheduler({ perSecond: 1, daily: 2 }, NONE);
    for (const nowMs of [5_000, 6_000]) scheduler.next(nowMs);

    expect(scheduler.usage()).toEqual({ sinceMs: 5_000, count: 2 });
    scheduler.next(7_000);
    expect(scheduler.usage()).toEqual({ sinceMs: 5_000 + DAY_MS, count: 1 });
  });
});

describe('durationMs', () => {
  it.each([
    [0, 0],
    [1, 0],
    [10, 9_000],
    [11, DAY_MS],
    [25, 2 * DAY_MS + 4_000],
  ])('computes the duration of %d sends at one a second and ten a day: %d ms', (count, ms) => {
    const quota = { perSecond: 1, daily: 10 };

    expect(durationMs(count, quota)).toBe(ms);
    expect(sendTimes(count, quota).at(-1) ?? 0).toBe(ms);
  });

  it('depends on the rate alone if it cannot reach the daily limit', () => {
    expect(durationMs(200_001, { perSecond: 1, daily: 100_000 })).toBe(200_000_000);
  });
});
