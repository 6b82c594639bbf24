import { expect, it } from 'vitest';
import type { Work } from '../../prove/rate/calls.ts';
import { proveRate } from '../../prove/rate/rate.ts';

const WORK: readonly Work[] = [
  { name: '20 fresh', optOuts: 20, maxCalls: 22 },
  { name: '20 two hours old', optOuts: 20, hoursOld: 2, maxCalls: 42 },
  // A batch holds what arrives within its window: on a busy machine there are more and smaller ones.
  { name: '100 in batches', optOuts: 100, batch: true, maxCalls: 25 },
];

// `npm run prove -- rate` has the narrow bound of the rate, which a busy machine cannot reach.
it('drains a queue without exceeding the rate limit of HubSpot', async () => {
  const { violations } = await proveRate({
    commands: 50,
    per10Seconds: 190,
    instances: [2],
    minShare: 0.25,
    work: WORK,
    ceilingOptOuts: 200,
  });

  expect(violations).toEqual([]);
}, 180_000);
