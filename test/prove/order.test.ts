import { expect, it } from 'vitest';
import { proveOrder } from '../../prove/order/order.ts';

it('ends in the newest choice of a recipient, in any order of arrival', async () => {
  const { cases, violations } = await proveOrder({ histories: 200 });

  expect(violations).toEqual([]);
  expect(cases).toBe(400);
});
