import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createRateLimiter, type RateLimiter } from '../../../functions/core/delivery/rate-limiter.ts';

const NOW = 1_000_000;
const limiter = (instances = 2) => createRateLimiter({ ratePer10Seconds: 100, instances });
/** A limiter whose last slot was just taken. */
const busy = (instances = 2) => {
  const created = limiter(instances);
  created.holdUntil(NOW);
  created.reserve(NOW);
  return created;
};
const waits = (of: RateLimiter, count: number, now = NOW) => Array.from({ length: count }, () => of.reserve(now));

describe('a rate limiter', () => {
  it('spaces the calls of one instance by its share of the rate plus 2 %', () => {
    expect(waits(busy(1), 4)).toEqual([102, 204, 306, 408]);
    expect(waits(busy(2), 4)).toEqual([204, 408, 612, 816]);
  });

  it('makes up for a gap of up to a twentieth of the interval', () => {
    const late = busy(1);
    expect(waits(late, 5, NOW + 102 + 500)).toEqual([0, 0, 0, 0, 0]);

    const idle = busy(1);
    expect(waits(idle, 7, NOW + 60_000)).toEqual([0, 0, 0, 0, 0, 10, 112]);
  });

  it('never exceeds its share within an interval, even after a gap', () => {
    const late = createRateLimiter({ ratePer10Seconds: 10, instances: 2 });
    const at = [0, 2500, 4500, 6500, 8500].map((ms) => ms + late.reserve(NOW + ms));

    expect(at).toEqual([0, 2500, 4500, 6500, 8500]);
    expect(late.waitMs(NOW + 9_000)).toBe(1_200);
    expect(late.reserve(NOW + 10_000)).toBe(200);
  });

  it('returns the wait for the next slot without taking it', () => {
    expect(limiter().waitMs(NOW)).toBe(0);

    const next = busy();
    expect([next.waitMs(NOW), next.waitMs(NOW + 50), next.waitMs(NOW + 500)]).toEqual([204, 154, 0]);
    expect(next.reserve(NOW)).toBe(204);
  });

  it('holds every call until the latest of several holds', () => {
    const held = limiter();
    held.holdUntil(NOW + 5_000);
    held.holdUntil(NOW + 1_000);

    expect(waits(held, 2)).toEqual([5_000, 5_204]);
  });

  it.each([
    ['a smaller limit slows it down', { max: 50, remaining: 40, intervalMs: 10_000 }, 408],
    ['a larger limit does not speed it up', { max: 190, remaining: 180, intervalMs: 10_000 }, 204],
    ['a limit per second is adopted', { max: 5, remaining: 4, intervalMs: 1_000 }, 510],
    ['a limit of 0 is ignored', { max: 0, remaining: 0, intervalMs: 10_000 }, 204],
    ['an interval of 0 is ignored', { max: 5, remaining: 0, intervalMs: 0 }, 204],
    ['a limit that is not a number is ignored', { max: Number.NaN, remaining: 0, intervalMs: 10_000 }, 204],
    ['an interval that is not a number is ignored', { max: 5, remaining: 0, intervalMs: Number.NaN }, 204],
  ])('learns: %s', (_what, limit, spacing) => {
    const learned = limiter();
    learned.learn(limit, NOW);
    learned.holdUntil(NOW);

    expect(waits(learned, 2)).toEqual([0, spacing]);
  });

  it('spaces the calls evenly again after waiting for a smaller limit', () => {
    const slowed = busy(1);
    waits(slowed, 4);
    slowed.learn({ max: 4, remaining: 4, intervalMs: 10_000 }, NOW);

    expect(waits(slowed, 3)).toEqual([10_302, 12_352, 14_902]);
  });

  it('drops a smaller limit when HubSpot reports a larger one', () => {
    const learned = limiter();
    learned.learn({ max: 10, remaining: 9, intervalMs: 10_000 }, NOW);
    learned.learn({ max: 190, remaining: 180, intervalMs: 10_000 }, NOW);
    learned.holdUntil(NOW);

    expect(waits(learned, 2)).toEqual([0, 204]);
  });

  it('pauses for a twentieth of the interval when fewer calls remain than there are instances', () => {
    const spent = limiter(3);
    spent.learn({ max: 100, remaining: 2, intervalMs: 10_000 }, NOW);
    expect(spent.waitMs(NOW)).toBe(500);

    const enough = limiter(3);
    enough.learn({ max: 100, remaining: 3, intervalMs: 10_000 }, NOW);
    expect(enough.waitMs(NOW)).toBe(0);
  });

  it('leaves a part of the limit to more urgent calls', () => {
    const bulk = createRateLimiter({ ratePer10Seconds: 100, instances: 1, leaves: 0.25 });
    bulk.holdUntil(NOW);

    expect(waits(bulk, 3)).toEqual([0, 136, 272]);
  });

  it('pauses while more urgent calls have used half of what it leaves', () => {
    const bulk = createRateLimiter({ ratePer10Seconds: 100, instances: 1, leaves: 0.25 });
    bulk.learn({ max: 100, remaining: 13, intervalMs: 10_000 }, NOW);
    expect(bulk.waitMs(NOW)).toBe(0);

    bulk.learn({ max: 100, remaining: 12, intervalMs: 10_000 }, NOW);
    expect(bulk.waitMs(NOW)).toBe(500);
  });

  it('keeps all instances together below the rate in every 10 seconds, for any gaps', () => {
    const gaps = fc.array(fc.nat(300), { minLength: 200, maxLength: 400 });
    const property = fc.property(fc.integer({ min: 1, max: 4 }), gaps, (instances, gapsMs) => {
      const all = Array.from({ length: instances }, () => limiter(instances));
      const times = gapsMs.map((_gap, index) => NOW + gapsMs.slice(0, index).reduce((sum, gap) => sum + gap, 0));
      const calls = times.flatMap((now) => all.map((each) => now + each.reserve(now))).toSorted((a, b) => a - b);
      const most = Math.max(...calls.map((from, first) => calls.slice(first).findIndex((at) => at >= from + 10_000)));
      expect(most).toBeLessThanOrEqual(100);
    });
    fc.assert(property, { numRuns: 30 });
  });
});
