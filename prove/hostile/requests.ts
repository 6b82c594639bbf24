import { MULTIPART } from './bodies.ts';

const long = (part: string): string => part.repeat(Math.floor(200_000 / part.length));

const JSON_TYPE = 'application/json';
const FORM_TYPE = 'application/x-www-form-urlencoded';

/** The content types that bodies are sent with. */
export const CONTENT_TYPES: readonly string[] = [JSON_TYPE, FORM_TYPE, MULTIPART, 'text/xml', ''];

/** Hostile headers, by description. */
export const HOSTILE_HEADERS: Readonly<Record<string, () => Readonly<Record<string, string>>>> = {
  'very many': () => Object.fromEntries(Array.from({ length: 10_000 }, (_none, at) => [`x-${at}`, 'x'])),
  'polluting names': () => JSON.parse('{"__proto__":"1","constructor":"1","prototype":"1","toString":"1"}'),
  'a type with very many parameters': () => ({ 'content-type': `multipart/form-data${long(';boundary')}` }),
  'a boundary of blanks': () => ({ 'content-type': `multipart/form-data; boundary=${long(' ')}x` }),
  'an unterminated boundary': () => ({ 'content-type': `multipart/form-data; boundary="${long('a')}` }),
  'a boundary that is a pattern': () => ({ 'content-type': 'multipart/form-data; boundary=(.*)*\\1[' }),
  'a boundary of nothing': () => ({ 'content-type': 'multipart/form-data; boundary=""' }),
  'a type of separators': () => ({ 'content-type': long('; ') }),
  'very many languages': () => ({ 'accept-language': long('en;q=0.5,') }),
  'invalid languages': () => ({ 'accept-language': long(',;=q-') }),
  'very many accepted types': () => ({ accept: long('text/html;q=0.1,') }),
  'an authorization of blanks': () => ({ authorization: `Bearer${long(' ')}` }),
  'an authorization of base64': () => ({ authorization: `Basic ${long('A')}` }),
  'long signatures': () => Object.fromEntries(SIGNATURE_HEADERS.map((name) => [name, long('a')])),
  'very many signatures': () => Object.fromEntries(SIGNATURE_HEADERS.map((name) => [name, long('v1,a v1=a,t=1,')])),
  'empty signatures': () => Object.fromEntries(SIGNATURE_HEADERS.map((name) => [name, ''])),
  'times out of range': () => Object.fromEntries(SIGNATURE_HEADERS.map((name) => [name, '9'.repeat(400)])),
  'lone surrogates': () => ({ 'x-relay-key': '\ud800\udfff\u0000', authorization: 'Bearer \ud800' }),
};

/** The headers that sources verify. */
const SIGNATURE_HEADERS = [
  'authorization',
  'klaviyo-signature',
  'klaviyo-timestamp',
  'mailtrap-signature',
  'signature',
  'svix-id',
  'svix-signature',
  'svix-timestamp',
  'tally-signature',
  'typeform-signature',
  'webhook-id',
  'webhook-signature',
  'webhook-timestamp',
  'x-cio-signature',
  'x-cio-timestamp',
  'x-hub-signature',
  'x-hubspot-request-timestamp',
  'x-hubspot-signature-v3',
  'x-mailchimp-signature',
  'x-mandrill-signature',
  'x-postal-signature',
  'x-postal-signature-256',
  'x-relay-key',
  'x-relay-signature',
  'x-signature',
  'x-twilio-email-event-webhook-signature',
  'x-twilio-email-event-webhook-timestamp',
  'x-webflow-signature',
  'x-webflow-timestamp',
];

/** Hostile query strings. */
export const HOSTILE_QUERIES: readonly string[] = [
  '%',
  '%zz=%ff&%00',
  long('key=&'),
  `key=${long('a')}`,
  `lang=${long('-a')}`,
  `lang=${long('en-')}`,
  `brand=${long('a')}`,
  'lang=__proto__&brand=constructor',
  '__proto__[polluted]=1',
];

const header = (fields: object): string => Buffer.from(JSON.stringify(fields)).toString('base64url');
const jwe = (fields: object): string =>
  `${header({ alg: 'dir', enc: 'A256GCM', ...fields })}..AAAAAAAAAAAAAAAA.AAAA.AAAAAAAAAAAAAAAAAAAAAA`;

/** Hostile values in place of a sealed link or receipt. `kid` is the id of a key in use. */
export function hostileTokens(kid: string): readonly string[] {
  const deep = `{"a":${'['.repeat(700)}${']'.repeat(700)}}`;
  return [
    '.',
    '..',
    '....',
    '%00',
    '__proto__',
    'constructor',
    long('a'),
    long('.'),
    `${long('e30')}.e30.e30.e30.e30`,
    jwe({ kid }),
    jwe({ kid, zip: 'DEF' }),
    jwe({ kid, alg: 'none' }),
    jwe({ kid, alg: 'PBES2-HS256+A128KW', p2c: 2_000_000_000, p2s: 'AAAA' }),
    jwe({ kid, crit: ['exp'] }),
    jwe({ kid: '__proto__' }),
    jwe({ kid: ['a'] }),
    jwe({ kid, jwk: { kty: 'oct', k: 'AAAA' } }),
    `${Buffer.from(deep).toString('base64url')}....`,
    Buffer.from('\ud800').toString('base64url'),
  ];
}
