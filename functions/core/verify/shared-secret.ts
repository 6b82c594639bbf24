import type { RawRequest } from '../payload/http.ts';
import type { Source } from './source.ts';
import { sameText, verifyWith } from './verify.ts';

/**
 * Verifies senders that do not sign their requests, by a secret in the request: basic auth (the secret is `user:password` or
 * the password alone), a bearer token, the header `X-Relay-Key`, or `?key=` in the URL.
 */
export const sharedSecret: Source['verify'] = (request, secrets) => {
  const candidates = secretsIn(request);
  return verifyWith(request, secrets, (secret) => candidates.some((each) => sameText(each, secret)));
};

function secretsIn({ headers, url }: RawRequest): readonly string[] {
  const credentials = (scheme: RegExp) => scheme.exec(String(headers['authorization']))?.[1];
  const basic = credentials(/^basic +(\S+)$/i);
  const pair = basic && Buffer.from(basic, 'base64').toString();
  const inHeaders = [credentials(/^bearer +(\S+)$/i), pair, pair?.slice(pair.indexOf(':') + 1), headers['x-relay-key']];
  return [...inHeaders, ...url.searchParams.getAll('key')].filter((each) => each !== undefined);
}
