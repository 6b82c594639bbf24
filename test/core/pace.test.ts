import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createPace } from '../../functions/core/pace.ts';

const NOW = 1_000_000;
const pace = (instances = 2) => createPace({ ratePer10Seconds: 100, instances });
const waits = (of: ReturnType<typeof pace>, count: number, now = NOW) =>
  Array.from({ length: count }, () => of.next(now));

describe('a pace', () => {
  it('spaces the calls of one instance by its share of the rate', () => {
    expect(waits(pace(1), 4)).toEqual([0, 100, 200, 300]);
    expect(waits(pace(2), 4)).toEqual([0, 200, 400, 600]);
  });

  it('saves nothing up while it is idle', () => {
    const idle = pace();
    idle.next(NOW);

    expect(waits(idle, 3, NOW + 60_000)).toEqual([0, 200, 400]);
  });

  it('says how far the next slot is without taking it', () => {
    const busy = pace();
    expect(busy.ahead(NOW)).toBe(0);
    busy.next(NOW);

    expect([busy.ahead(NOW), busy.ahead(NOW + 50), busy.ahead(NOW + 500)]).toEqual([200, 150, 0]);
    expect(busy.next(NOW)).toBe(200);
  });

  it('holds every call back until the time it is told, and no earlier hold shortens that', () => {
    const held = pace();
    held.holdUntil(NOW + 5_000);
    held.holdUntil(NOW + 1_000);

    expect(waits(held, 2)).toEqual([5_000, 5_200]);
  });

  it.each([
    ['a smaller limit slows it down', { max: 50, remaining: 40, intervalMs: 10_000 }, 400],
    ['a larger limit does not hurry it', { max: 190, remaining: 180, intervalMs: 10_000 }, 200],
    ['a limit per second is one, too', { max: 5, remaining: 4, intervalMs: 1_000 }, 500],
    ['no limit at all is not learned', { max: 0, remaining: 0, intervalMs: 10_000 }, 200],
    ['an interval of nothing is not learned', { max: 5, remaining: 0, intervalMs: 0 }, 200],
    ['a number that is none is not learned', { max: Number.NaN, remaining: 0, intervalMs: 10_000 }, 200],
  ])('learns: %s', (_what, limit, spacing) => {
    const learned = pace();
    learned.learn(limit, NOW);

    expect(waits(learned, 2)).toEqual([0, spacing]);
  });

  it('forgets a smaller limit when a larger one is in force again', () => {
    const learned = pace();
    learned.learn({ max: 10, remaining: 9, intervalMs: 10_000 }, NOW);
    learned.learn({ max: 190, remaining: 180, intervalMs: 10_000 }, NOW);

    expect(waits(learned, 2)).toEqual([0, 200]);
  });

  it('waits half an interval when what remains is not enough for every instance', () => {
    const spent = pace(3);
    spent.learn({ max: 100, remaining: 2, intervalMs: 10_000 }, NOW);
    expect(spent.ahead(NOW)).toBe(5_000);

    const enough = pace(3);
    enough.learn({ max: 100, remaining: 3, intervalMs: 10_000 }, NOW);
    expect(enough.ahead(NOW)).toBe(0);
  });

  it('keeps all instances together to the rate in every ten seconds, but for the call that a share is rounded up by', () => {
    const gaps = fc.array(fc.nat(300), { minLength: 200, maxLength: 400 });
    const property = fc.property(fc.integer({ min: 1, max: 4 }), gaps, (instances, gapsMs) => {
      const all = Array.from({ length: instances }, () => pace(instances));
      const asked = gapsMs.map((_gap, index) => NOW + gapsMs.slice(0, index).reduce((sum, gap) => sum + gap, 0));
      const calls = asked.flatMap((now) => all.map((one) => now + one.next(now))).toSorted((a, b) => a - b);
      const most = Math.max(...calls.map((from, first) => calls.slice(first).findIndex((at) => at >= from + 10_000)));
      expect(most).toBeLessThanOrEqual(instances * Math.ceil(100 / instances));
    });
    fc.assert(property, { numRuns: 30 });
  });
});
