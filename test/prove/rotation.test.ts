import { expect, it } from 'vitest';
import { proveRotation } from '../../prove/rotation/rotation.ts';

it('accepts the current and the previous key while secrets are rotated, and rejects older keys', async () => {
  const { cases, violations } = await proveRotation({ senders: 3, calls: 1 });

  expect(violations).toEqual([]);
  expect(cases).toBeGreaterThan(100);
}, 180_000);
