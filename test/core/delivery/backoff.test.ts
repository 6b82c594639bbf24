import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isDailyLimit, retryAfterSeconds } from '../../../functions/core/delivery/backoff.ts';
import { AT, plus } from '../examples.ts';

const state = { attempt: 1, now: AT, random: 0 };
const daily = { status: 429, policyName: 'DAILY' };

describe('retryAfterSeconds', () => {
  it.each([0, 429, 500, 502, 503, 504, 521, 522, 523, 524])(
    'backs off after %d, from half to all of 2, 4, 8, … 300 seconds',
    (status) => {
      const wait = (attempt: number, random: number) => retryAfterSeconds({ status }, { ...state, attempt, random });

      expect([1, 2, 3, 4, 8, 9, 10, 500].map((attempt) => wait(attempt, 0))).toEqual([1, 2, 4, 8, 128, 150, 150, 150]);
      expect([1, 2, 3, 4, 8, 9, 10, 500].map((attempt) => wait(attempt, 0.999))).toEqual([
        2, 4, 8, 16, 256, 300, 300, 300,
      ]);
    },
  );

  it.each([
    [401, 30],
    [403, 30],
    [423, 2],
    [477, 3600],
  ])('waits after %d at least %d seconds, and longer once the back-off is longer', (status, least) => {
    expect(retryAfterSeconds({ status }, state)).toBe(least);
    expect(retryAfterSeconds({ status }, { ...state, attempt: 20, random: 0.999 })).toBe(Math.max(300, least));
  });

  it('waits at least as long as no calls are made, and longer once the back-off is longer', () => {
    const paused = { status: 0, pauseSeconds: 17 };

    expect(retryAfterSeconds(paused, state)).toBe(17);
    expect(retryAfterSeconds(paused, { ...state, attempt: 20 })).toBe(150);
  });

  it.each([0, 401, 423, 429, 477, 503])(
    'waits after %d as long as Retry-After says, neither longer nor shorter',
    (status) => {
      const wait = (seconds: number) =>
        retryAfterSeconds({ status, retryAfterSeconds: seconds }, { ...state, attempt: 9 });

      expect([1, 7, 86.2, 7200].map(wait)).toEqual([1, 7, 87, 7200]);
    },
  );

  it('waits a second at least and less than the twelve hours that SQS takes at most', () => {
    expect(retryAfterSeconds({ status: 477, retryAfterSeconds: 86_400 }, state)).toBe(43_000);
    expect(retryAfterSeconds({ status: 503, retryAfterSeconds: 0 }, state)).toBe(1);
  });

  it.each([
    [0, 901],
    [1, 900],
    [899, 2],
    [899.5, 2],
  ])(
    'waits, %d seconds after a spent daily limit’s last quarter of an hour, %d seconds for the next',
    (passed, wait) => {
      expect(retryAfterSeconds(daily, { ...state, now: plus(passed) })).toBe(wait);
    },
  );

  it('waits after a spent daily limit as long as Retry-After says, too', () => {
    expect(retryAfterSeconds({ ...daily, retryAfterSeconds: 10 }, state)).toBe(10);
  });

  it('gives whole seconds that SQS takes, whatever it is asked', () => {
    const answers = fc.record(
      {
        status: fc.constantFrom(0, 401, 423, 429, 477, 503),
        policyName: fc.constantFrom('DAILY', 'X'),
        retryAfterSeconds: fc.double({ min: 0, noNaN: true }),
      },
      { requiredKeys: ['status'] },
    );
    const states = fc.record({
      attempt: fc.integer({ min: 1, max: 1e6 }),
      now: fc.constant(AT),
      random: fc.double({ min: 0, max: 0.999, noNaN: true }),
    });
    const property = fc.property(answers, states, (answer, its) => {
      const wait = retryAfterSeconds(answer, its);
      expect(Number.isInteger(wait) && wait >= 1 && wait <= 43_000).toBe(true);
    });
    fc.assert(property);
  });
});

it.each([
  [daily, true],
  [{ status: 429, policyName: 'TEN_SECONDLY_ROLLING' }, false],
  [{ status: 429 }, false],
  [{ status: 403, policyName: 'DAILY' }, false],
])('takes %j for a spent daily limit: %s', (answer, is) => {
  expect(isDailyLimit(answer)).toBe(is);
});
