import type { RawRequest } from '../payload/http.ts';
import type { Source } from './source.ts';
import { sameText, verifyWith } from './verify.ts';

/**
 * The verifier of senders that sign nothing: a secret that only they and we know, wherever they can put it. Over HTTPS:
 * basic auth (`user:password` or the password alone is the secret), a bearer token, `X-Relay-Key`, or `?key=` in the URL.
 */
export const sharedSecret: Source['verify'] = (request, secrets) => {
  const given = secretsIn(request);
  return verifyWith(request, secrets, (secret) => given.some((each) => sameText(each, secret)));
};

function secretsIn({ headers, url }: RawRequest): readonly string[] {
  const given = (scheme: RegExp) => scheme.exec(String(headers['authorization']))?.[1];
  const basic = given(/^basic +(\S+)$/i);
  const pair = basic && Buffer.from(basic, 'base64').toString();
  const told = [given(/^bearer +(\S+)$/i), pair, pair?.slice(pair.indexOf(':') + 1), headers['x-relay-key']];
  return [...told, ...url.searchParams.getAll('key')].filter((each) => each !== undefined);
}
