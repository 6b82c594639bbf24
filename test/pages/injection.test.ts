import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Themes } from '../../functions/pages/theme.ts';
import { sealing, site } from './visitor.ts';

/** Texts that could end a text, an attribute, a tag, a script or a header line. */
const HOSTILE = [
  '<script>alert(1)</script>',
  '"><img src=x onerror=alert(1)>',
  "' autofocus onfocus='alert(1)",
  '</title></style></main><svg/onload=alert(1)>',
  'javascript:alert(1)',
  '\r\nset-cookie: a=b',
  '\u202e<b>\u2066',
  '{time}{{7*7}}',
  '&lt;script&gt;',
  '\0',
];
const hostile = fc.oneof(
  fc.constantFrom(...HOSTILE),
  fc
    .tuple(fc.constantFrom(...HOSTILE), fc.string(), fc.constantFrom('de', 'pets', 'en-US,'))
    .map(([first, second, prefix]) => prefix + first + second),
  fc.string({ unit: fc.constantFrom('<', '>', '"', "'", '&', '/', '\r', '\n', 'a', '=', ' ', '`', ';', '%') }),
);
/** The part of a text that is valid in a header: API Gateway passes on nothing else. */
const header = (text: string) => text.replace(/[^\t\x20-\x7e]/g, '');

/** Replaces the token of a receipt, the only part of a page that differs between visits. */
function withoutToken(body: string): string {
  return body.replace(/(?:\/receipts\/[\w.-]+)/g, '/receipts/x');
}

/** The mistyped address in its field, which is the only text of the request on a page. */
const VALUE = / required value="([^"]*)"/;
const withoutValue = (body: string): string => body.replace(VALUE, ' required');
const ENTITIES: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', '#39': "'" };
const unescaped = (text: string): string => text.replace(/&([\w#]+);/g, (_all, name) => ENTITIES[name] ?? '?');

describe('hostile input', () => {
  it('does not appear on a page except in its field, whether from the form, the query, a header or the path', async () => {
    const { visit, queued } = site();
    const plain = {
      form: (await visit('GET', '/unsubscribe')).body,
      wrong: (await visit('POST', '/unsubscribe', formOf({ email: 'nobody' }))).body,
      brand: (await visit('POST', '/unsubscribe', formOf({ email: 'a@example.com', brand: 'x' }))).body,
      link: (await visit('GET', '/u/x')).body,
    };
    const property = fc.asyncProperty(hostile, hostile, hostile, async (one, other, third) => {
      const lang = `x${one}`;
      const brand = `x${other}`;
      const headers = { 'accept-language': header(`x${third}`), referer: header(third), 'user-agent': header(one) };
      const query = `lang=${encodeURIComponent(lang)}&brand=${encodeURIComponent(brand)}&x=${encodeURIComponent(third)}`;
      const send = (fields: Readonly<Record<string, string>>) => {
        const form = formOf(fields);
        return visit('POST', `/unsubscribe?${query}`, { ...form, headers: { ...form.headers, ...headers } });
      };

      expect((await visit('GET', `/unsubscribe?${query}`, { headers })).body).toBe(plain.form);
      const wrong = await send({ email: `<${third}`, lang, name: other });
      expect(withoutValue(wrong.body)).toBe(withoutValue(plain.wrong));
      expect(unescaped(VALUE.exec(wrong.body)?.[1] ?? '')).toBe(third.length < 254 ? `<${third}` : '');
      expect((await send({ email: 'a@example.com', lang, brand })).body).toBe(plain.brand);
      expect((await visit('GET', `/u/${encodeURIComponent(one) || 'x'}?${query}`, { headers })).body).toBe(plain.link);
    });
    await fc.assert(property, { numRuns: 150 });

    expect(queued).toEqual([]);
  });

  it('does not appear in a receipt or a response header', async () => {
    const { visit } = site({ limits: { perAddressAndHour: false, perClientAndHour: false } });
    const property = fc.asyncProperty(hostile, hostile, async (one, other) => {
      const fields = { email: 'a@example.com', lang: `x${one}`, name: other };
      const { status, headers } = await visit('POST', '/unsubscribe', formOf(fields));

      expect(status).toBe(303);
      expect(headers['location']).toMatch(/^\/receipts\/[\w.-]+\?lang=en$/);
      for (const value of Object.values(headers)) expect(value).toMatch(/^[\x20-\x7e]*$/);
    });
    await fc.assert(property, { numRuns: 50 });
  });

  it('does not appear on the page of a sealed link, whose brand and language are only looked up', async () => {
    const { visit } = site();
    const link = async (more: object) => `/u/${await sealing().sealLink({ email: 'a@example.com' as never, ...more })}`;
    const plain = (await visit('GET', await link({}))).body;

    for (const brand of ['constructor', 'x-script', 'pets2']) {
      expect(withoutToken((await visit('GET', await link({ brand }))).body)).toBe(withoutToken(plain));
    }
    expect((await visit('GET', await link({ lang: 'xx-script-alert' }))).body).toContain('<html lang="en"');
  });
});

it('escapes every configured wording and name', async () => {
  const property = fc.asyncProperty(hostile, hostile, async (name, text) => {
    const themes: Themes = {
      common: { name, texts: { en: { formTitle: text, emailLabel: text, unsubscribe: text, language: text } } },
      brands: {},
    };
    const { body } = await site({ themes }).visit('GET', '/unsubscribe');
    const { body: harmless } = await site({ themes: HARMLESS }).visit('GET', '/unsubscribe');

    expect(tagsOf(body)).toEqual(tagsOf(harmless));
  });
  await fc.assert(property, { numRuns: 150 });
});

const HARMLESS: Themes = {
  common: { name: 'x', texts: { en: { formTitle: 'x', emailLabel: 'x', unsubscribe: 'x', language: 'x' } } },
  brands: {},
};

/** The tags of a page with the names of their attributes. A wording must never add to them. */
function tagsOf(body: string): readonly string[] {
  return [...body.matchAll(/<[^>]*>/g)].map(([tag]) => tag.replace(/"[^"]*"/g, '""'));
}

function formOf(fields: Readonly<Record<string, string>>) {
  return {
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: new URLSearchParams(fields).toString(),
  };
}
