import { describe, expect, it } from 'vitest';
import { laterVersions, supportDaysLeft } from '../../../functions/core/delivery/hubspot.ts';

describe('the number of days until the end of support', () => {
  it.each([
    ['v4', '2027-03-29T00:00:00Z', 1],
    ['v4', '2027-03-29T00:00:01Z', 0],
    ['v4', '2027-03-30T00:00:00Z', 0],
    ['v4', '2027-03-30T00:00:01Z', -1],
    ['2026-03', '2027-03-30T00:00:00Z', 184],
    ['2026-09', '2027-03-30T00:00:00Z', 345],
  ] as const)('of %s at %s is %d', (version, now, days) => {
    expect(supportDaysLeft(version, new Date(now))).toBe(days);
  });
});

it.each([
  ['v4', ['2026-03', '2026-09']],
  ['2026-03', ['2026-09']],
  ['2026-09', []],
] as const)('lists after %s the versions %j', (version, later) => {
  expect(laterVersions(version)).toEqual(later);
});
