import { describe, expect, it } from 'vitest';
import { AT, plus } from '../core/examples.ts';
import type { Visit } from './visitor.ts';
import { ADDRESS, EMAIL, fullCounter, site, tokenOf } from './visitor.ts';

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
const latin1 = (text: string): Visit => ({ ...urlencoded({}), body: Buffer.from(text, 'latin1') });

describe('GET /unsubscribe', () => {
  it.each(['GET', 'HEAD'])('shows the form for %s, and changes nothing', async (method) => {
    const { visit, queued, events } = site();

    const { status, body } = await visit(method, `/unsubscribe?email=${encodeURIComponent(ADDRESS)}&confirm=1`);

    expect(status).toBe(200);
    if (method === 'GET')
      expect(body).toMatch(
        /<form method="post" action="\/unsubscribe\?lang=en" novalidate>.*<input id="email" name="email".*name="website"/s,
      );
    expect([queued, events]).toEqual([[], []]);
  });

  it('keeps the brand of the query if it is configured', async () => {
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
    ['an address with spaces and capitals', urlencoded({ email: `  ${ADDRESS.toUpperCase()} ` })],
    ['a multipart form', multipart({ email: ADDRESS, website: '' })],
    ['a zero-width space before the address', urlencoded({ email: `\u200b${ADDRESS}` })],
    ['a name in another character set', latin1(`email=${encodeURIComponent(ADDRESS)}&name=Jos%E9`)],
    ['a name in bytes of another character set', latin1(`email=${encodeURIComponent(ADDRESS)}&name=Jos\xe9`)],
    ['a quoted boundary', multipart({ email: ADDRESS }, 'multipart/form-data;charset=utf-8;Boundary="abc"')],
    ['unknown fields', urlencoded({ email: ADDRESS, utm: 'x', __proto__x: 'y', constructor: 'z' })],
  ])('redirects a browser that sends %s to its receipt', async (_what, visit) => {
    const { visit: go, queued, ports } = site();

    const { status, headers, body, leaks } = await go('POST', '/unsubscribe', visit);

    expect([status, body, leaks]).toEqual([303, '', []]);
    expect(queued).toMatchObject([{ source: 'form', email: EMAIL, kind: 'opt_out', scope: 'all' }]);
    const receipt = await ports.sealer.unsealStatusToken(tokenOf(headers['location']));
    expect(receipt.id).toBe(queued[0]?.id);
  });

  it.each<[string, Visit]>([
    ['sends JSON', json({ email: ADDRESS, website: '', lang: 'de' })],
    [
      'accepts JSON',
      { ...urlencoded({ email: ADDRESS }), headers: { ...urlencoded({}).headers, accept: 'application/json' } },
    ],
  ])('returns the URL of the receipt to a script that %s', async (_what, visit) => {
    const { visit: go, queued } = site();

    const { status, body, leaks } = await go('POST', '/unsubscribe', visit);

    expect([status, leaks]).toEqual([202, []]);
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
  ])('opts out from all brands if %s does not name one', async (_what, visit) => {
    const { visit: go, queued } = site();
    await go('POST', '/unsubscribe', visit);

    expect(queued).toHaveLength(1);
    expect(queued[0]).not.toHaveProperty('brand');
  });

  it.each<[string, number, Visit]>([
    ['a filled honeypot', 400, urlencoded({ email: ADDRESS, website: 'https://example.com' })],
    ['a filled honeypot in JSON', 400, json({ email: ADDRESS, website: ['x'] })],
    ['an unknown brand', 400, urlencoded({ email: ADDRESS, brand: 'cats' })],
    ['no address', 400, urlencoded({ name: 'Ada' })],
    ['an invalid address', 400, urlencoded({ email: 'ada@example' })],
    ['two addresses', 400, json({ email: `${ADDRESS}, grace@example.com` })],
    ['an address in another character set', 400, latin1('email=j%F6rg@example.com')],
    ['an address in bytes of another character set', 400, latin1('email=j\xf6rg@example.com')],
    ['the Kelvin sign in the address', 400, urlencoded({ email: '\u212aay@example.com' })],
    ['a list of addresses', 400, json({ email: [ADDRESS] })],
    ['a file instead of an address', 400, multipart({ email: ADDRESS }, undefined, '; filename="a.txt"')],
    [
      'a truncated form',
      400,
      { ...multipart({}), body: '--abc\r\ncontent-disposition: form-data; name="email"\r\n\r\nada' },
    ],
    ['a form without its boundary', 400, multipart({ email: ADDRESS }, 'multipart/form-data')],
    ['invalid JSON', 400, { ...json({}), body: `{"email":"${ADDRESS}"` }],
    ['JSON other than an object', 400, json([ADDRESS])],
    ['an empty body', 400, urlencoded({})],
    ['no content type', 415, { body: `email=${ADDRESS}` }],
    ['an unsupported content type', 415, { headers: { 'content-type': 'text/plain' }, body: `email=${ADDRESS}` }],
    ['more than 16 KiB', 413, urlencoded({ email: ADDRESS, more: 'x'.repeat(16_384) })],
  ])('rejects %s with %i, and records nothing', async (_what, status, visit) => {
    const { visit: go, queued, events } = site();

    const result = await go('POST', '/unsubscribe', visit);

    expect([result.status, result.leaks]).toEqual([status, []]);
    const isJson = visit.headers?.['content-type']?.includes('json');
    expect(result.body).toMatch(isJson ? /^\{"error":"[^"]/ : /Nothing was changed/);
    expect([queued, events]).toEqual([[], []]);
  });

  it('gives the same response for known and unknown addresses, without reading the ledger', async () => {
    const { visit, ledger, queued } = site({ find: () => Promise.reject(new Error('unexpected read')) });
    const respond = async () => {
      const { status, headers, body } = await visit('POST', '/unsubscribe', json({ email: ADDRESS }));
      return [status, Object.keys(headers), body.length];
    };
    const unknown = await respond();
    const [{ id = '', receivedAt = '' } = {}] = queued;
    ledger.set(id, { id, state: 'confirmed', receivedAt, claimedAt: receivedAt, attempts: 1 });

    expect(await respond()).toEqual(unknown);
  });

  it('records and counts nothing when the queue fails', async () => {
    const { visit, counts } = site({ enqueue: () => Promise.reject(new Error(`connect ${ADDRESS}`)) });

    const { status, headers, leaks } = await visit('POST', '/unsubscribe', urlencoded({ email: ADDRESS }));

    expect([status, leaks, [...counts.values()]]).toEqual([503, [], [0, 0]]);
    expect(headers).not.toHaveProperty('location');
  });
});

describe('the rate limit of POST /unsubscribe', () => {
  const form = urlencoded({ email: ADDRESS, lang: 'de', brand: 'pets' });
  const asJson = json({ email: ADDRESS });

  it('responds with 429 and Retry-After, and queues nothing', async () => {
    const { visit, queued, events } = site();
    for (let sent = 0; sent < 5; sent += 1) {
      expect(await visit('POST', '/unsubscribe', form)).toMatchObject({ status: 303 });
    }

    const { status, headers, body, leaks } = await visit('POST', '/unsubscribe', { ...form, at: plus(600) });

    expect([status, headers['retry-after'], leaks]).toEqual([429, '3000', []]);
    expect(headers).not.toHaveProperty('location');
    expect(body).toMatch(
      /<html lang="de".*<header>Example Pets<.*<h1>Ihre Abmeldung ist bereits erfasst<.*in 50 Minuten/s,
    );
    expect(queued).toHaveLength(5);
    expect(events.slice(5)).toEqual([{ event: 'form.rate_limited' }]);
  });

  it('responds to a script in JSON', async () => {
    for (const [kind, error, code] of [
      ['client', 'too many requests; try again later', 'tooMany'],
      ['address', 'this request is already recorded', 'alreadyRecorded'],
    ] as const) {
      const { visit, queued } = site({ counters: fullCounter(kind, 60) });

      const { status, headers, body } = await visit('POST', '/unsubscribe', asJson);

      expect([status, headers['retry-after'], JSON.parse(body)]).toEqual([429, '60', { error, code }]);
      expect(queued).toEqual([]);
    }
  });

  it('says that a request is recorded only if an earlier one is', async () => {
    const enqueued: unknown[] = [];
    let isFailing = true;
    const { visit } = site({
      enqueue: async (commands) => {
        if (isFailing) throw new Error('no queue');
        enqueued.push(...commands);
      },
    });
    const send = async () => (await visit('POST', '/unsubscribe', asJson)).status;
    for (let sent = 0; sent < 10; sent += 1) expect(await send()).toBe(503);

    isFailing = false;

    for (let sent = 0; sent < 5; sent += 1) expect(await send()).toBe(202);
    expect([await send(), enqueued.length]).toEqual([429, 5]);
  });

  it('of the network keeps the form and its brand', async () => {
    const { visit } = site({ counters: fullCounter('client', 1_200) });

    const { status, body, leaks } = await visit('POST', '/unsubscribe', form);

    expect([status, leaks]).toEqual([429, []]);
    expect(body).toMatch(/<h1>Zu viele Anfragen<.*in 20 Minuten.*<form method="post".*name="brand" value="pets"/s);
  });

  it('applies to an address for the current hour', async () => {
    const { visit } = site({ limits: { perAddressAndHour: 1, perClientAndHour: 30 } });
    const send = async (email: string, at: Date) =>
      (await visit('POST', '/unsubscribe', { ...json({ email }), at })).status;

    expect(await send(ADDRESS, AT)).toBe(202);
    expect(await send(` ${ADDRESS.toUpperCase()}`, plus(3599))).toBe(429);
    expect(await send('bob@example.com', plus(3599))).toBe(202);
    expect(await send(ADDRESS, plus(3600))).toBe(202);
  });

  it('counts the brands of an address separately', async () => {
    const { visit } = site({ limits: { perAddressAndHour: 1, perClientAndHour: 30 } });
    const send = async (brand: string) => (await visit('POST', '/unsubscribe', json({ email: ADDRESS, brand }))).status;

    expect([await send('pets'), await send('pets')]).toEqual([202, 429]);
    expect([await send('toys'), await send('')]).toEqual([202, 202]);
  });

  it('applies to a client across addresses', async () => {
    const { visit } = site({ limits: { perAddressAndHour: 5, perClientAndHour: 2 } });
    const send = async (name: string, client: string) =>
      (await visit('POST', '/unsubscribe', { ...json({ email: `${name}@example.com` }), client })).status;

    expect([await send('a', '2001:db8::1'), await send('b', '2001:db8::2')]).toEqual([202, 202]);
    expect([await send('c', '2001:db8::3'), await send('c', '192.0.2.9')]).toEqual([429, 202]);
    for (const name of ['d', 'e', 'f']) expect(await send(name, '127.0.0.1')).toBe(202);
  });

  it('gives the same response for known and unknown addresses', async () => {
    const { visit, ledger, queued } = site({ limits: { perAddressAndHour: 1, perClientAndHour: false } });
    await visit('POST', '/unsubscribe', asJson);
    const unknown = await visit('POST', '/unsubscribe', asJson);
    const [{ id = '', receivedAt = '' } = {}] = queued;
    ledger.set(id, { id, state: 'confirmed', receivedAt, claimedAt: receivedAt, attempts: 1 });

    expect(unknown.status).toBe(429);
    expect(await visit('POST', '/unsubscribe', asJson)).toEqual(unknown);
  });

  it.each<[string, Visit]>([
    ['a filled honeypot', urlencoded({ email: ADDRESS, website: 'x' })],
    ['an invalid address', urlencoded({ email: 'nobody' })],
    ['an unknown brand', urlencoded({ email: ADDRESS, brand: 'cats' })],
    ['an unreadable form', { ...json({}), body: '{' }],
  ])('does not count %s', async (_what, invalid) => {
    const { visit, counts } = site();

    expect((await visit('POST', '/unsubscribe', invalid)).status).toBe(400);
    expect(counts.size).toBe(0);
  });

  it('does not apply to the page’s button or to one-click', async () => {
    const { visit, ports, queued, counts } = site({ limits: { perAddressAndHour: 1, perClientAndHour: 1 } });
    const link = `/u/${await ports.sealer.sealLink({ email: EMAIL })}`;
    await visit('POST', '/unsubscribe', asJson);

    for (const body of ['confirm=1', 'List-Unsubscribe=One-Click', 'List-Unsubscribe=One-Click']) {
      expect((await visit('POST', link, { body })).status).toBe(200);
    }
    expect([queued.length, counts.size]).toEqual([4, 2]);
  });
});

it('responds to OPTIONS with 204', async () => {
  expect(await site().visit('OPTIONS', '/unsubscribe')).toMatchObject({ status: 204, body: '' });
});

describe('the form', () => {
  it('has a heading, labels, autocompletion and a hidden honeypot', async () => {
    const { body } = await site().visit('GET', '/unsubscribe');

    expect(body.match(/<h1>/g)).toHaveLength(1);
    expect(body).toContain('<label for="email">Email address</label>');
    expect(body).toMatch(/<input id="email" name="email" type="email" [^>]*autocomplete="email"[^>]* required>/);
    expect(body).toContain('<button>Unsubscribe</button>');
    expect(body).toMatch(/<div class="trap" aria-hidden="true">.*tabindex="-1" autocomplete="off"/);
    expect(body).not.toMatch(/<script|aria-invalid=|autofocus/);
  });

  it('uses the theme of the brand and the language of the query, and lists the other languages', async () => {
    const { body } = await site().visit('GET', '/unsubscribe?brand=pets&lang=ar');

    expect(body).toContain('<html lang="ar" dir="rtl">');
    expect(body).toContain('<header>Example Pets</header>');
    expect(body).toContain('<a href="?lang=en&amp;brand=pets" lang="en" hreflang="en">English</a>');
  });

  it.each<[string, string, Visit, string]>([
    ['the query', '?lang=de', urlencoded({ email: ADDRESS, lang: 'fr' }), 'de'],
    ['the form field', '', urlencoded({ email: ADDRESS, lang: 'fr' }), 'fr'],
    ['the JSON field', '', json({ email: ADDRESS, lang: 'fr' }), 'fr'],
    ['the browser', '', { ...urlencoded({ email: ADDRESS, lang: 'x' }) }, 'ja'],
  ])('gives the receipt the language of %s', async (_what, query, form, language) => {
    const headers = { ...form.headers, 'accept-language': 'ja' };
    const response = await site().visit('POST', `/unsubscribe${query}`, { ...form, headers });

    const receipt = response.headers['location'] ?? JSON.parse(response.body).receipt;
    expect(receipt).toMatch(new RegExp(`\\?lang=${language}$`));
  });

  it('is shown again for an invalid address, with the error, the language, the brand and the address', async () => {
    const invalid = urlencoded({ email: 'shibboleth@', lang: 'de', brand: 'pets' });

    const { status, body } = await site().visit('POST', '/unsubscribe', invalid);

    expect(status).toBe(400);
    expect(body).toContain('<html lang="de"');
    expect(body).toMatch(/aria-invalid="true" aria-describedby="email-error" autofocus/);
    expect(body).toContain('<input type="hidden" name="brand" value="pets">');
    expect(body).toContain(' value="shibboleth@"');
  });
});
