import { describe, expect, it } from 'vitest';
import { subjectOf, supportDaysLeft } from '../../../functions/core/delivery/hubspot.ts';
import { ADA, optOut } from '../examples.ts';

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
  [{}, { email: ADA }],
  [{ brand: 'pets' }, { email: ADA, businessUnitId: '5' }],
  [{ brand: 'gone' }, { email: ADA }],
  [{ scope: { list: '42' } }, { email: ADA, subscriptionId: '42' }],
  [
    { brand: 'pets', scope: { list: '42' } },
    { email: ADA, businessUnitId: '5', subscriptionId: '42' },
  ],
])('translates an opt-out with %j into the subject %j', (change, subject) => {
  expect(subjectOf(optOut(change), { pets: '5' })).toStrictEqual(subject);
});
