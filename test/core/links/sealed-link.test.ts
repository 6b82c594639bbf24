import { describe, expect, it } from 'vitest';
import { checkLink, isBrand, isLang, tokenIn } from '../../../functions/core/links/sealed-link.ts';
import { Unreadable } from '../../../functions/core/model/errors.ts';
import { ADA, AT } from '../examples.ts';

describe('isLang', () => {
  it.each([
    'en',
    'pt-BR',
    'zh-Hant',
    'EN-gb',
    'sr-Latn-RS',
    'de-1996',
    'sl-rozaj-biske-1994',
    `de-${'12345678-'.repeat(3)}12345`,
  ])('accepts %s', (lang) => expect(isLang(lang)).toBe(true));

  it.each([
    '',
    'e',
    'de_DE',
    'de-',
    '-de',
    'de--AT',
    'de DE',
    'de\n',
    '<b>',
    'dé',
    '12',
    `de${'-12345678'.repeat(4)}`,
    7,
    null,
  ])('rejects %j', (lang) => expect(isLang(lang)).toBe(false));
});

describe('isBrand', () => {
  it.each(['acme', 'a', '2nd-brand', 'b'.repeat(64)])('accepts %s', (brand) => expect(isBrand(brand)).toBe(true));

  it.each(['', '-acme', 'Acme', 'acme ', 'acme\n', 'a/b', '"', 'b'.repeat(65), 7, undefined])('rejects %j', (brand) =>
    expect(isBrand(brand)).toBe(false),
  );
});

describe('checkLink', () => {
  it('accepts links that unseal to the same contents', () => {
    const contents = { email: ADA, brand: 'acme', lang: 'de', expiresAt: AT };

    expect(() => checkLink({ email: ADA })).not.toThrow();
    expect(() => checkLink(contents)).not.toThrow();
  });

  it.each([
    [{ brand: 'Acme' }, 'brand is not valid'],
    [{ lang: 'd' }, 'lang is not valid'],
    [{ expiresAt: new Date(Number.NaN) }, 'the expiry is not a time'],
    [{ expiresAt: new Date(0) }, 'the expiry is not a time'],
  ])('rejects %j', (wrong, message) => {
    expect(() => checkLink({ email: ADA, ...wrong })).toThrow(new Unreadable(message));
  });
});

describe('tokenIn', () => {
  const token = `eyJhbGciOiJkaXIifQ..${'i'.repeat(16)}.c-_c.${'t'.repeat(22)}`;

  it.each([
    token,
    `Unsubscribe ${token}`,
    `Re: ${token}, please`,
    `<https://optout.example.com/u/${token}>, <mailto:unsubscribe@mail.example.com?subject=${token}>`,
    `${token.slice(0, 30)}\r\n\t${token.slice(30)}`,
    [...token].join(' '),
    `eyJeyJ ${token}`,
    `${token}${token}`,
  ])('finds the token in %j', (text) => expect(tokenIn(text)?.replace('eyJeyJ', '')).toBe(token));

  it.each([
    '',
    'unsubscribe',
    token.slice(1),
    token.slice(0, -1),
    token.replace('..', '.k.'),
    token.replace('c-_c', ''),
    token.replace('iii', 'i'),
    `${' '.repeat(8_192)}${token}`,
  ])('finds no token in %j', (text) => expect(tokenIn(text)).toBeUndefined());

  it('is fast on a text with many token beginnings', () => {
    const startedMs = performance.now();

    expect(tokenIn('eyJ'.repeat(1_000_000))).toBeUndefined();
    expect(performance.now() - startedMs).toBeLessThan(2_000);
  });
});
