import { expect, it } from 'vitest';
import { proveHostileInput } from '../../prove/hostile/hostile.ts';

it('handles hostile input with a documented status, within the time limit', async () => {
  const { cases, violations } = await proveHostileInput({ runs: 5, every: 201 });

  expect(violations).toEqual([]);
  expect(cases).toBeGreaterThan(200);
});
