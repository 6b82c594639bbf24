import { expect, it } from 'vitest';
import { sources } from '../../functions/sources/index.ts';
import { proveHostileInput } from '../../prove/hostile/hostile.ts';

it('handles hostile input with a documented status, within the limits of time', async () => {
  const { cases, violations, table } = await proveHostileInput({
    runs: 5,
    every: 201,
    costs: { every: 29, share: 1 / 8 },
  });

  expect(violations).toEqual([]);
  expect(cases).toBeGreaterThan(1_000);
  expect(table?.rows.map(([source]) => source)).toEqual(sources.map(({ name }) => name));
}, 180_000);
