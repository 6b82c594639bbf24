import { expect, it } from 'vitest';
import { proveLoad } from '../../prove/load/load.ts';

it('confirms every opt-out of many senders while HubSpot fails', async () => {
  const { cases, violations } = await proveLoad({ senders: 20, kinds: 5, each: 2, outage: 0 });

  expect(violations).toEqual([]);
  expect(cases).toBeGreaterThan(300);
}, 180_000);
