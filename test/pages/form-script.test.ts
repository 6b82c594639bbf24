import { describe, expect, it } from 'vitest';
import { LANGUAGES } from '../../functions/pages/wording.ts';
import { site } from './visitor.ts';

const PATH = '/unsubscribe-form.js';
const { visit } = site();

describe('GET /unsubscribe-form.js', () => {
  it('is a script of at most 5 KB that other sites may load, without dependencies and markup', async () => {
    const { status, headers, body } = await visit('GET', PATH);

    expect(status).toBe(200);
    expect(headers).toMatchObject({
      'content-type': 'text/javascript; charset=utf-8',
      'cross-origin-resource-policy': 'cross-origin',
      'x-content-type-options': 'nosniff',
    });
    expect(() => new Function(body)).not.toThrow();
    expect(body).not.toMatch(/\b(?:import|require|innerHTML|eval|https?:|removeChild)\b|TEXTS|LANGUAGE/);
    expect(Buffer.byteLength(body)).toBeLessThanOrEqual(5 * 1024);
  });

  it.each(LANGUAGES)('stays below 8 KB in %s, with the texts of the pages', async (language) => {
    const { body } = await visit('GET', `${PATH}?lang=${language}`);

    expect(() => new Function(body)).not.toThrow();
    expect(body).toContain(`const language = '${language}';`);
    expect(Buffer.byteLength(body)).toBeLessThan(8 * 1024);
  });

  it('is in the language of the query or the default language, not of the browser', async () => {
    const common = { defaultLanguage: 'nl', texts: { de: { recordedTitle: 'Erledigt: $& TEXTS' } } } as const;
    const themed = site({ themes: { common, brands: { pets: { texts: { de: { recordedTitle: 'Wuff' } } } } } });
    const script = async (query: string) =>
      (await themed.visit('GET', PATH + query, { headers: { 'accept-language': 'fr' } })).body;

    expect(await script('')).toContain('Uw verzoek is geregistreerd');
    expect(await script('?lang=de')).toContain('"received":["Erledigt: $& TEXTS"]');
    expect(await script('?lang=de&brand=pets')).toContain('"received":["Wuff"]');
    expect(await script('?lang=de&brand=cats')).toBe(await script('?lang=de'));
  });

  it('is cached for an hour, and then sent again only if its content has changed', async () => {
    const { headers, body } = await visit('GET', PATH);
    const { etag = '' } = headers;
    const again = (tag: string) => visit('GET', PATH, { headers: { 'if-none-match': tag } });

    expect([headers['cache-control'], etag]).toEqual(['public, max-age=3600', expect.stringMatching(/^"[\w-]{43}"$/)]);
    for (const tag of [etag, `W/${etag}`, `"x", ${etag}`]) {
      expect(await again(tag)).toMatchObject({
        status: 304,
        body: '',
        headers: { etag, 'cache-control': 'public, max-age=3600' },
      });
    }
    expect(await again('"x"')).toMatchObject({ status: 200, body });
    expect((await visit('GET', `${PATH}?lang=de`)).headers['etag']).not.toBe(etag);
  });

  it('has no body for HEAD', async () => {
    expect(await visit('HEAD', PATH)).toMatchObject({ status: 200, body: '' });
  });
});
