import { expect, it } from 'vitest';
import { Misconfigured } from '../../functions/core/model/errors.ts';
import { createKeyedHash } from '../../functions/crypto/keyed-hash.ts';

const hashWith = (...fills: readonly number[]) => {
  const keys = async () => fills.map((fill) => ({ kid: `${fill}`, key: new Uint8Array(32).fill(fill) }));
  return createKeyedHash({ get: keys, refresh: keys });
};

it('is the same for the same text and first key, and another one otherwise', async () => {
  const hash = await hashWith(1)('a');

  expect(hash).toMatch(/^[\w-]{43}$/);
  expect(await hashWith(1, 2)('a')).toBe(hash);
  expect(await hashWith(1)('b')).not.toBe(hash);
  expect(await hashWith(2, 1)('a')).not.toBe(hash);
});

it('throws Misconfigured without a key', async () => {
  await expect(hashWith()('a')).rejects.toBeInstanceOf(Misconfigured);
});
