import { randomBytes } from 'node:crypto';
import { decodeProtectedHeader } from 'jose';
import { describe, expect, it } from 'vitest';
import { Misconfigured, Unreadable } from '../../functions/core/model/errors.ts';
import type { LinkOptions } from '../../functions/crypto/link-headers.ts';
import { sealedLink } from '../../functions/crypto/link-headers.ts';
import { createTokenSealer } from '../../functions/crypto/sealed-links.ts';
import { allOf, formsOf, thrownBy } from '../aws/listening.ts';

const KEY = { kid: '2026-11', key: randomBytes(32) };
const OPTIONS: LinkOptions = { publicUrl: 'https://optout.example.com', key: KEY, email: ' Ada@Example.com' };

const keys = async () => [KEY];
const { unsealLink } = createTokenSealer({ get: keys, refresh: keys });
const tokenIn = (url: string) => url.slice('https://optout.example.com/u/'.length);

describe('sealedLink', () => {
  it('creates a link that the relay can unseal, and the two headers', async () => {
    const { url, headers } = await sealedLink({ ...OPTIONS, lang: 'zh-Hant', brand: 'acme' });

    expect(url).toMatch(/^https:\/\/optout\.example\.com\/u\/[\w.-]+$/);
    expect(decodeProtectedHeader(tokenIn(url)).kid).toBe('2026-11');
    expect(await unsealLink(tokenIn(url), new Date())).toEqual({
      email: 'ada@example.com',
      lang: 'zh-Hant',
      brand: 'acme',
    });
    expect(headers).toEqual({
      'List-Unsubscribe': `<${url}>`,
      'List-Unsubscribe-Post': 'List-Unsubscribe=One-Click',
    });
  });

  it('accepts the key in base64url, and the origin as a URL', async () => {
    const key = { kid: KEY.kid, key: KEY.key.toString('base64url') };

    const { url } = await sealedLink({ ...OPTIONS, key, publicUrl: new URL('https://optout.example.com/') });

    expect(await unsealLink(tokenIn(url), new Date())).toEqual({ email: 'ada@example.com' });
  });

  it('also offers the mailbox, with the same token', async () => {
    const { url, headers } = await sealedLink({ ...OPTIONS, mailbox: 'unsubscribe@mail.example.com' });

    expect(headers['List-Unsubscribe']).toBe(`<${url}>, <mailto:unsubscribe@mail.example.com?subject=${tokenIn(url)}>`);
  });

  it('seals the expiry', async () => {
    const expiresAt = new Date(Date.now() + 60_000);

    const { url } = await sealedLink({ ...OPTIONS, expiresAt });

    expect(await unsealLink(tokenIn(url), new Date())).toEqual({ email: 'ada@example.com' });
    await expect(unsealLink(tokenIn(url), expiresAt)).rejects.toThrow('this link has expired');
  });

  it.each<[string, Partial<Record<keyof LinkOptions, unknown>>, string]>([
    ['an invalid address', { email: 'shibboleth' }, 'the email address is not valid'],
    ['an invalid language', { lang: 'shibboleth-' }, 'lang is not valid'],
    ['a language with a newline', { lang: 'de\nshibboleth' }, 'lang is not valid'],
    ['a language of 36 characters', { lang: `de${'-shibbole'.repeat(3)}-abcdef` }, 'lang is not valid'],
    ['an invalid brand', { brand: 'Shibboleth' }, 'brand is not valid'],
    ['a blank brand', { brand: '' }, 'brand is not valid'],
    ['an expiry in the past', { expiresAt: new Date(0) }, 'expiresAt is not in the future'],
    ['an invalid expiry', { expiresAt: new Date('shibboleth') }, 'expiresAt is not in the future'],
  ])('rejects %s', async (_what, wrong, message) => {
    const error = await thrownBy(() => sealedLink({ ...OPTIONS, ...wrong } as LinkOptions));

    expect(error).toBeInstanceOf(Unreadable);
    expect(error.message).toBe(message);
  });

  it.each<[unknown, Partial<Record<keyof LinkOptions, unknown>>]>([
    ['publicUrl', { publicUrl: 'optout.example.com' }],
    ['publicUrl', { publicUrl: 'https://optout.example.com/shibboleth' }],
    ['publicUrl', { publicUrl: 'https://shibboleth@optout.example.com' }],
    ['publicUrl', { publicUrl: 'mailto:shibboleth@example.com' }],
    ['key.kid', { key: { kid: '', key: KEY.key } }],
    ['key.key', { key: { kid: 'a', key: 'shibboleth' } }],
    ['key.key', { key: { kid: 'a', key: KEY.key.toString('hex') } }],
    ['key.key', { key: { kid: 'a', key: KEY.key.subarray(1) } }],
    ['mailbox', { mailbox: 'shibboleth' }],
    ['mailbox', { mailbox: 'shibboleth@example.com>' }],
    ["the first key's kid", { key: { kid: 'shibboleth'.repeat(200), key: KEY.key } }],
  ])('names %s as misconfigured without quoting it', async (what, wrong) => {
    const error = await thrownBy(() => sealedLink({ ...OPTIONS, ...wrong } as LinkOptions));

    expect(error).toBeInstanceOf(Misconfigured);
    expect(error.message).toContain(`${what} is`);
    for (const form of formsOf('shibboleth')) expect(allOf(error)).not.toContain(form);
  });
});
