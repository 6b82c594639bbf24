import { expect, it } from 'vitest';
import { proveNothingLeaks } from '../../prove/secrets/secrets.ts';

it('leaks no address and no secret, whatever is sent and whatever fails', async () => {
  const { cases, violations } = await proveNothingLeaks({ fixtures: 1, timeouts: false, every: 5 });

  expect(violations).toEqual([]);
  expect(cases).toBeGreaterThan(1_000);
}, 180_000);
