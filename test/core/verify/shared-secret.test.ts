import { describe, expect, it } from 'vitest';
import { Unauthenticated } from '../../../functions/core/model/errors.ts';
import { sharedSecret } from '../../../functions/core/verify/shared-secret.ts';
import { NOWHERE, request } from '../examples.ts';

const basic = (text: string, scheme = 'Basic') => ({
  authorization: `${scheme} ${Buffer.from(text).toString('base64')}`,
});
const asking = (headers: Readonly<Record<string, string>>, query = '') =>
  request('', { headers, url: new URL(`https://relay.example.com/webhooks/acme${query}`) });
const verify = (headers: Readonly<Record<string, string>>, secret: string, query = '') =>
  sharedSecret(asking(headers, query), [secret], NOWHERE);

describe('sharedSecret', () => {
  it.each<[string, Readonly<Record<string, string>>, string, string?]>([
    ['as user and password', basic('relay:s3cret'), 'relay:s3cret'],
    ['as the password alone', basic('relay:s3cret'), 's3cret'],
    ['as a password with a colon', basic('relay:s3:cret'), 's3:cret'],
    ['as the whole of basic auth', basic('s3cret'), 's3cret'],
    ['in letters beyond ASCII', basic('relay:sécret'), 'sécret'],
    ['behind two blanks', { authorization: basic('relay:s3cret').authorization.replace(' ', '  ') }, 's3cret'],
    ['under a scheme in another case', basic('relay:s3cret', 'bASIC'), 's3cret'],
    ['as a bearer token', { authorization: 'bearer  s3cret' }, 's3cret'],
    ['in a header', { 'x-relay-key': 's3cret' }, 's3cret'],
    ['in the URL', {}, 's3cret', '?key=s3cret'],
    ['in the URL, beside another', {}, 's3cret', '?key=x&key=s3cret'],
    ['beside proofs of another kind', { ...basic('a:b'), 'x-relay-key': 'x' }, 's3 cret', '?key=s3%20cret'],
  ])('passes %s', (_where, headers, secret, query) => {
    verify(headers, secret, query);
  });

  it.each<[string, Readonly<Record<string, string>>, string, string?]>([
    ['none', {}, 's3cret'],
    ['another', { 'x-relay-key': 's3creT' }, 's3cret'],
    ['a part of it', { 'x-relay-key': 's3' }, 's3cret'],
    ['more than it', { 'x-relay-key': 's3cret2' }, 's3cret'],
    ['the user', basic('s3cret:relay'), 's3cret'],
    ['another user', basic('other:s3cret'), 'relay:s3cret'],
    ['an empty password', basic('relay:'), 's3cret'],
    ['basic auth that is no base64', { authorization: 'Basic s3cret' }, 's3cret'],
    ['a scheme nobody knows', { authorization: 'Digest s3cret' }, 's3cret'],
    ['no scheme', { authorization: 's3cret' }, 's3cret'],
    ['something before the scheme', { authorization: 'x Bearer s3cret' }, 's3cret'],
    ['something before basic auth', { authorization: `x ${basic('relay:s3cret').authorization}` }, 's3cret'],
    ['something behind basic auth', { authorization: `${basic('relay:s3cret').authorization} x` }, 's3cret'],
    ['two tokens', { authorization: 'Bearer s3cret s3cret' }, 's3cret'],
    ['an empty key', {}, 's3cret', '?key='],
    ['a key in the fragment', {}, 's3cret', '#key=s3cret'],
    ['a blank secret', { 'x-relay-key': ' ' }, ' ', '?key='],
  ])('refuses %s', (_what, headers, secret, query) => {
    expect(() => verify(headers, secret, query)).toThrow(Unauthenticated);
  });

  it('passes the previous secret while it is rotated, and nothing while there is none', () => {
    sharedSecret(asking({ 'x-relay-key': 'old' }), ['new', 'old'], NOWHERE);
    expect(() => sharedSecret(asking({ 'x-relay-key': 'old' }), [], NOWHERE)).toThrow(Unauthenticated);
  });
});
