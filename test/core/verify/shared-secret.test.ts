import { describe, expect, it } from 'vitest';
import { Unauthenticated } from '../../../functions/core/model/errors.ts';
import { sharedSecret } from '../../../functions/core/verify/shared-secret.ts';
import { NOWHERE, request } from '../examples.ts';

const basic = (text: string, scheme = 'Basic') => ({
  authorization: `${scheme} ${Buffer.from(text).toString('base64')}`,
});
const requestWith = (headers: Readonly<Record<string, string>>, query = '') =>
  request('', { headers, url: new URL(`https://relay.example.com/webhooks/acme${query}`) });
const verify = (headers: Readonly<Record<string, string>>, secret: string, query = '') =>
  sharedSecret(requestWith(headers, query), [secret], NOWHERE);

describe('sharedSecret', () => {
  it.each<[string, Readonly<Record<string, string>>, string, string?]>([
    ['the user and password', basic('relay:s3cret'), 'relay:s3cret'],
    ['the password alone', basic('relay:s3cret'), 's3cret'],
    ['a password with a colon', basic('relay:s3:cret'), 's3:cret'],
    ['basic auth without a colon', basic('s3cret'), 's3cret'],
    ['letters beyond ASCII', basic('relay:sécret'), 'sécret'],
    [
      'basic auth after two spaces',
      { authorization: basic('relay:s3cret').authorization.replace(' ', '  ') },
      's3cret',
    ],
    ['a scheme in another case', basic('relay:s3cret', 'bASIC'), 's3cret'],
    ['a bearer token', { authorization: 'bearer  s3cret' }, 's3cret'],
    ['the header X-Relay-Key', { 'x-relay-key': 's3cret' }, 's3cret'],
    ['a key in the URL', {}, 's3cret', '?key=s3cret'],
    ['one of two keys in the URL', {}, 's3cret', '?key=x&key=s3cret'],
    [
      'a key in the URL, with other secrets in the headers',
      { ...basic('a:b'), 'x-relay-key': 'x' },
      's3 cret',
      '?key=s3%20cret',
    ],
  ])('accepts %s', (_what, headers, secret, query) => {
    expect(verify(headers, secret, query)).toMatchObject({ headers });
  });

  it.each<[string, Readonly<Record<string, string>>, string, string?]>([
    ['a request without a secret', {}, 's3cret'],
    ['another secret', { 'x-relay-key': 's3creT' }, 's3cret'],
    ['a prefix of the secret', { 'x-relay-key': 's3' }, 's3cret'],
    ['a longer secret', { 'x-relay-key': 's3cret2' }, 's3cret'],
    ['the secret as the user', basic('s3cret:relay'), 's3cret'],
    ['another user', basic('other:s3cret'), 'relay:s3cret'],
    ['an empty password', basic('relay:'), 's3cret'],
    ['basic auth that is not base64', { authorization: 'Basic s3cret' }, 's3cret'],
    ['an unknown scheme', { authorization: 'Digest s3cret' }, 's3cret'],
    ['no scheme', { authorization: 's3cret' }, 's3cret'],
    ['text before the scheme', { authorization: 'x Bearer s3cret' }, 's3cret'],
    ['text before basic auth', { authorization: `x ${basic('relay:s3cret').authorization}` }, 's3cret'],
    ['text after basic auth', { authorization: `${basic('relay:s3cret').authorization} x` }, 's3cret'],
    ['two tokens', { authorization: 'Bearer s3cret s3cret' }, 's3cret'],
    ['an empty key', {}, 's3cret', '?key='],
    ['a key in the fragment', {}, 's3cret', '#key=s3cret'],
    ['a blank secret', { 'x-relay-key': ' ' }, ' ', '?key='],
  ])('rejects %s', (_what, headers, secret, query) => {
    expect(() => verify(headers, secret, query)).toThrow(Unauthenticated);
  });

  it('accepts the previous secret during rotation, and nothing without a secret', () => {
    sharedSecret(requestWith({ 'x-relay-key': 'old' }), ['new', 'old'], NOWHERE);
    expect(() => sharedSecret(requestWith({ 'x-relay-key': 'old' }), [], NOWHERE)).toThrow(Unauthenticated);
  });
});
