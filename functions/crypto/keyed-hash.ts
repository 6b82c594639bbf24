import { createHmac } from 'node:crypto';
import type { SecretCache } from '../aws/secrets-manager.ts';
import type { LinkKey } from '../config/secret-formats.ts';
import { Misconfigured } from '../core/model/errors.ts';

/**
 * Creates a function that hashes a text with the first link key: HMAC-SHA-256, base64url, 43 characters. The prefix keeps
 * the hashes apart from every other use of the key.
 *
 * @throws {Misconfigured} if there is no key
 */
export function createKeyedHash(keys: SecretCache<readonly LinkKey[]>): (text: string) => Promise<string> {
  return async (text) => {
    const [first] = await keys.get();
    if (!first) throw new Misconfigured('no key is configured');
    return createHmac('sha256', first.key).update(`optout-relay mail report\n${text}`).digest('base64url');
  };
}
