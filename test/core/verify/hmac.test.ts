import { createHmac } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { Unauthenticated } from '../../../functions/core/model/errors.ts';
import type { RawRequest } from '../../../functions/core/payload/http.ts';
import type { HmacScheme } from '../../../functions/core/verify/hmac.ts';
import { afterPrefix, hmac, valuesOf } from '../../../functions/core/verify/hmac.ts';
import { AT, NOWHERE, plus, request } from '../examples.ts';

const mac = (text: string, encoding: 'hex' | 'base64' = 'hex', hash = 'sha256', key: string | Uint8Array = 'k') =>
  createHmac(hash, key).update(text).digest(encoding);
const verify = (scheme: Partial<HmacScheme>, incoming: RawRequest, ...secrets: readonly string[]) =>
  hmac({ header: 'x-sign', encoding: 'hex', ...scheme })(incoming, secrets, NOWHERE);
const signed = (signature: string, headers: Readonly<Record<string, string>> = {}) =>
  request('body', { headers: { 'x-sign': signature, ...headers } });

describe('hmac', () => {
  it.each<[string, Partial<HmacScheme>, string]>([
    ['the body, SHA-256 and hex', {}, mac('body')],
    ['base64', { encoding: 'base64' }, mac('body', 'base64')],
    ['SHA-1', { hash: 'sha1' }, mac('body', 'hex', 'sha1')],
    ['several parts', { signed: ({ method, body }) => [method, '.', body] }, mac('POST.body')],
    [
      'a decoded key',
      { key: (secret) => Buffer.from(secret, 'base64url') },
      mac('body', 'hex', 'sha256', Buffer.from('kk', 'base64url')),
    ],
    ['one of several signatures', { signatures: (header) => header.split(' ') }, `00 ${mac('body')}`],
    ['a signature after a prefix', { signatures: afterPrefix('sha256=') }, `sha256=${mac('body')}`],
    ['a signature by its name', { signatures: valuesOf('v1') }, `t=1, v0=${mac('x')},v1=00,v1=${mac('body')}`],
  ])('accepts %s, and nothing else', (_what, scheme, signature) => {
    const secret = scheme.key ? 'kk' : 'k';
    const incoming = signed(signature);

    expect(verify(scheme, incoming, 'other', secret)).toBe(incoming);
    for (const [invalid, key] of [
      [incoming, 'other'],
      [{ ...incoming, body: Buffer.from('bodY') }, secret],
      [signed(signature.slice(0, -1)), secret],
      [signed('='), secret],
    ] as const) {
      expect(() => verify(scheme, invalid, key)).toThrow(Unauthenticated);
    }
  });

  it('rejects a request without the header, and every request without a secret', () => {
    expect(() => verify({}, request('body'), 'k')).toThrow(new Unauthenticated('header x-sign is missing'));
    expect(() => verify({}, signed(mac('body')))).toThrow(Unauthenticated);
    expect(() => verify({}, signed(mac('body', 'hex', 'sha256', '')), ' ')).toThrow(Unauthenticated);
  });

  it('rejects a secret that decodes to an empty key', () => {
    const forged = signed(mac('body', 'hex', 'sha256', ''));

    expect(() => verify({ key: () => new Uint8Array() }, forged, '!!')).toThrow(Unauthenticated);
  });

  const inHeader = (unit?: 'seconds' | 'milliseconds' | 'http-date'): Partial<HmacScheme> => ({
    freshness: { timestamp: ({ headers }) => headers['x-at'] ?? '', toleranceSeconds: 60, ...(unit ? { unit } : {}) },
  });
  const secondsOf = (date: Date) => String(date.getTime() / 1000);

  it.each([
    [undefined, secondsOf],
    ['seconds', secondsOf],
    ['milliseconds', (date: Date) => String(date.getTime())],
    ['http-date', (date: Date) => date.toUTCString()],
  ] as const)('accepts a signed time in %s within the tolerance', (unit, format) => {
    const incoming = (date: Date) => signed(mac('body'), { 'x-at': format(date) });

    for (const seconds of [-60, 0, 60]) verify(inHeader(unit), incoming(plus(seconds)), 'k');
    for (const seconds of [-61, 61])
      expect(() => verify(inHeader(unit), incoming(plus(seconds)), 'k')).toThrow(Unauthenticated);
  });

  it.each([
    ['seconds', 'now'],
    ['milliseconds', '7'],
    ['milliseconds', secondsOf(AT)],
    ['http-date', 'yesterday'],
    ['http-date', ''],
  ] as const)('rejects in %s the signed time %j', (unit, text) => {
    expect(() => verify(inHeader(unit), signed(mac('body'), { 'x-at': text }), 'k')).toThrow(Unauthenticated);
  });
});

it.each([
  ['sha256=abc', ['abc']],
  ['sha256=', ['']],
  ['SHA256=abc', []],
  ['abc', []],
])('extracts after the prefix of %j: %j', (header, found) => {
  expect(afterPrefix('sha256=')(header)).toEqual(found);
});

it.each([
  ['t=1,v1=a,v1=b', ['a', 'b']],
  [' v1=a== , v10=b', ['a==']],
  ['v1', []],
  ['', []],
])('extracts by name from %j: %j', (header, found) => {
  expect(valuesOf('v1')(header)).toEqual(found);
});
