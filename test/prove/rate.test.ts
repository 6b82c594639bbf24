import { expect, it } from 'vitest';
import { proveRate } from '../../prove/rate/rate.ts';

it('drains a queue at nearly the rate limit of HubSpot', async () => {
  const { violations } = await proveRate({ commands: 50, per10Seconds: 190, instances: [2], minShare: 0.75 });

  expect(violations).toEqual([]);
});
