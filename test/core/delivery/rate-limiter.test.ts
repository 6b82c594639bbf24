import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createRateLimiter } from '../../../functions/core/delivery/rate-limiter.ts';

const NOW = 1_000_000;
const pace = (instances = 2) => createRateLimiter({ ratePer10Seconds: 100, instances });
/** One that has no gap to make up for. */
const busy = (instances = 2) => {
  const one = pace(instances);
  one.holdUntil(NOW);
  one.next(NOW);
  return one;
};
const waits = (of: ReturnType<typeof pace>, count: number, now = NOW) =>
  Array.from({ length: count }, () => of.next(now));

describe('a pace', () => {
  it('spaces the calls of one instance by its share of the rate and a fiftieth more', () => {
    expect(waits(busy(1), 4)).toEqual([102, 204, 306, 408]);
    expect(waits(busy(2), 4)).toEqual([204, 408, 612, 816]);
  });

  it('makes up for a gap of a twentieth of the interval, and saves nothing more up while it is idle', () => {
    const late = busy(1);
    expect(waits(late, 5, NOW + 102 + 500)).toEqual([0, 0, 0, 0, 0]);

    const idle = busy(1);
    expect(waits(idle, 7, NOW + 60_000)).toEqual([0, 0, 0, 0, 0, 10, 112]);
  });

  it('makes no more calls within an interval than its share, whatever it has to make up for', () => {
    const late = createRateLimiter({ ratePer10Seconds: 10, instances: 2 });
    const at = [0, 2500, 4500, 6500, 8500].map((ms) => ms + late.next(NOW + ms));

    expect(at).toEqual([0, 2500, 4500, 6500, 8500]);
    expect(late.ahead(NOW + 9_000)).toBe(1_200);
    expect(late.next(NOW + 10_000)).toBe(200);
  });

  it('says how far the next slot is without taking it', () => {
    expect(pace().ahead(NOW)).toBe(0);

    const one = busy();
    expect([one.ahead(NOW), one.ahead(NOW + 50), one.ahead(NOW + 500)]).toEqual([204, 154, 0]);
    expect(one.next(NOW)).toBe(204);
  });

  it('holds every call back until the time it is told, and no earlier hold shortens that', () => {
    const held = pace();
    held.holdUntil(NOW + 5_000);
    held.holdUntil(NOW + 1_000);

    expect(waits(held, 2)).toEqual([5_000, 5_204]);
  });

  it.each([
    ['a smaller limit slows it down', { max: 50, remaining: 40, intervalMs: 10_000 }, 408],
    ['a larger limit does not hurry it', { max: 190, remaining: 180, intervalMs: 10_000 }, 204],
    ['a limit per second is one, too', { max: 5, remaining: 4, intervalMs: 1_000 }, 510],
    ['no limit at all is not learned', { max: 0, remaining: 0, intervalMs: 10_000 }, 204],
    ['an interval of nothing is not learned', { max: 5, remaining: 0, intervalMs: 0 }, 204],
    ['a number that is none is not learned', { max: Number.NaN, remaining: 0, intervalMs: 10_000 }, 204],
    ['an interval that is no number is not learned', { max: 5, remaining: 0, intervalMs: Number.NaN }, 204],
  ])('learns: %s', (_what, limit, spacing) => {
    const learned = pace();
    learned.learn(limit, NOW);
    learned.holdUntil(NOW);

    expect(waits(learned, 2)).toEqual([0, spacing]);
  });

  it('spaces the calls evenly again after it had to wait for a smaller limit', () => {
    const slowed = busy(1);
    waits(slowed, 4);
    slowed.learn({ max: 4, remaining: 4, intervalMs: 10_000 }, NOW);

    expect(waits(slowed, 3)).toEqual([10_302, 12_352, 14_902]);
  });

  it('forgets a smaller limit when a larger one is in force again', () => {
    const learned = pace();
    learned.learn({ max: 10, remaining: 9, intervalMs: 10_000 }, NOW);
    learned.learn({ max: 190, remaining: 180, intervalMs: 10_000 }, NOW);
    learned.holdUntil(NOW);

    expect(waits(learned, 2)).toEqual([0, 204]);
  });

  it('pauses for a twentieth of the interval when what remains is not enough for every instance', () => {
    const spent = pace(3);
    spent.learn({ max: 100, remaining: 2, intervalMs: 10_000 }, NOW);
    expect(spent.ahead(NOW)).toBe(500);

    const enough = pace(3);
    enough.learn({ max: 100, remaining: 3, intervalMs: 10_000 }, NOW);
    expect(enough.ahead(NOW)).toBe(0);
  });

  it('keeps all instances together to the rate in every ten seconds, whatever the gaps', () => {
    const gaps = fc.array(fc.nat(300), { minLength: 200, maxLength: 400 });
    const property = fc.property(fc.integer({ min: 1, max: 4 }), gaps, (instances, gapsMs) => {
      const all = Array.from({ length: instances }, () => pace(instances));
      const asked = gapsMs.map((_gap, index) => NOW + gapsMs.slice(0, index).reduce((sum, gap) => sum + gap, 0));
      const calls = asked.flatMap((now) => all.map((one) => now + one.next(now))).toSorted((a, b) => a - b);
      const most = Math.max(...calls.map((from, first) => calls.slice(first).findIndex((at) => at >= from + 10_000)));
      expect(most).toBeLessThanOrEqual(100);
    });
    fc.assert(property, { numRuns: 30 });
  });
});
