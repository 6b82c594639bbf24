import type { RawRequest } from './http.ts';
import { prove, sameText } from './proof.ts';
import type { Source } from './source.ts';

/**
 * The verifier of senders that sign nothing: a secret that only they and we know, wherever they can put it. Over HTTPS:
 * basic auth (`user:password` or the password alone is the secret), a bearer token, `X-Relay-Key`, or `?key=` in the URL.
 */
export const sharedSecret: Source['verify'] = (request, secrets) => {
  const given = secretsIn(request);
  return prove(request, secrets, (secret) => given.some((each) => sameText(each, secret)));
};

function secretsIn({ headers, url }: RawRequest): readonly string[] {
  const [, scheme = '', credentials = ''] = /^(\S+) +(\S+)$/.exec(headers['authorization'] ?? '') ?? [];
  const key = [headers['x-relay-key'], ...url.searchParams.getAll('key')].filter((each) => each !== undefined);
  if (scheme.toLowerCase() === 'bearer') return [credentials, ...key];
  if (scheme.toLowerCase() !== 'basic') return key;
  const pair = Buffer.from(credentials, 'base64').toString();
  return [pair, pair.slice(pair.indexOf(':') + 1), ...key];
}
