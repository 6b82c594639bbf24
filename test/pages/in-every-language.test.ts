import { describe, expect, it } from 'vitest';
import { languages } from '../../functions/pages/languages.ts';
import { translate } from '../../functions/pages/reader.ts';
import { hashSource } from '../../functions/pages/style.ts';
import type { MessageName } from '../../functions/pages/wording.ts';
import { LANGUAGES } from '../../functions/pages/wording.ts';
import { AT, plus } from '../core/examples.ts';
import { pagesIn } from './every-page.ts';

/** One response: what a first flight of TCP carries. */
const MAX_BYTES = 14 * 1024;

describe.each(LANGUAGES)('every page in %s', (language) => {
  const words = (message: MessageName) => translate({ language, theme: {} }, message);

  it('says its language and direction, and has one heading and one main', async () => {
    for (const [what, { headers, body }] of Object.entries(await pagesIn(language))) {
      expect([what, headers['content-language']]).toEqual([what, language]);
      expect(body).toContain(`<html lang="${language}" dir="${languages[language].direction}">`);
      for (const one of ['<h1>', '<main>', '<title>', '<header>'])
        expect([what, body.split(one).length]).toEqual([what, 2]);
      expect(body).not.toMatch(/\{time\}|undefined|\[object/);
    }
  });

  it('is within its weight and its policy', async () => {
    for (const { headers, body } of Object.values(await pagesIn(language))) {
      const [, style = ''] = /<style>(.*)<\/style>/s.exec(body) ?? [];
      const scripts = [...body.matchAll(/<script>(.*)<\/script>/gs)].map(([, script = '']) => script);
      const logos = body.match(/https:\/\/cdn\.example\.com(?=\/logo\.svg")/g) ?? [];
      const policy = headers['content-security-policy']?.split('; ');

      expect(Buffer.byteLength(body) + Buffer.byteLength(JSON.stringify(headers))).toBeLessThan(MAX_BYTES);
      expect(body.match(/https?:/g)?.length ?? 0).toBe(logos.length);
      expect(body).not.toMatch(/\sstyle=|\son\w+=/);
      expect(policy).toEqual([
        "default-src 'none'",
        `style-src ${hashSource(style)}`,
        ...logos.map((origin) => `img-src ${origin}`),
        ...scripts.flatMap((script) => [`script-src ${hashSource(script)}`, "connect-src 'self'"]),
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
      ]);
    }
  });

  it('says what it is in its own words', async () => {
    const pages = await pagesIn(language);
    const headings = Object.fromEntries(
      Object.entries(pages).map(([what, { body }]) => [what, /<h1>(.*)<\/h1>/.exec(body)?.[1]]),
    );

    expect(headings).toEqual({
      form: words('formTitle'),
      'form of a brand': words('formTitle'),
      'bad address': words('formTitle'),
      trap: words('trapFilled'),
      'unknown brand': words('unknownBrand'),
      'too large': words('tooLarge'),
      'too many': words('tooMany'),
      'failing form': words('failure'),
      confirm: words('formTitle'),
      recorded: words('recordedTitle'),
      'failing button': words('failure'),
      'bad link': words('badLink'),
      received: words('recordedTitle'),
      confirmed: words('confirmedTitle'),
      held: words('recordedTitle'),
      refused: words('recordedTitle'),
      superseded: words('supersededTitle'),
    });
    expect(pages['bad address']?.body).toContain(words('badAddress'));
  });

  it('puts a blank between two sentences where the language does, and nowhere else', async () => {
    const { 'bad link': badLink } = await pagesIn(language);
    const gap = ['ja', 'zh-Hans', 'zh-Hant'].includes(language) ? '' : ' ';

    expect(badLink?.body).toContain(`<p>${words('nothingChanged')}${gap}${words('formText')}</p>`);
  });

  it('ends no line after the "e-" of a mail', async () => {
    // A sealed token may hold these letters.
    const texts = Object.values(await pagesIn(language)).map(({ body }) => body.replace(/<[^>]*>/g, ' '));

    for (const text of texts) expect(text).not.toMatch(/\be-/i);
  });

  it('tells times as its readers write them, and that they are UTC', async () => {
    const { body } = (await pagesIn(language))['confirmed'] ?? { body: '' };
    const times = [...body.matchAll(/<time datetime="([^"]+)">([^<]+)<\/time>/g)];

    expect(times.map(([, iso]) => iso)).toEqual([AT.toISOString(), plus(90).toISOString()]);
    for (const [, iso = '', text = ''] of times) {
      const day = new Intl.DateTimeFormat(language, { dateStyle: 'long', timeZone: 'UTC' }).format(new Date(iso));
      expect(text).toContain('UTC');
      expect(text).toContain(day);
    }
  });
});

it.each(['ar', 'he'] as const)('keeps what is written from the left so on a page in %s', async (language) => {
  const { form } = await pagesIn(language);

  expect(form?.body).toMatch(/<input id="email" [^>]*dir="ltr"/);
  expect(form?.body).toContain('<a href="?lang=en" lang="en" hreflang="en">English</a>');
});
