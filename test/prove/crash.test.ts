import { expect, it } from 'vitest';
import { proveCrashPoints } from '../../prove/crash/crash.ts';

it('loses nothing and doubles nothing wherever a function is killed', async () => {
  const { cases, violations } = await proveCrashPoints({ every: 251 });

  expect(violations).toEqual([]);
  expect(cases).toBeGreaterThan(12);
}, 60_000);
