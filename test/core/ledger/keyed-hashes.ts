import { createHmac } from 'node:crypto';
import type { KeyedHashes } from '../../../functions/core/ledger/keyed-hashes.ts';

export const hashOf = (text: string, key: string) => createHmac('sha256', key).update(text).digest('base64url');

/** Hashes with a current and a previous key. */
export const KEYED: KeyedHashes = {
  hash: async (text) => hashOf(text, 'new'),
  hashes: async (text) => [hashOf(text, 'new'), hashOf(text, 'old')],
};

/** Hashes with the previous key only, as before the rotation. */
export const KEYED_BEFORE: KeyedHashes = {
  hash: async (text) => hashOf(text, 'old'),
  hashes: async (text) => [hashOf(text, 'old')],
};
