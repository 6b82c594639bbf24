import { describe, expect, it } from 'vitest';
import { languages } from '../../functions/pages/languages.ts';
import { translate } from '../../functions/pages/reader.ts';
import { hashSource } from '../../functions/pages/style.ts';
import type { MessageName } from '../../functions/pages/wording.ts';
import { LANGUAGES } from '../../functions/pages/wording.ts';
import { pagesIn } from './every-page.ts';

/** The bytes that fit in the initial TCP congestion window, about 14 KB. */
const MAX_BYTES = 14 * 1024;

describe.each(LANGUAGES)('every page in %s', (language) => {
  const text = (message: MessageName) => translate({ language, theme: {} }, message);

  it('declares its language and direction, and has one heading and one main', async () => {
    for (const [name, { headers, body }] of Object.entries(await pagesIn(language))) {
      expect([name, headers['content-language']]).toEqual([name, language]);
      expect(body).toContain(`<html lang="${language}" dir="${languages[language].direction}">`);
      for (const tag of ['<h1>', '<main>', '<title>', '<header>'])
        expect([name, body.split(tag).length]).toEqual([name, 2]);
      expect(/<title>(.*)<\/title>/.exec(body)?.[1]).not.toContain('\u00ad');
      expect(body).not.toMatch(/\{\w+\}(?![^<]*<\/style>)|undefined|\[object/);
    }
  });

  it('stays within its size limit, and its policy allows exactly what it contains', async () => {
    for (const { headers, body } of Object.values(await pagesIn(language))) {
      const [, style = ''] = /<style>(.*)<\/style>/s.exec(body) ?? [];
      const scripts = [...body.matchAll(/<script>(.*)<\/script>/gs)].map(([, script = '']) => script);
      const logos = body.match(/https:\/\/cdn\.example\.com(?=\/logo\.svg")/g) ?? [];
      const policy = headers['content-security-policy']?.split('; ');

      expect(Buffer.byteLength(body) + Buffer.byteLength(JSON.stringify(headers))).toBeLessThan(MAX_BYTES);
      expect(body.match(/src="https?:/g)?.length ?? 0).toBe(logos.length);
      expect(body.match(/<link [^>]*>/g)).toEqual([expect.stringContaining('<link rel="icon" href="data:')]);
      expect(body).not.toMatch(/\sstyle=|\son\w+=/);
      expect(policy).toEqual([
        "default-src 'none'",
        `style-src ${hashSource(style)}`,
        ['img-src data:', ...logos].join(' '),
        ...scripts.flatMap((script) => [`script-src ${hashSource(script)}`, "connect-src 'self'"]),
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
      ]);
    }
  });

  it('has the heading of its message', async () => {
    const pages = await pagesIn(language);
    const headings = Object.fromEntries(
      Object.entries(pages).map(([name, { body }]) => [name, /<h1>(.*)<\/h1>/.exec(body)?.[1]]),
    );

    expect(headings).toEqual({
      form: text('formTitle'),
      'form of a brand': text('formTitle'),
      'bad address': text('formTitle'),
      honeypot: text('trapFilled'),
      'unknown brand': text('unknownBrand'),
      'too large': text('tooLarge'),
      'rate limited': text('tooManyTitle'),
      'already recorded': text('alreadyRecordedTitle'),
      'failing form': text('failure'),
      confirm: text('formTitle'),
      recorded: text('recordedTitle'),
      'failing button': text('failure'),
      'bad link': text('badLink'),
      received: text('recordedTitle'),
      confirmed: text('confirmedTitle'),
      held: text('recordedTitle'),
      delayed: text('recordedTitle'),
      rejected: text('recordedTitle'),
      superseded: text('supersededTitle'),
    });
    expect(pages['bad address']?.body).toContain(text('badAddress'));
  });

  it('separates two sentences with a space only if the language does', async () => {
    const { 'bad link': badLink } = await pagesIn(language);
    const gap = ['ja', 'zh-Hans', 'zh-Hant'].includes(language) ? '' : ' ';

    expect(badLink?.body).toContain(`<p>${text('nothingChanged')}${gap}${text('formText')}</p>`);
  });

  it('does not break the line after the "e-" of "e-mail"', async () => {
    // Tags and references are removed first, since a random value may contain "e-".
    const texts = Object.values(await pagesIn(language)).map(({ body }) =>
      body.replace(/<bdi.*?<\/bdi>|<[^>]*>/g, ' '),
    );

    for (const text of texts) expect(text).not.toMatch(/\be-/i);
  });

  it('formats times for the language, in UTC', async () => {
    const { body } = (await pagesIn(language))['confirmed'] ?? { body: '' };
    const times = [...body.matchAll(/<time datetime="([^"]+)">([^<]+)<\/time>/g)];

    expect(times.map(([, iso]) => iso)).toEqual(['2026-11-02T10:00:00Z', '2026-11-02T10:01:30Z']);
    for (const [, iso = '', shown = ''] of times) {
      const day = new Intl.DateTimeFormat(language, { dateStyle: 'long', timeZone: 'UTC' }).format(new Date(iso));
      expect(shown).toContain(day);
      expect(shown).toMatch(/\S UTC$/);
    }
  });

  it('says when a form over its rate limit can be used again', async () => {
    const pages = await pagesIn(language);
    const wait = new Intl.RelativeTimeFormat(language, { numeric: 'always' }).format(23, 'minute');

    for (const name of ['rate limited', 'already recorded'] as const) expect(pages[name]?.body).toContain(wait);
  });
});

it.each(['ar', 'he'] as const)('keeps addresses and language names left-to-right on a page in %s', async (language) => {
  const { form } = await pagesIn(language);

  expect(form?.body).toMatch(/<input id="email" [^>]*dir="ltr"/);
  expect(form?.body).toContain('<a href="?lang=en" lang="en" hreflang="en">English</a>');
});
