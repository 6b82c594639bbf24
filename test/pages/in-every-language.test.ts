import { describe, expect, it } from 'vitest';
import type { State } from '../../functions/core/ledger.ts';
import type { Language } from '../../functions/core/wording.ts';
import { LANGUAGES } from '../../functions/core/wording.ts';
import { languages } from '../../functions/pages/languages.ts';
import { hashSource } from '../../functions/pages/style.ts';
import { AT, plus } from '../core/examples.ts';
import type { Seen } from './visitor.ts';
import { EMAIL, sealing, site } from './visitor.ts';

/** One response: what a first flight of TCP carries. */
const MAX_BYTES = 14 * 1024;

const common = { name: 'The Example Shop of Llanfairpwllgwyngyll', logoUrl: 'https://cdn.example.com/logo.svg' };
const looks = { common, brands: { pets: common } };

/** Every page there is, by what it is. */
async function pagesIn(language: Language): Promise<Readonly<Record<string, Seen>>> {
  const { visit, ledger } = site({ looks });
  const failing = site({ looks, enqueue: () => Promise.reject(new Error('no queue')) });
  const link = `/u/${await sealing().sealLink({ email: EMAIL, brand: 'pets' })}?lang=${language}`;
  const form = `/unsubscribe?lang=${language}`;
  const sent = (email: string, more = '') => ({
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: `email=${encodeURIComponent(email)}${more}`,
  });
  const receiptOf = async (state: State) => {
    const [receivedAt, closedAt] = [AT.toISOString(), plus(90).toISOString()];
    ledger.set(state, { id: state, state, receivedAt, openedAt: receivedAt, closedAt, attempts: 1 });
    return visit('GET', `/receipts/${await sealing().sealReceipt({ id: state, receivedAt })}?lang=${language}`);
  };
  return {
    form: await visit('GET', form),
    'form of a brand': await visit('GET', `${form}&brand=pets`),
    'bad address': await visit('POST', form, sent('nobody')),
    trap: await visit('POST', form, sent(EMAIL, '&website=x')),
    'unknown brand': await visit('POST', form, sent(EMAIL, '&brand=x')),
    'too large': await visit('POST', form, sent('x'.repeat(20_000))),
    'failing form': await failing.visit('POST', form, sent(EMAIL)),
    confirm: await visit('GET', link),
    recorded: await visit('POST', link, { body: 'confirm=1' }),
    'failing button': await failing.visit('POST', link),
    'bad link': await visit('GET', `/u/x?lang=${language}`),
    received: await receiptOf('open'),
    confirmed: await receiptOf('confirmed'),
    held: await receiptOf('held'),
    superseded: await receiptOf('superseded'),
  };
}

describe.each(LANGUAGES)('every page in %s', (language) => {
  it('says its language and direction, has one heading and one main, and is within its weight and policy', async () => {
    for (const [what, { headers, body }] of Object.entries(await pagesIn(language))) {
      const [, style = ''] = /<style>(.*)<\/style>/s.exec(body) ?? [];
      const [, script] = /<script>(.*)<\/script>/s.exec(body) ?? [];
      const policy = headers['content-security-policy'];

      expect([what, headers['content-language']]).toEqual([what, language]);
      expect(body).toContain(`<html lang="${language}" dir="${languages[language].direction}">`);
      for (const one of ['<h1>', '<main>', '<title>', '<header>'])
        expect([what, body.split(one).length]).toEqual([what, 2]);
      expect(Buffer.byteLength(body) + Buffer.byteLength(JSON.stringify(headers))).toBeLessThan(MAX_BYTES);
      expect(policy).toContain(`style-src ${hashSource(style)}; img-src https://cdn.example.com;`);
      expect(policy?.includes('script-src')).toBe(script !== undefined);
      if (script !== undefined) expect(policy).toContain(`script-src ${hashSource(script)};`);
      expect(body.match(/https?:\/\/[^"]+/g)).toEqual(['https://cdn.example.com/logo.svg']);
      expect(body).not.toMatch(/\{time\}|undefined|\[object|\sstyle=|\son\w+=/);
    }
  });

  it('says what it is in its own words', async () => {
    const pages = await pagesIn(language);
    const { messages } = languages[language];
    const headings = Object.fromEntries(
      Object.entries(pages).map(([what, { body }]) => [what, /<h1>(.*)<\/h1>/.exec(body)?.[1]]),
    );

    expect(headings).toEqual({
      form: messages.formTitle,
      'form of a brand': messages.formTitle,
      'bad address': messages.formTitle,
      trap: messages.trapFilled,
      'unknown brand': messages.unknownBrand,
      'too large': messages.tooLarge,
      'failing form': messages.failure,
      confirm: messages.formTitle,
      recorded: messages.recordedTitle,
      'failing button': messages.failure,
      'bad link': messages.badLink,
      received: messages.recordedTitle,
      confirmed: messages.confirmedTitle,
      held: messages.recordedTitle,
      superseded: messages.supersededTitle,
    });
    expect(pages['bad address']?.body).toContain(messages.badAddress);
  });

  it('puts a blank between two sentences where the language does, and nowhere else', async () => {
    const { 'bad link': badLink } = await pagesIn(language);
    const { nothingChanged, formText } = languages[language].messages;
    const gap = ['ja', 'zh-Hans', 'zh-Hant'].includes(language) ? '' : ' ';

    expect(badLink?.body).toContain(`<p>${nothingChanged}${gap}${formText}</p>`);
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
