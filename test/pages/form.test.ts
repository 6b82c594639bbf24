import { describe, expect, it } from 'vitest';
import { AT, plus } from '../core/examples.ts';
import type { Visit } from './visitor.ts';
import { ADDRESS, EMAIL, site, tokenOf } from './visitor.ts';

const urlencoded = (fields: Readonly<Record<string, string>>): Visit => ({
  headers: { 'content-type': 'application/x-www-form-urlencoded' },
  body: new URLSearchParams(fields).toString(),
});
const json = (body: unknown): Visit => ({
  headers: { 'content-type': 'application/json; charset=utf-8' },
  body: JSON.stringify(body),
});
const multipart = (
  fields: Readonly<Record<string, string>>,
  type = 'multipart/form-data; boundary=abc',
  more = '',
): Visit => {
  const parts = Object.entries(fields).map(
    ([name, value]) => `--abc\r\nContent-Disposition: form-data; name="${name}"${more}\r\n\r\n${value}\r\n`,
  );
  return { headers: { 'content-type': type }, body: `${parts.join('')}--abc--\r\n` };
};

describe('GET /unsubscribe', () => {
  it.each(['GET', 'HEAD'])('shows the form by %s, and changes nothing', async (method) => {
    const { visit, queued, events } = site();

    const { status, body } = await visit(method, `/unsubscribe?email=${encodeURIComponent(ADDRESS)}&confirm=1`);

    expect(status).toBe(200);
    if (method === 'GET')
      expect(body).toMatch(
        /<form method="post" action="\/unsubscribe\?lang=en" novalidate>.*<input id="email" name="email".*name="website"/s,
      );
    expect([queued, events]).toEqual([[], []]);
  });

  it('keeps the brand it was asked for, when there is one', async () => {
    const { visit } = site();
    const shown = async (brand: string) => (await visit('GET', `/unsubscribe?brand=${encodeURIComponent(brand)}`)).body;

    expect(await shown('pets')).toContain('<input type="hidden" name="brand" value="pets">');
    for (const brand of ['cats', '"><script>', '']) expect(await shown(brand)).toBe(await shown('cats'));
    expect(await shown('cats')).not.toContain('name="brand"');
  });
});

describe('POST /unsubscribe', () => {
  it.each<[string, Visit]>([
    ['a form', urlencoded({ email: ADDRESS, website: '' })],
    ['an address as people write it', urlencoded({ email: `  ${ADDRESS.toUpperCase()} ` })],
    ['a multipart form', multipart({ email: ADDRESS, website: '' })],
    ['a quoted boundary', multipart({ email: ADDRESS }, 'multipart/form-data;charset=utf-8;Boundary="abc"')],
    ['unknown fields', urlencoded({ email: ADDRESS, utm: 'x', __proto__x: 'y', constructor: 'z' })],
  ])('sends a browser with %s to its receipt', async (_what, visit) => {
    const { visit: go, queued, ports } = site();

    const { status, headers, body, told } = await go('POST', '/unsubscribe', visit);

    expect([status, body, told]).toEqual([303, '', []]);
    expect(queued).toMatchObject([{ source: 'form', email: EMAIL, kind: 'opt_out', scope: 'all' }]);
    const receipt = await ports.sealer.unsealStatusToken(tokenOf(headers['location']));
    expect(receipt.id).toBe(queued[0]?.id);
  });

  it.each<[string, Visit]>([
    ['sends JSON', json({ email: ADDRESS, website: '', lang: 'de' })],
    [
      'wants JSON',
      { ...urlencoded({ email: ADDRESS }), headers: { ...urlencoded({}).headers, accept: 'application/json' } },
    ],
  ])('answers a script that %s with the URL of its receipt', async (_what, visit) => {
    const { visit: go, queued } = site();

    const { status, body, told } = await go('POST', '/unsubscribe', visit);

    expect([status, told]).toEqual([202, []]);
    expect(JSON.parse(body)).toEqual({
      receipt: expect.stringMatching(/^https:\/\/relay\.example\.com\/receipts\/[\w.-]+\?lang=(?:de|en)$/),
    });
    expect(queued).toMatchObject([{ email: EMAIL }]);
  });

  it.each<[string, Visit]>([
    ['a form', urlencoded({ email: ADDRESS, brand: 'pets' })],
    ['JSON', json({ email: ADDRESS, brand: 'pets' })],
  ])('opts out from the brand in %s', async (_what, visit) => {
    const { visit: go, queued } = site();
    await go('POST', '/unsubscribe', visit);

    expect(queued).toMatchObject([{ brand: 'pets' }]);
  });

  it.each<[string, Visit]>([
    ['a form', urlencoded({ email: ADDRESS, brand: '' })],
    ['JSON', json({ email: ADDRESS, brand: null })],
  ])('opts out from all when %s names no brand', async (_what, visit) => {
    const { visit: go, queued } = site();
    await go('POST', '/unsubscribe', visit);

    expect(queued).toHaveLength(1);
    expect(queued[0]).not.toHaveProperty('brand');
  });

  it.each<[string, number, Visit]>([
    ['a filled trap', 400, urlencoded({ email: ADDRESS, website: 'https://example.com' })],
    ['a filled trap in JSON', 400, json({ email: ADDRESS, website: ['x'] })],
    ['a brand nobody knows', 400, urlencoded({ email: ADDRESS, brand: 'cats' })],
    ['no address', 400, urlencoded({ name: 'Ada' })],
    ['an address that is none', 400, urlencoded({ email: `${ADDRESS}, grace@example.com` })],
    ['an address in another character set', 400, { ...urlencoded({}), body: 'email=j%F6rg@example.com' }],
    ['a list of addresses', 400, json({ email: [ADDRESS] })],
    ['a file for an address', 400, multipart({ email: ADDRESS }, undefined, '; filename="a.txt"')],
    [
      'a form that is cut short',
      400,
      { ...multipart({}), body: '--abc\r\ncontent-disposition: form-data; name="email"\r\n\r\nada' },
    ],
    ['a form without its boundary', 400, multipart({ email: ADDRESS }, 'multipart/form-data')],
    ['JSON that is none', 400, { ...json({}), body: `{"email":"${ADDRESS}"` }],
    ['JSON that is no object', 400, json([ADDRESS])],
    ['an empty body', 400, urlencoded({})],
    ['no type', 415, { body: `email=${ADDRESS}` }],
    ['a type nobody reads', 415, { headers: { 'content-type': 'text/plain' }, body: `email=${ADDRESS}` }],
    ['more than 16 KiB', 413, urlencoded({ email: ADDRESS, more: 'x'.repeat(16_384) })],
  ])('records nothing of %s, and says so', async (_what, status, visit) => {
    const { visit: go, queued, events } = site();

    const seen = await go('POST', '/unsubscribe', visit);

    expect([seen.status, seen.told]).toEqual([status, []]);
    const isJson = visit.headers?.['content-type']?.includes('json');
    expect(seen.body).toMatch(isJson ? /^\{"error":"[^"]/ : /Nothing was changed/);
    expect([queued, events]).toEqual([[], []]);
  });

  it('answers the same and in the same time for whoever it is, since it asks nobody who is known', async () => {
    const { visit, ledger, queued } = site({ find: () => Promise.reject(new Error('nobody may look')) });
    const answer = async () => {
      const { status, headers, body } = await visit('POST', '/unsubscribe', json({ email: ADDRESS }));
      return [status, Object.keys(headers), body.length];
    };
    const unknown = await answer();
    const [{ id = '', receivedAt = '' } = {}] = queued;
    ledger.set(id, { id, state: 'confirmed', receivedAt, claimedAt: receivedAt, attempts: 1 });

    expect(await answer()).toEqual(unknown);
  });

  it('records nothing when the queue fails', async () => {
    const { visit } = site({ enqueue: () => Promise.reject(new Error(`connect ${ADDRESS}`)) });

    const { status, headers, told } = await visit('POST', '/unsubscribe', urlencoded({ email: ADDRESS }));

    expect([status, told]).toEqual([503, []]);
    expect(headers).not.toHaveProperty('location');
  });
});

describe('POST /unsubscribe too often', () => {
  const asked = urlencoded({ email: ADDRESS, lang: 'de', brand: 'pets' });
  const asJson = json({ email: ADDRESS });

  it('is answered with when to come again, and nothing is queued', async () => {
    const { visit, queued, events } = site();
    for (let sent = 0; sent < 5; sent += 1) {
      expect(await visit('POST', '/unsubscribe', asked)).toMatchObject({ status: 303 });
    }

    const { status, headers, body, told } = await visit('POST', '/unsubscribe', { ...asked, at: plus(600) });

    expect([status, headers['retry-after'], told]).toEqual([429, '3000', []]);
    expect(headers).not.toHaveProperty('location');
    expect(body).toMatch(/<html lang="de".*<h1>Zu viele Anfragen.*<form method="post".*name="brand" value="pets"/s);
    expect(queued).toHaveLength(5);
    expect(events.slice(5)).toEqual([{ event: 'form.rate_limited' }]);
  });

  it('is answered in JSON to a script', async () => {
    const { visit, queued } = site({ limit: async () => 60 });

    const { status, headers, body } = await visit('POST', '/unsubscribe', asJson);

    expect([status, headers['retry-after'], JSON.parse(body)]).toEqual([
      429,
      '60',
      { error: 'too many requests; try again later' },
    ]);
    expect(queued).toEqual([]);
  });

  it('is possible again in the next hour, and all the time for another address', async () => {
    const { visit } = site({ limits: { perAddressAndHour: 1, perClientAndHour: 30 } });
    const send = async (email: string, at: Date) =>
      (await visit('POST', '/unsubscribe', { ...json({ email }), at })).status;

    expect(await send(ADDRESS, AT)).toBe(202);
    expect(await send(` ${ADDRESS.toUpperCase()}`, plus(3599))).toBe(429);
    expect(await send('bob@example.com', plus(3599))).toBe(202);
    expect(await send(ADDRESS, plus(3600))).toBe(202);
  });

  it('is no reason to keep a person from everything who was sent in for one brand', async () => {
    const { visit } = site({ limits: { perAddressAndHour: 1, perClientAndHour: 30 } });
    const send = async (brand: string) => (await visit('POST', '/unsubscribe', json({ email: ADDRESS, brand }))).status;

    expect([await send('pets'), await send('pets')]).toEqual([202, 429]);
    expect([await send('toys'), await send('')]).toEqual([202, 202]);
  });

  it('is so for a client with many addresses, and not for another client', async () => {
    const { visit } = site({ limits: { perAddressAndHour: 5, perClientAndHour: 2 } });
    const send = async (name: string, client: string) =>
      (await visit('POST', '/unsubscribe', { ...json({ email: `${name}@example.com` }), client })).status;

    expect([await send('a', '2001:db8::1'), await send('b', '2001:db8::2')]).toEqual([202, 202]);
    expect([await send('c', '2001:db8::3'), await send('c', '192.0.2.9')]).toEqual([429, 202]);
    for (const name of ['d', 'e', 'f']) expect(await send(name, '127.0.0.1')).toBe(202);
  });

  it('is answered the same for whoever it is, known or not', async () => {
    const { visit, ledger, queued } = site({ limits: { perAddressAndHour: 1, perClientAndHour: false } });
    await visit('POST', '/unsubscribe', asJson);
    const unknown = await visit('POST', '/unsubscribe', asJson);
    const [{ id = '', receivedAt = '' } = {}] = queued;
    ledger.set(id, { id, state: 'confirmed', receivedAt, claimedAt: receivedAt, attempts: 1 });

    expect(unknown.status).toBe(429);
    expect(await visit('POST', '/unsubscribe', asJson)).toEqual(unknown);
  });

  it.each<[string, Visit]>([
    ['a filled trap', urlencoded({ email: ADDRESS, website: 'x' })],
    ['an address that is none', urlencoded({ email: 'nobody' })],
    ['a brand nobody knows', urlencoded({ email: ADDRESS, brand: 'cats' })],
    ['a form that cannot be read', { ...json({}), body: '{' }],
  ])('does not count %s', async (_what, wrong) => {
    const { visit, counts } = site();

    expect((await visit('POST', '/unsubscribe', wrong)).status).toBe(400);
    expect(counts.size).toBe(0);
  });

  it('is no matter of links, be it the page’s button or one-click', async () => {
    const { visit, ports, queued, counts } = site({ limits: { perAddressAndHour: 1, perClientAndHour: 1 } });
    const link = `/u/${await ports.sealer.sealLink({ email: EMAIL })}`;
    await visit('POST', '/unsubscribe', asJson);

    for (const body of ['confirm=1', 'List-Unsubscribe=One-Click', 'List-Unsubscribe=One-Click']) {
      expect((await visit('POST', link, { body })).status).toBe(200);
    }
    expect([queued.length, counts.size]).toEqual([4, 2]);
  });
});

it('answers OPTIONS with nothing', async () => {
  expect(await site().visit('OPTIONS', '/unsubscribe')).toMatchObject({ status: 204, body: '' });
});

describe('the form', () => {
  it('can be read, filled in and sent by everyone', async () => {
    const { body } = await site().visit('GET', '/unsubscribe');

    expect(body.match(/<h1>/g)).toHaveLength(1);
    expect(body).toContain('<label for="email">Email address</label>');
    expect(body).toMatch(/<input id="email" name="email" type="email" [^>]*autocomplete="email"[^>]* required>/);
    expect(body).toContain('<button>Unsubscribe</button>');
    expect(body).toMatch(/<div class="trap" aria-hidden="true">.*tabindex="-1" autocomplete="off"/);
    expect(body).not.toMatch(/<script|aria-invalid=|autofocus/);
  });

  it('is shown under the brand, in the language, and offers the others', async () => {
    const { body } = await site().visit('GET', '/unsubscribe?brand=pets&lang=ar');

    expect(body).toContain('<html lang="ar" dir="rtl">');
    expect(body).toContain('<header>Example Pets</header>');
    expect(body).toContain('<a href="?lang=en&amp;brand=pets" lang="en" hreflang="en">English</a>');
  });

  it.each<[string, string, Visit, string]>([
    ['its address', '?lang=de', urlencoded({ email: ADDRESS, lang: 'fr' }), 'de'],
    ['its field', '', urlencoded({ email: ADDRESS, lang: 'fr' }), 'fr'],
    ['its field as JSON', '', json({ email: ADDRESS, lang: 'fr' }), 'fr'],
    ['the browser', '', { ...urlencoded({ email: ADDRESS, lang: 'x' }) }, 'ja'],
  ])('gives its receipt the language of %s', async (_what, query, asked, language) => {
    const headers = { ...asked.headers, 'accept-language': 'ja' };
    const { headers: told, body } = await site().visit('POST', `/unsubscribe${query}`, { ...asked, headers });

    expect(told['location'] ?? JSON.parse(body).receipt).toMatch(new RegExp(`\\?lang=${language}$`));
  });

  it('is shown again, with its error, for an address that is none: without the address', async () => {
    const wrong = urlencoded({ email: 'shibboleth@', lang: 'de', brand: 'pets' });

    const { status, body } = await site().visit('POST', '/unsubscribe', wrong);

    expect(status).toBe(400);
    expect(body).toContain('<html lang="de"');
    expect(body).toMatch(/aria-invalid="true" aria-describedby="email-error" autofocus/);
    expect(body).toContain('<input type="hidden" name="brand" value="pets">');
    expect(body).not.toContain('shibboleth');
  });
});
