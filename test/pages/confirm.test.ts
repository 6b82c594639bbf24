import { beforeEach, describe, expect, it } from 'vitest';
import { Unavailable } from '../../functions/core/model/errors.ts';
import { RECEIPT_SCRIPT } from '../../functions/pages/receipt-script.ts';
import { AT, plus } from '../core/examples.ts';
import type { Visit } from './visitor.ts';
import { EMAIL, sealing, site, tokenOf } from './visitor.ts';

const ONE_CLICK = 'List-Unsubscribe=One-Click';
const FORM = 'application/x-www-form-urlencoded';
const post = (type: string, body: Visit['body'] = ''): Visit => ({ headers: { 'content-type': type }, body });
const multipart = (type: string, boundary: string) =>
  post(
    type,
    `--${boundary}\r\ncontent-disposition: form-data; name="List-Unsubscribe"\r\n\r\nOne-Click\r\n--${boundary}--\r\n`,
  );

let path: string;
beforeEach(async () => {
  path = `/u/${await sealing().sealLink({ email: EMAIL })}`;
});

describe.each(['GET', 'HEAD'])('%s /u/{token}', (method) => {
  it.each<[string, Visit]>([
    ['a person', {}],
    ['a link scanner', { headers: { 'user-agent': 'SafeLinks', purpose: 'prefetch' } }],
    ['a client that sends a body', post(FORM, ONE_CLICK)],
    ['a client that sends the body of the button', post(FORM, 'confirm=1')],
  ])('changes nothing for %s, and counts the visit', async (_who, visit) => {
    const { visit: go, queued, events } = site();

    for (let times = 0; times < 3; times += 1)
      expect(await go(method, path, visit)).toMatchObject({ status: 200, leaks: [] });
    expect([queued, events]).toEqual([[], Array(3).fill({ event: 'link.opened' })]);
  });
});

it('shows the masked address, and nothing else of it', async () => {
  const { body, leaks } = await site().visit('GET', path);

  expect(body).toContain('stop sending marketing emails to <bdi dir="ltr">a•••@example.com</bdi>.</p>');
  expect(leaks).toEqual([]);
});

it('shows one button, which posts to the same URL', async () => {
  const { body } = await site().visit('GET', path);

  expect(body.match(/<form.*<\/form>/s)?.[0]).toBe(
    '<form method="post" action="?lang=en"><button name="confirm" value="1">Unsubscribe</button></form>',
  );
});

describe('POST /u/{token}', () => {
  it.each<[string, Visit]>([
    ['the bytes of RFC 8058', post(FORM, ONE_CLICK)],
    ['a form with its character set', post(`${FORM}; charset=utf-8`, ONE_CLICK)],
    ['a multipart form', multipart('multipart/form-data; boundary=abc', 'abc')],
    ['a quoted boundary', multipart('multipart/form-data; boundary="a b;c"', 'a b;c')],
    [
      'a boundary of special characters',
      multipart("multipart/form-data;boundary=--_=='()+_,./:=?", "--_=='()+_,./:=?"),
    ],
    ['a multipart form without its boundary', multipart('multipart/form-data', 'abc')],
    ['a truncated multipart form', post('multipart/form-data; boundary=abc', '--abc\r\ncontent-dis')],
    ['an empty body', {}],
    ['an empty form', post(FORM)],
    ['another case', post(FORM, ONE_CLICK.toLowerCase())],
    ['more than one field', post(FORM, `${ONE_CLICK}&confirm=1`)],
    ['junk', post(FORM, Uint8Array.of(0xff, 0, 0xfe))],
    ['JSON', post('application/json', '{"List-Unsubscribe":"One-Click"}')],
    ['an unknown content type', post('application/x-thing', ONE_CLICK)],
    ['no content type', { body: ONE_CLICK }],
    ['cookies and a password', { ...post(FORM, ONE_CLICK), headers: { cookie: 'a=b', authorization: 'Basic YTpi' } }],
  ])('opts out with %s, and answers 200 without a cookie, login or redirect', async (_what, visit) => {
    const { visit: go, queued } = site();

    const { status, headers, leaks } = await go('POST', path, visit);

    expect([status, leaks]).toEqual([200, []]);
    expect(Object.keys(headers)).not.toEqual(
      expect.arrayContaining([expect.stringMatching(/cookie|authenticate|^location/)]),
    );
    expect(queued).toMatchObject([{ source: 'one-click', email: EMAIL, kind: 'opt_out', scope: 'all' }]);
  });

  it('distinguishes the button of the page from one-click', async () => {
    const { visit, queued, events } = site();

    const { status, body } = await visit('POST', path, post(FORM, 'confirm=1'));

    expect(status).toBe(200);
    expect(body).toContain('<h1>Your request is recorded</h1>');
    expect(queued).toMatchObject([{ source: 'page' }]);
    expect(events).toEqual([{ event: 'optout.accepted', source: 'page', optOuts: queued }]);
  });

  it.each([
    ['a page', {}, /<a href="(\/receipts\/[^"]+\?lang=en)">/],
    [
      'JSON',
      { accept: 'application/json' },
      /^\{"receipt":"https:\/\/relay\.example\.com(\/receipts\/[^"]+\?lang=en)"\}$/,
    ],
  ])('returns the receipt as %s and in the Content-Location header', async (_what, headers, receipt) => {
    const { visit, queued, ports } = site();

    const response = await visit('POST', path, { headers });

    const [, receiptPath = ''] = receipt.exec(response.body) ?? [];
    expect(response.headers['content-location']).toBe(receiptPath);
    const [optOut] = queued;
    expect(await ports.sealer.unsealStatusToken(tokenOf(receiptPath))).toEqual({
      id: optOut?.id,
      receivedAt: AT.toISOString(),
    });
    expect(response.leaks).toEqual([]);
  });

  it('is a new opt-out each time, even in the same second', async () => {
    const { visit, queued } = site();
    for (const at of [AT, AT, plus(61)]) await visit('POST', path, { at });

    expect(new Set(queued.map(({ id }) => id)).size).toBe(3);
  });

  it('opts out from all brands if the brand of the link was removed', async () => {
    const { visit, queued } = site();

    const response = await visit('POST', `/u/${await sealing().sealLink({ email: EMAIL, brand: 'removed' })}`);

    expect(response.status).toBe(200);
    expect(queued).toMatchObject([{ email: EMAIL, scope: 'all' }]);
    expect(queued[0]).not.toHaveProperty('brand');
  });

  it('opts out from the brand of the link', async () => {
    const { visit, queued } = site();
    await visit('POST', `/u/${await sealing().sealLink({ email: EMAIL, brand: 'pets' })}`);

    expect(queued).toMatchObject([{ brand: 'pets' }]);
  });

  it('accepts a body of 16 KiB, and rejects a larger one', async () => {
    const { visit, queued } = site();

    expect(await visit('POST', path, { body: 'x'.repeat(16_384) })).toMatchObject({ status: 200 });
    expect(await visit('POST', path, { body: 'x'.repeat(16_385) })).toMatchObject({ status: 413 });
    expect(queued).toHaveLength(1);
  });

  it.each([new Unavailable('the queue did not take it, try again'), new Error(`connect ${EMAIL}`)])(
    'shows a failure when the queue fails with %o',
    async (failure) => {
      const { visit, events } = site({ enqueue: () => Promise.reject(failure) });

      const { status, body, headers, leaks } = await visit('POST', path);

      expect([status, leaks]).toEqual([503, []]);
      expect(body).toContain('Something went wrong on our side');
      expect(body).not.toMatch(/recorded|Nothing was changed/);
      expect(headers).not.toHaveProperty('content-location');
      expect(JSON.stringify(events)).not.toMatch(/accepted|@/);
    },
  );
});

describe.each(['GET', 'HEAD', 'POST'])('%s of an invalid link', (method) => {
  const link = { email: EMAIL };

  it.each<[string, () => Promise<string> | string]>([
    ['a text that is not a token', () => 'x'],
    ['dots', () => '....'],
    ['an unencrypted token', () => `${Buffer.from('{"alg":"none","kid":"k"}').toString('base64url')}....`],
    ['a very long token', () => 'a'.repeat(5_000)],
    ['a truncated token', async () => (await sealing().sealLink(link)).slice(0, -1)],
    [
      'a modified token',
      async () => (await sealing().sealLink(link)).replace(/.(?=.{30}$)/, (it) => (it === 'A' ? 'B' : 'A')),
    ],
    ['a token sealed with another key', () => sealing(8).sealLink(link)],
    ['an expired token', () => sealing().sealLink({ ...link, expiresAt: plus(-1) })],
    ['the token of a receipt', () => sealing().sealStatusToken({ id: 'i', receivedAt: AT.toISOString() })],
  ])('changes nothing with %s, and answers 400', async (_what, token) => {
    const { visit, queued, events } = site();

    const { status, leaks } = await visit(method, `/u/${await token()}`, { body: ONE_CLICK });

    expect([status, leaks]).toEqual([400, []]);
    expect([queued, events]).toEqual([[], []]);
  });
});

describe('the language of a link', () => {
  const french = { headers: { 'accept-language': 'fr' } };
  const german = async () => `/u/${await sealing().sealLink({ email: EMAIL, lang: 'de-AT' })}`;

  it('overrides the query and the browser, and hides the list of languages', async () => {
    const { body, headers } = await site().visit('GET', `${await german()}?lang=es`, french);

    expect(body).toContain('<html lang="de" dir="ltr">');
    expect(body).toMatch(/<form method="post" action="\?lang=de"><button name="confirm" value="1">Abmelden</);
    expect(body).not.toContain('hreflang');
    expect(headers['content-language']).toBe('de');
  });

  it('is the reader’s choice if the link has none', async () => {
    const { visit } = site();

    expect((await visit('GET', path, french)).body).toContain('<html lang="fr"');
    expect((await visit('GET', `${path}?lang=es`, french)).body).toContain('<html lang="es"');
    expect((await visit('GET', path, french)).body).toContain('<a href="?lang=ar" lang="ar" hreflang="ar">');
  });

  it('is kept on the receipt', async () => {
    const { visit } = site();

    const { body, headers } = await visit('POST', await german(), { ...post(FORM, 'confirm=1'), ...french });

    expect(body).toContain('<h1>Ihre Abmeldung ist erfasst</h1>');
    expect(headers['content-location']).toMatch(/\?lang=de$/);
    expect((await visit('GET', headers['content-location'] ?? '', french)).body).toContain('<html lang="de"');
  });

  it('is kept on the error page', async () => {
    const { visit } = site({ enqueue: () => Promise.reject(new Error('no queue')) });

    const { body } = await visit('POST', `${await german()}?lang=de`, { ...post(FORM, 'confirm=1'), ...french });

    expect(body).toContain('<html lang="de"');
  });
});

it('answers the button with the receipt page, whose script updates it in place', async () => {
  const { body, headers } = await site().visit('POST', path, post(FORM, 'confirm=1'));

  expect(body).toContain('<div role="status" tabindex="-1" data-state="received">');
  expect(body).toContain(`<a href="${headers['content-location']}">Reload this page</a>`);
  expect(body).toContain(`<script>${RECEIPT_SCRIPT}</script>`);
});

it('uses the theme of the link’s brand, or the common theme if the brand was removed', async () => {
  const { visit } = site();
  const themed = async (brand: string) =>
    (await visit('GET', `/u/${await sealing().sealLink({ email: EMAIL, brand })}`)).body;

  expect(await themed('pets')).toMatch(/--button:#7a3e00.*<header>Example Pets</s);
  expect(await themed('removed')).toContain('<header>Example Shop</header>');
});

it('names the host of PUBLIC_URL if no name is configured', async () => {
  const { body } = await site({ themes: { common: {}, brands: {} } }).visit('GET', path);

  expect(body).toContain('<title>Unsubscribe from marketing emails – relay.example.com</title>');
  expect(body).toContain('<header>relay.example.com</header>');
});
