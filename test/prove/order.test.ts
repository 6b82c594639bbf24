import { expect, it } from 'vitest';
import { proveOrder } from '../../prove/order/order.ts';

it('ends in the newest will of a person, in whatever order it is told', async () => {
  const { cases, violations } = await proveOrder({ stories: 200 });

  expect(violations).toEqual([]);
  expect(cases).toBe(400);
});
