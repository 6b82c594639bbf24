import { expect, it } from 'vitest';
import { proveRate } from '../../prove/rate/rate.ts';

it('drains a queue at the pace that HubSpot allows', async () => {
  const { violations } = await proveRate({ commands: 50, per10Seconds: 190, instances: [2], atLeast: 0.75 });

  expect(violations).toEqual([]);
});
