import { expect, it } from 'vitest';
import { proveHostileInput } from '../../prove/hostile/hostile.ts';

it('answers whatever it is asked with an answer of its own, and soon', async () => {
  const { cases, violations } = await proveHostileInput({ runs: 5, every: 201 });

  expect(violations).toEqual([]);
  expect(cases).toBeGreaterThan(200);
});
