import { describe, expect, it } from 'vitest';
import type { Progress } from '../../functions/core/ledger/ledger.ts';
import type { State } from '../../functions/core/model/state.ts';
import { RECEIPT_SCRIPT } from '../../functions/pages/receipt-script.ts';
import { hashSource } from '../../functions/pages/style.ts';
import { AT, plus } from '../core/examples.ts';
import { EMAIL, sealing, site } from './visitor.ts';

const AS_JSON = { headers: { accept: 'application/json' } };
const receipt = { id: 'i', receivedAt: AT.toISOString() };
const pathOf = async () => `/receipts/${await sealing().sealStatusToken(receipt)}`;
const entry = (state: State, change: Partial<Progress> = {}): Progress => ({
  ...receipt,
  state,
  claimedAt: plus(1).toISOString(),
  ...(state === 'open' ? {} : { closedAt: plus(90.123).toISOString() }),
  attempts: 1,
  ...change,
});

describe('GET /receipts/{receipt}', () => {
  it.each<[string, Progress | undefined, string, string]>([
    ['that is not in the ledger', undefined, 'received', 'Your request is recorded'],
    ['that is open', entry('open'), 'received', 'Your request is recorded'],
    ['that is confirmed', entry('confirmed'), 'confirmed', 'You are unsubscribed'],
    ['that is rejected', entry('rejected'), 'received', 'Your request is recorded'],
    ['that is held', entry('held'), 'received', 'Your request is recorded'],
    ['that is superseded', entry('superseded'), 'superseded', 'Your request was not carried out'],
  ])('shows the state and the times of an opt-out %s', async (_what, stored, state, title) => {
    const { visit, ledger } = site();
    if (stored) ledger.set(stored.id, stored);

    const page = await visit('GET', await pathOf());
    const json = await visit('GET', await pathOf(), AS_JSON);

    expect(page).toMatchObject({ status: 200, leaks: [] });
    expect(page.body).toContain(`<h1>${title}</h1>`);
    expect(page.body).toMatch(
      /Recorded: <time datetime="2026-11-02T10:00:00Z">November 2, 2026 at 10:00\sAM UTC<\/time>/,
    );
    const isClosed = state !== 'received';
    expect(page.body.includes('Confirmed: <time datetime="2026-11-02T10:01:30Z">')).toBe(state === 'confirmed');
    expect(JSON.parse(json.body)).toEqual({
      state,
      receivedAt: '2026-11-02T10:00:00Z',
      ...(isClosed ? { closedAt: '2026-11-02T10:01:30Z' } : {}),
    });
    expect(json.headers['content-type']).toBe('application/json');
  });

  it('shows a confirmed opt-out without its time if that is unknown', async () => {
    const { visit, ledger } = site();
    const { closedAt: _closedAt, ...timeless } = entry('confirmed');
    ledger.set('i', timeless);

    expect((await visit('GET', await pathOf())).body.match(/<time/g)).toHaveLength(1);
  });

  it.each<[string, () => Promise<string>]>([
    ['a text that is not a token', async () => 'x'],
    ['a token sealed with another key', () => sealing(8).sealStatusToken(receipt)],
    ['a truncated token', async () => (await sealing().sealStatusToken(receipt)).slice(1)],
    ['the token of a link', () => sealing().sealLink({ email: EMAIL })],
  ])('rejects %s without reading the ledger', async (_what, token) => {
    const { visit } = site({ find: () => Promise.reject(new Error('unexpected read')) });

    expect(await visit('GET', `/receipts/${await token()}`)).toMatchObject({ status: 400, leaks: [] });
    expect(await visit('GET', `/receipts/${await token()}`, AS_JSON)).toMatchObject({
      status: 400,
      body: '{"error":"this receipt is not valid","code":"badLink"}',
    });
  });

  it('responds with 503 if the ledger cannot be read', async () => {
    const { visit } = site({ find: () => Promise.reject(new Error(`no item for ${EMAIL}`)) });

    expect(await visit('GET', await pathOf())).toMatchObject({ status: 503, leaks: [] });
  });
});

describe('a receipt after an hour', () => {
  const themes = { common: { contactUrl: 'mailto:help@example.com' }, brands: {} };
  const shownAt = async (state: State | undefined, seconds: number, headers = {}) => {
    const { visit, ledger } = site({ themes });
    if (state) ledger.set('i', entry(state));
    return visit('GET', await pathOf(), { at: plus(seconds), headers });
  };

  it.each(['open', 'held', 'rejected', undefined] as const)(
    'says that somebody looks after it and how to reach them, if it is %s',
    async (state) => {
      const { status, body } = await shownAt(state, 3_601);

      expect([status, body]).toEqual([200, (await shownAt('open', 3_601)).body]);
      expect(body).toContain('<h1>Your request is recorded</h1>\n<p>This is taking longer than usual, and our team');
      expect(body).toMatch(/<a href="\?lang=en">Reload.*<a href="mailto:help@example.com">Contact us<\/a>/s);
      expect(body).not.toContain('This page will show');
    },
  );

  it('says so only after an hour, and only while it is not closed', async () => {
    for (const [state, seconds] of [
      ['open', 3_599],
      ['confirmed', 3_601],
      ['superseded', 3_601],
    ] as const) {
      expect((await shownAt(state, seconds)).body).not.toMatch(/taking longer|Contact us/);
    }
  });

  it('has the same JSON as before', async () => {
    const json = async (seconds: number) => (await shownAt('held', seconds, AS_JSON.headers)).body;

    expect(await json(3_601)).toBe(await json(1));
  });

  it('has expired once the ledger has deleted its opt-out', async () => {
    const days = (count: number) => count * 86_400;

    expect((await shownAt(undefined, days(30))).status).toBe(200);
    expect(await shownAt(undefined, days(30) + 1)).toMatchObject({ status: 400 });
    expect(await shownAt(undefined, days(30) + 1, AS_JSON.headers)).toMatchObject({
      status: 400,
      body: '{"error":"this receipt has expired","code":"badLink"}',
    });
    expect((await shownAt('confirmed', days(300))).body).toContain('You are unsubscribed');
  });
});

describe('the page of a receipt', () => {
  const shown = async (state: State, path = '', headers = {}) => {
    const { visit, ledger } = site();
    ledger.set('i', entry(state));
    return visit('GET', (await pathOf()) + path, { headers });
  };

  it('has a live region with the state, so that screen readers announce a change', async () => {
    expect((await shown('open')).body).toMatch(/<main>\n<div role="status" tabindex="-1" data-state="received">\n<h1>/);
    expect((await shown('confirmed')).body).toContain('data-state="confirmed"');
  });

  it.each(['held', 'rejected'] as const)('is the page of an open opt-out if it is %s', async (state) => {
    expect((await shown(state)).body).toBe((await shown('open')).body);
  });

  it('has a script only while the opt-out is not closed', async () => {
    const open = await shown('open');
    const [, script = ''] = /<script>(.*)<\/script>/s.exec(open.body) ?? [];

    expect(script).toBe(RECEIPT_SCRIPT);
    expect(open.headers['content-security-policy']).toContain(`script-src ${hashSource(script)}; connect-src 'self'`);
    for (const state of ['confirmed', 'superseded'] as const) {
      const { body, headers } = await shown(state);
      expect(body).not.toContain('<script');
      expect(headers['content-security-policy']).not.toMatch(/script-src|connect-src/);
    }
  });

  it('has the beginning of the opt-out’s id as a reference, in every state', async () => {
    const { visit, ports, ledger } = site();
    const id = 'Ab-_12xYzNotShown';
    for (const state of ['open', 'confirmed', 'superseded'] as const) {
      ledger.set(id, entry(state));
      const { body } = await visit('GET', `/receipts/${await ports.sealer.sealStatusToken({ ...receipt, id })}`);

      expect(body).toContain('Reference: <bdi dir="ltr">Ab-_12xY</bdi>');
      expect(body).not.toContain('NotShown');
    }
  });

  it('says which emails still come, and how to subscribe again if that is configured', async () => {
    const resubscribeUrl = 'https://example.com/newsletter?a=1&b=2';
    const { visit, ledger } = site({ themes: { common: { resubscribeUrl }, brands: {} } });
    const link = '<p><a href="https://example.com/newsletter?a=1&amp;b=2">Subscribe again</a></p>';
    for (const [state, isShown] of [
      ['confirmed', true],
      ['open', false],
      ['superseded', false],
    ] as const) {
      ledger.set('i', entry(state));
      const { body } = await visit('GET', await pathOf());

      expect([body.includes('emails about your orders'), body.includes(link)]).toEqual([isShown, isShown]);
    }
    expect((await shown('confirmed')).body).not.toContain('Subscribe again');
  });

  it('offers a reload while the state can change, and the form after a newer opt-in, in the same language', async () => {
    for (const state of ['open', 'held'] as const) {
      expect((await shown(state, '?lang=de')).body).toContain('<a href="?lang=de">Diese Seite neu laden</a>');
    }
    expect((await shown('confirmed', '?lang=de')).body).not.toContain('neu laden');
    expect((await shown('superseded', '?lang=de')).body).toContain(
      '<a href="/unsubscribe?lang=de">Von Werbe-E\u2011Mails',
    );
    for (const state of ['open', 'confirmed'] as const) {
      expect((await shown(state)).body).not.toMatch(/http-equiv/i);
    }
  });

  it('formats the times in the language of the query, not the browser’s', async () => {
    const { body } = await shown('confirmed', '?lang=de', { 'accept-language': 'fr' });

    expect(body).toContain('Erfasst: <time datetime="2026-11-02T10:00:00Z">2. November 2026 um 10:00 UTC</time>');
    expect(body).toContain('Bestätigt: <time datetime="2026-11-02T10:01:30Z">2. November 2026 um 10:01 UTC</time>');
  });

  it('uses the theme of the opt-out’s brand while that is configured', async () => {
    const { visit, ports } = site();
    const themed = async (brand: string) =>
      (await visit('GET', `/receipts/${await ports.sealer.sealStatusToken({ ...receipt, brand })}`)).body;

    expect(await themed('pets')).toContain('<header>Example Pets</header>');
    expect(await themed('gone')).toContain('<header>Example Shop</header>');
  });

  it('does not include the brand or the language in JSON', async () => {
    const { visit, ports } = site();
    const path = `/receipts/${await ports.sealer.sealStatusToken({ ...receipt, brand: 'pets' })}?lang=de`;

    expect(JSON.parse((await visit('GET', path, AS_JSON)).body)).toEqual({
      state: 'received',
      receivedAt: '2026-11-02T10:00:00Z',
    });
  });
});
