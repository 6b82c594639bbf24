import { createHash } from 'node:crypto';
import { gunzipSync } from 'node:zlib';
import { Unauthenticated } from '../model/errors.ts';
import type { RawRequest } from '../payload/http.ts';
import type { Source } from './source.ts';
import { sameText, verifyWith } from './verify.ts';

/**
 * Verifies Unisender Go's `auth`, the hash of the body in which the API key takes the place of this hash. The secret is the API key.
 *
 * @see https://godocs.unisender.ru/web-api-ref#callback-format
 */
export const unisenderAuth: Source['verify'] = (request, secrets) => {
  const body = uncompressed(request);
  const found = AUTH.exec(body.toString('latin1')); // one character for each byte
  if (found === null) throw new Unauthenticated('auth is missing');
  const before = createHash('md5').update(body.subarray(0, found.index));
  const after = body.subarray(found.index + found[0].length);
  return verifyWith(request, secrets, (apiKey) =>
    sameText(before.copy().update(apiKey).update(after).digest('hex'), found[0]),
  );
};

const AUTH = /(?<="auth"\s*:\s*")[0-9a-f]{32}(?=")/;

/** As large as an uncompressed body may be. */
const MAX_BYTES = 1_048_576;

/** Returns the body, uncompressed. `auth` covers the JSON, not the compressed bytes. */
export function uncompressed({ body }: RawRequest): Buffer {
  if (body[0] !== 0x1f || body[1] !== 0x8b) return Buffer.from(body);
  try {
    return gunzipSync(body, { maxOutputLength: MAX_BYTES });
  } catch {
    throw new Unauthenticated('the body cannot be decompressed');
  }
}
