import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { retryAfterSeconds } from '../../../functions/core/delivery/backoff.ts';
import { AT, plus } from '../examples.ts';

const state = { attempt: 1, now: AT, random: 0 };
const daily = { status: 429, policyName: 'DAILY' };

describe('retryAfterSeconds', () => {
  it.each([0, 429, 500, 502, 503, 504, 521, 522, 523, 524])(
    'backs off after %d, by half to all of 2, 4, 8, … 300 seconds',
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
  ])('waits after %d for at least %d seconds, or for the backoff if it is longer', (status, min) => {
    expect(retryAfterSeconds({ status }, state)).toBe(min);
    expect(retryAfterSeconds({ status }, { ...state, attempt: 20, random: 0.999 })).toBe(Math.max(300, min));
  });

  it('waits for at least the pause of the circuit breaker, or for the backoff if it is longer', () => {
    const paused = { status: 0, pauseSeconds: 17 };

    expect(retryAfterSeconds(paused, state)).toBe(17);
    expect(retryAfterSeconds(paused, { ...state, attempt: 20 })).toBe(150);
  });

  it('waits for a free slot of the rate limiter without a backoff', () => {
    expect(retryAfterSeconds({ status: 0, slotInSeconds: 6.2 }, { ...state, attempt: 20 })).toBe(7);
  });

  it.each([
    [0, 128],
    [401, 128],
    [423, 128],
    [429, 128],
    [477, 3600],
    [503, 128],
  ])('waits after %d for Retry-After if it is longer than the backoff, never for less', (status, min) => {
    const wait = (seconds: number) =>
      retryAfterSeconds({ status, retryAfterSeconds: seconds }, { ...state, attempt: 8 });

    expect([0, 1, min, min + 0.2, 7200].map(wait)).toEqual([min, min, min, min + 1, 7200]);
  });

  it('waits for at least 1 second and less than the 12 hours that SQS allows', () => {
    expect(retryAfterSeconds({ status: 477, retryAfterSeconds: 86_400 }, state)).toBe(43_000);
    expect(retryAfterSeconds({ status: 503, retryAfterSeconds: 0 }, state)).toBe(1);
  });

  it.each([
    [0, 901],
    [1, 900],
    [899, 2],
    [899.5, 2],
  ])('waits %d seconds into a quarter of an hour for %d seconds after a spent daily limit', (passed, wait) => {
    expect(retryAfterSeconds(daily, { ...state, now: plus(passed) })).toBe(wait);
  });

  it.each([
    [10, 901],
    [9_000, 9_000],
  ])('waits after a spent daily limit with Retry-After %d for %d seconds', (required, wait) => {
    expect(retryAfterSeconds({ ...daily, retryAfterSeconds: required }, state)).toBe(wait);
  });

  it('returns whole seconds within the range of SQS for any response', () => {
    const responses = fc.record(
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
    const property = fc.property(responses, states, (response, random) => {
      const wait = retryAfterSeconds(response, random);
      expect(Number.isInteger(wait) && wait >= 1 && wait <= 43_000).toBe(true);
    });
    fc.assert(property);
  });
});

it.each([
  [daily, 901],
  [{ status: 0, policyName: 'DAILY' }, 901],
  [{ status: 429, policyName: 'TEN_SECONDLY_ROLLING' }, 1],
  [{ status: 429 }, 1],
  [{ status: 403, policyName: 'DAILY' }, 30],
])('waits for the next quarter of an hour only after a spent daily limit: %j, %d s', (response, seconds) => {
  expect(retryAfterSeconds(response, state)).toBe(seconds);
});
