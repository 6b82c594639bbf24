import { describe, expect, it } from 'vitest';
import { durationMs, pacing } from '../../../cli/backfill/quota.ts';

const DAY_MS = 86_400_000;
const NONE = { sinceMs: 0, count: 0 };

/** When each of so many has its place, whoever asks as soon as it may. */
function places(count: number, quota: Parameters<typeof pacing>[0], before = NONE, startMs = 1_000): number[] {
  const pace = pacing(quota, before);
  let nowMs = startMs;
  return Array.from({ length: count }, () => {
    nowMs += pace.next(nowMs);
    return nowMs - startMs;
  });
}

describe('pacing', () => {
  it('spaces evenly, and the first may go at once', () => {
    expect(places(4, { perSecond: 2, daily: 100 })).toEqual([0, 500, 1000, 1500]);
    expect(places(3, { perSecond: 0.25, daily: 100 })).toEqual([0, 4000, 8000]);
  });

  it('does not make up for time that was not used', () => {
    const pace = pacing({ perSecond: 1, daily: 100 }, NONE);

    expect([pace.next(0), pace.next(60_000), pace.next(60_000)]).toEqual([0, 0, 1000]);
  });

  it('lets no more through in a day, counted from the first one', () => {
    expect(places(5, { perSecond: 1, daily: 2 })).toEqual([0, 1000, DAY_MS, DAY_MS + 1000, 2 * DAY_MS]);
  });

  it('goes on with what was taken before', () => {
    const before = { sinceMs: 1_000 - 3_600_000, count: 1 };

    expect(places(2, { perSecond: 1, daily: 2 }, before)).toEqual([0, DAY_MS - 3_600_000]);
    expect(places(2, { perSecond: 1, daily: 2 }, { sinceMs: 1_000 - DAY_MS, count: 2 })).toEqual([0, 1000]);
  });

  it('tells what is taken, for the next time', () => {
    const pace = pacing({ perSecond: 1, daily: 2 }, NONE);
    for (const nowMs of [5_000, 6_000]) pace.next(nowMs);

    expect(pace.taken()).toEqual({ sinceMs: 5_000, count: 2 });
    pace.next(7_000);
    expect(pace.taken()).toEqual({ sinceMs: 5_000 + DAY_MS, count: 1 });
  });
});

describe('durationMs', () => {
  it.each([
    [0, 0],
    [1, 0],
    [10, 9_000],
    [11, DAY_MS],
    [25, 2 * DAY_MS + 4_000],
  ])('of %d at one a second and ten a day: %d', (count, ms) => {
    const quota = { perSecond: 1, daily: 10 };

    expect(durationMs(count, quota)).toBe(ms);
    expect(places(count, quota).at(-1) ?? 0).toBe(ms);
  });

  it('is that of the spacing where a day never fills', () => {
    expect(durationMs(200_001, { perSecond: 1, daily: 100_000 })).toBe(200_000_000);
  });
});
