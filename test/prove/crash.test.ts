import { expect, it } from 'vitest';
import { proveCrashPoints } from '../../prove/crash/crash.ts';

it('loses and duplicates nothing when a function is killed at any await', async () => {
  const { cases, violations } = await proveCrashPoints({ every: 397 });

  expect(violations).toEqual([]);
  expect(cases).toBeGreaterThan(12);
}, 180_000);
