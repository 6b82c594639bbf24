import { describe, expect, it } from 'vitest';
import { Unreadable } from '../../functions/core/errors.ts';
import { checkLink, isBrand, isLang } from '../../functions/core/sealing.ts';
import { ADA, AT } from './examples.ts';

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
  ])('takes %s', (lang) => expect(isLang(lang)).toBe(true));

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
  ])('refuses %j', (lang) => expect(isLang(lang)).toBe(false));
});

describe('isBrand', () => {
  it.each(['acme', 'a', '2nd-brand', 'b'.repeat(64)])('takes %s', (brand) => expect(isBrand(brand)).toBe(true));

  it.each(['', '-acme', 'Acme', 'acme ', 'acme\n', 'a/b', '"', 'b'.repeat(65), 7, undefined])('refuses %j', (brand) =>
    expect(isBrand(brand)).toBe(false),
  );
});

describe('checkLink', () => {
  it('lets pass what will be said again', () => {
    checkLink({ email: ADA });
    checkLink({ email: ADA, brand: 'acme', lang: 'de', expiresAt: AT });
  });

  it.each([
    [{ brand: 'Acme' }, 'brand is not valid'],
    [{ lang: 'd' }, 'lang is not valid'],
    [{ expiresAt: new Date(Number.NaN) }, 'the expiry is not a time'],
  ])('refuses %j', (wrong, message) => {
    expect(() => checkLink({ email: ADA, ...wrong })).toThrow(new Unreadable(message));
  });
});
