import { randomBytes } from 'node:crypto';
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { CompactEncrypt, decodeProtectedHeader } from 'jose';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { createSecretCache } from '../../functions/aws/secrets-manager.ts';
import { parseLinkKeys } from '../../functions/config/secret-formats.ts';
import { parseEmailAddress } from '../../functions/core/model/email-address.ts';
import { InvalidToken, Misconfigured, Unreadable } from '../../functions/core/model/errors.ts';
import { createTokenSealer } from '../../functions/crypto/sealed-links.ts';
import { type LocalSecretsManager, startSecretsManager } from '../../local/aws/secrets-manager.ts';
import { allOf, aws, forwarding, standingClock, thrownBy } from '../aws/listening.ts';
import { EMAIL, RECEIVED_AT, sampleOptOut } from '../aws/sample-opt-out.ts';

const NOW = new Date('2026-11-23T10:00:00.000Z');
const LINK = { email: EMAIL, brand: 'acme', lang: 'pt-BR' };
const STATUS = { id: sampleOptOut().id, receivedAt: RECEIVED_AT };

let manager: LocalSecretsManager;
let secrets = 0;
beforeAll(async () => {
  manager = await startSecretsManager({ port: 0 });
});
afterAll(() => manager.close());

const newKey = (kid: string) => ({ kid, key: randomBytes(32).toString('base64url') });
type Key = ReturnType<typeof newKey>;

/** A sealer with its own secret. `rotate` replaces the keys in the secret. */
async function sealerWith(...keys: readonly Key[]) {
  secrets += 1;
  const name = `links-${secrets}`;
  const rotate = (...next: readonly Key[]) => manager.write(name, JSON.stringify({ keys: next }));
  rotate(...keys);
  const { url, requests } = await forwarding(manager.url);
  const { clock, pass } = standingClock();
  const client = new SecretsManagerClient(aws(url));
  onTestFinished(() => client.destroy());
  const sealer = createTokenSealer(createSecretCache(client, name, { parse: parseLinkKeys, clock }));
  return { ...sealer, rotate, pass, reads: () => requests.length };
}

/** Expects an InvalidToken that does not quote the token. */
async function expectInvalid(unsealed: Promise<unknown>, message = 'this link is not valid') {
  const error = await thrownBy(() => unsealed);
  expect(error).toBeInstanceOf(InvalidToken);
  expect(error.message).toBe(message);
  expect(allOf(error)).not.toMatch(/ann@example|eyJ|cause/);
}

/** Seals claims with a given header. */
function sealedAs(header: { alg: string; enc: string; typ?: string; kid?: string }, key: Key, claims: unknown = LINK) {
  return new CompactEncrypt(new TextEncoder().encode(JSON.stringify(claims)))
    .setProtectedHeader({ kid: key.kid, typ: 'link', ...header })
    .encrypt(Buffer.from(key.key, 'base64url'));
}

describe('a link', () => {
  it.each([
    LINK,
    { email: EMAIL },
    { email: EMAIL, lang: 'de' },
    { email: EMAIL, brand: 'acme' },
    { email: parseEmailAddress('zoë+news@münchen.de') },
    {
      email: parseEmailAddress(`${'ü'.repeat(200)}@${'m'.repeat(40)}.example`),
      brand: 'b'.repeat(64),
      lang: 'zh-Hant',
    },
  ])('unseals to the same contents: %j', async (link) => {
    const { sealLink, unsealLink } = await sealerWith(newKey('a'));

    expect(await unsealLink(await sealLink(link), NOW)).toEqual(link);
  });

  it('hides its contents, is safe in a URL and is different each time', async () => {
    const { sealLink } = await sealerWith(newKey('a'));

    const [token, other] = await Promise.all([sealLink(LINK), sealLink(LINK)]);

    expect(token).not.toBe(other);
    expect(token).toMatch(/^[\w-]+\.\.[\w-]+\.[\w-]+\.[\w-]+$/);
    expect(decodeProtectedHeader(token)).toEqual({ alg: 'dir', enc: 'A256GCM', kid: 'a', typ: 'link' });
    for (const part of token.split('.')) {
      expect(Buffer.from(part, 'base64url').toString('latin1')).not.toMatch(/ann|example|acme|pt-BR/);
    }
  });

  it('has the same length for every usual address, brand and language', async () => {
    const { sealLink } = await sealerWith(newKey('a'));
    const links = [
      { email: parseEmailAddress('a@b.example') },
      { email: parseEmailAddress('augusta.ada.king.lovelace@computing.example.com'), brand: 'acme', lang: 'pt-BR' },
      { email: parseEmailAddress('ada@example.com'), expiresAt: new Date('2099-01-01') },
    ];

    const lengths = (await Promise.all(links.map(sealLink))).map(({ length }) => length);
    expect(new Set(lengths).size).toBe(1);
    expect(lengths[0]).toBeLessThan(300);
  });

  it('is longer by whole blocks for a long address, and within the limit for the longest', async () => {
    const { sealLink } = await sealerWith(newKey('a'));
    const lengthOf = async (length: number) =>
      (await sealLink({ email: parseEmailAddress(`${'a'.repeat(length)}@example.com`) })).length;
    const longest = { email: parseEmailAddress(`${'\u{1f98a}'.repeat(121)}@example.com`), brand: 'b'.repeat(64) };

    const lengths = await Promise.all(Array.from({ length: 200 }, (_zero, index) => lengthOf(index + 1)));
    expect(new Set(lengths).size).toBe(2);
    expect((await sealLink(longest)).length).toBeLessThan(2_048);
  });

  it('is valid until it expires, or indefinitely without an expiry', async () => {
    const { sealLink, unsealLink } = await sealerWith(newKey('a'));
    const expiresAt = new Date(NOW.getTime() + 60_000);
    const token = await sealLink({ ...LINK, expiresAt });

    expect(await unsealLink(token, new Date(expiresAt.getTime() - 1))).toEqual(LINK);
    await expectInvalid(unsealLink(token, expiresAt), 'this link has expired');
    expect(await unsealLink(await sealLink(LINK), new Date('2099-01-01'))).toEqual(LINK);
  });

  it('is not a status token, and a status token is not a link', async () => {
    const { sealLink, unsealLink, sealStatusToken, unsealStatusToken } = await sealerWith(newKey('a'));

    await expectInvalid(unsealStatusToken(await sealLink(LINK)), 'this receipt is not valid');
    await expectInvalid(unsealLink(await sealStatusToken(STATUS), NOW));
  });

  it.each([0, 1, 2, 3, 4])('is invalid if part %i is changed', async (part) => {
    const { sealLink, unsealLink } = await sealerWith(newKey('a'));
    const parts = (await sealLink(LINK)).split('.');
    const changes = [
      (text: string) => `${text.slice(0, 5)}${text[5] === 'A' ? 'B' : 'A'}${text.slice(6)}`,
      (text: string) => text.slice(0, -4),
      (text: string) => `${text}AAAA`,
      (text: string) => (text === '' ? 'AAAA' : ''),
      (text: string) => `${text}\n!`,
    ];

    const changed = changes.map((change) =>
      parts.map((each, index) => (index === part ? change(each) : each)).join('.'),
    );
    for (const token of changed.filter((each) => each !== parts.join('.'))) await expectInvalid(unsealLink(token, NOW));
  });

  it('is invalid if truncated', async () => {
    const { sealLink, unsealLink, reads } = await sealerWith(newKey('a'));
    const token = await sealLink(LINK);

    for (let length = 0; length < token.length - 1; length += 7)
      await expectInvalid(unsealLink(token.slice(0, length), NOW));
    expect(reads()).toBe(1);
  });

  it.each(['', '.', '....', 'ann@example.com', 'bnVsbA....', 'W10....', 'eyJraWQiOjF9....', '\u0000', '😀.a.b.c.d'])(
    'is invalid: %j',
    async (token) => {
      const { unsealLink } = await sealerWith(newKey('a'));

      await expectInvalid(unsealLink(token, NOW));
    },
  );

  it('is rejected without reading the keys if it is longer than 2,048 characters', async () => {
    const key = newKey('a');
    const { unsealLink, reads } = await sealerWith(key);
    const token = await sealedAs({ alg: 'dir', enc: 'A256GCM' }, key, { ...LINK, lang: 'x'.repeat(2_000) });

    await expectInvalid(unsealLink(token, NOW));
    expect(reads()).toBe(0);
  });

  it.each([
    ['A256GCMKW', 'A256GCM'],
    ['A256KW', 'A256GCM'],
    ['PBES2-HS256+A128KW', 'A256GCM'],
    ['dir', 'A128CBC-HS256'],
  ])('is invalid if sealed with %s and %s', async (alg, enc) => {
    const key = newKey('a');
    const { unsealLink } = await sealerWith(key);

    await expectInvalid(unsealLink(await sealedAs({ alg, enc }, key), NOW));
    expect(await unsealLink(await sealedAs({ alg: 'dir', enc: 'A256GCM' }, key), NOW)).toEqual(LINK);
  });

  it('is invalid if it is signed or unsigned instead of encrypted', async () => {
    const { unsealLink } = await sealerWith(newKey('a'));
    const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');

    await expectInvalid(unsealLink(`${part({ alg: 'none', kid: 'a', typ: 'link' })}.${part(LINK)}.`, NOW));
    await expectInvalid(unsealLink(`${part({ alg: 'HS256', kid: 'a', typ: 'link' })}.${part(LINK)}.AAAA`, NOW));
  });

  it.each<[string, unknown]>([
    ['null', null],
    ['without an address', { brand: 'acme' }],
    ['with an address of another type', { email: ['ann@example.com'] }],
    ['with an invalid expiry', { email: EMAIL, exp: 'never' }],
  ])('is invalid with the contents %s, although the key is right', async (_what, claims) => {
    const key = newKey('a');
    const { unsealLink } = await sealerWith(key);

    await expectInvalid(unsealLink(await sealedAs({ alg: 'dir', enc: 'A256GCM' }, key, claims), NOW));
  });
});

describe('brand and language', () => {
  it.each<[string, object]>([
    ['markup', { brand: '<b>', lang: '<b>' }],
    ['another type', { brand: ['acme'], lang: 7 }],
    ['null and empty', { brand: null, lang: '' }],
    ['too long', { brand: 'b'.repeat(65), lang: `de${'-12345678'.repeat(4)}` }],
  ])('are ignored in a valid link if they are %s', async (_what, claims) => {
    const key = newKey('a');
    const { unsealLink } = await sealerWith(key);
    const token = await sealedAs({ alg: 'dir', enc: 'A256GCM' }, key, { email: EMAIL, ...claims });

    expect(await unsealLink(token, NOW)).toEqual({ email: EMAIL });
  });

  it.each([{ brand: 'Acme' }, { lang: 'de_DE' }, { expiresAt: new Date(Number.NaN) }])(
    'are not sealed if they are invalid: %j',
    async (wrong) => {
      const { sealLink } = await sealerWith(newKey('a'));

      await expect(sealLink({ email: EMAIL, ...wrong })).rejects.toBeInstanceOf(Unreadable);
    },
  );
});

describe('a status token', () => {
  it('has the same length for every brand', async () => {
    const { sealStatusToken } = await sealerWith(newKey('a'));
    const status = { id: 'i'.repeat(43), receivedAt: NOW.toISOString() };

    const tokens = await Promise.all(
      [undefined, 'b', 'b'.repeat(64)].map((brand) => sealStatusToken({ ...status, brand })),
    );
    expect(new Set(tokens.map(({ length }) => length)).size).toBe(1);
  });

  it('unseals to the same contents', async () => {
    const { sealStatusToken, unsealStatusToken } = await sealerWith(newKey('a'));

    expect(await unsealStatusToken(await sealStatusToken(STATUS))).toEqual(STATUS);
    expect(await unsealStatusToken(await sealStatusToken({ ...STATUS, brand: 'acme' }))).toEqual({
      ...STATUS,
      brand: 'acme',
    });
  });
});

describe('the keys', () => {
  it('are distinguished by more than their ids', async () => {
    const [ours, theirs] = await Promise.all([sealerWith(newKey('a')), sealerWith(newKey('a'))]);

    await expectInvalid(ours.unsealLink(await theirs.sealLink(LINK), NOW));
  });

  it('do not seal a token that would be too long to unseal', async () => {
    const { sealLink } = await sealerWith(newKey('k'.repeat(1_500)));

    await expect(sealLink(LINK)).rejects.toBeInstanceOf(Misconfigured);
  });

  it('rotate: the first one seals, and the old one still unseals', async () => {
    const [old, fresh] = [newKey('2026'), newKey('2027')];
    const { sealLink, unsealLink, sealStatusToken, unsealStatusToken, rotate, pass } = await sealerWith(old);
    const [link, receipt] = [await sealLink(LINK), await sealStatusToken(STATUS)];
    rotate(fresh, old);
    pass(300);

    const next = await sealLink(LINK);

    expect(decodeProtectedHeader(next).kid).toBe('2027');
    expect(await unsealLink(next, NOW)).toEqual(LINK);
    expect(await unsealLink(link, NOW)).toEqual(LINK);
    expect(await unsealStatusToken(receipt)).toEqual(STATUS);
    rotate(fresh);
    pass(300);
    await expectInvalid(unsealLink(link, NOW));
  });

  it('are fetched again once for a token with an unknown key id', async () => {
    const [old, fresh] = [newKey('2026'), newKey('2027')];
    const [here, there] = await Promise.all([sealerWith(old), sealerWith(fresh)]);
    const token = await there.sealLink(LINK);
    await here.sealLink(LINK);
    here.rotate(fresh, old);
    here.pass(1);

    expect(await here.unsealLink(token, NOW)).toEqual(LINK);
    expect(here.reads()).toBe(2);
  });

  it('are not fetched for every token with an unknown key id', async () => {
    const [here, there] = await Promise.all([sealerWith(newKey('a')), sealerWith(newKey('b'))]);
    const token = await there.sealLink(LINK);

    for (let second = 0; second < 3; second += 1) {
      await Promise.all(Array.from({ length: 5 }, () => expectInvalid(here.unsealLink(token, NOW))));
      here.pass(1);
    }
    expect(here.reads()).toBe(3);
  });
});
