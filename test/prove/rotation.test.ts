import { expect, it } from 'vitest';
import { proveRotation } from '../../prove/rotation/rotation.ts';

it('lets everybody in while a secret is rotated, and nobody with the one before the previous', async () => {
  const { cases, violations } = await proveRotation({ senders: 3, calls: 1 });

  expect(violations).toEqual([]);
  expect(cases).toBeGreaterThan(100);
}, 60_000);
