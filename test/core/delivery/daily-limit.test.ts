import { describe, expect, it } from 'vitest';
import { createDailyLimit, untilQuarterHourMs } from '../../../functions/core/delivery/daily-limit.ts';

const QUARTER_HOUR = 900_000;

it.each([
  [0, QUARTER_HOUR],
  [1, QUARTER_HOUR - 1],
  [QUARTER_HOUR - 1, 1],
  [QUARTER_HOUR, QUARTER_HOUR],
])('at %d ms the next quarter of an hour is in %d ms', (nowMs, expected) => {
  expect(untilQuarterHourMs(nowMs)).toBe(expected);
});

describe('the daily limit', () => {
  it('allows every call until HubSpot reports that it is spent', () => {
    const limit = createDailyLimit();

    for (const nowMs of [0, 1, 2]) expect([limit.pauseMs(nowMs), limit.enter(nowMs)]).toEqual([0, 0]);
    limit.record(false, 3);
    expect(limit.enter(4)).toBe(0);
  });

  it('allows one probe per quarter of an hour until it is reset', () => {
    const limit = createDailyLimit();
    limit.record(true, 1_000);

    expect([limit.pauseMs(1_000), limit.enter(QUARTER_HOUR - 1)]).toEqual([QUARTER_HOUR - 1_000, 1]);
    for (const nowMs of [QUARTER_HOUR, 2 * QUARTER_HOUR]) {
      expect(limit.enter(nowMs)).toBe(0);
      expect(limit.enter(nowMs)).toBe(15_000);
      limit.record(true, nowMs + 200);
      expect(limit.pauseMs(nowMs + 200)).toBe(QUARTER_HOUR - 200);
    }
    expect(limit.enter(3 * QUARTER_HOUR)).toBe(0);
    limit.record(false, 3 * QUARTER_HOUR + 200);
    expect([limit.enter(3 * QUARTER_HOUR + 201), limit.enter(3 * QUARTER_HOUR + 202)]).toEqual([0, 0]);
  });

  it('allows another probe if the first one never ended', () => {
    const limit = createDailyLimit();
    limit.record(true, 0);

    expect(limit.enter(QUARTER_HOUR)).toBe(0);
    expect(limit.enter(QUARTER_HOUR + 14_999)).toBe(1);
    expect(limit.enter(QUARTER_HOUR + 15_000)).toBe(0);
  });

  it('counts as spent below the reserve, until a probe shows more', () => {
    const limit = createDailyLimit(0.1);
    limit.learn({ max: 1_000, left: 100 });
    limit.record(false, 0);
    expect(limit.enter(1)).toBe(0);

    limit.learn({ max: 1_000, left: 99 });
    limit.record(false, 2);
    expect(limit.enter(3)).toBe(QUARTER_HOUR - 3);

    expect(limit.enter(QUARTER_HOUR)).toBe(0);
    expect(limit.enter(QUARTER_HOUR)).toBe(15_000);
    limit.learn({ max: 1_000, left: 999 });
    limit.record(false, QUARTER_HOUR + 200);
    expect([limit.enter(QUARTER_HOUR + 201), limit.enter(QUARTER_HOUR + 202)]).toEqual([0, 0]);
  });

  it('returns what HubSpot last reported', () => {
    const limit = createDailyLimit();
    expect(limit.usage()).toBeUndefined();

    limit.learn({ max: 250_000, left: 2 });
    limit.learn({ max: 250_000, left: 1 });

    expect(limit.usage()).toEqual({ max: 250_000, left: 1 });
  });
});
