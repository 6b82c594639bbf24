import { describe, expect, it } from 'vitest';
import type { Progress } from '../../functions/core/ledger/ledger.ts';
import type { State } from '../../functions/core/model/state.ts';
import { RECEIPT_SCRIPT } from '../../functions/pages/receipt-script.ts';
import { hashSource } from '../../functions/pages/style.ts';
import { AT, plus } from '../core/examples.ts';
import { EMAIL, sealing, site } from './visitor.ts';

const JSON_PLEASE = { headers: { accept: 'application/json' } };
const receipt = { id: 'i', receivedAt: AT.toISOString() };
const pathOf = async () => `/receipts/${await sealing().sealStatusToken(receipt)}`;
const entry = (state: State, change: Partial<Progress> = {}): Progress => ({
  ...receipt,
  state,
  claimedAt: plus(1).toISOString(),
  ...(state === 'open' ? {} : { closedAt: plus(90).toISOString() }),
  attempts: 1,
  ...change,
});

describe('GET /receipts/{receipt}', () => {
  it.each<[string, Progress | undefined, string, string]>([
    ['still on the queue', undefined, 'received', 'Your request is recorded'],
    ['on its way', entry('open'), 'received', 'Your request is recorded'],
    ['confirmed', entry('confirmed'), 'confirmed', 'Your request is confirmed'],
    ['rejected', entry('rejected'), 'rejected', 'Your request is recorded'],
    ['held', entry('held'), 'held', 'Your request is recorded'],
    ['superseded', entry('superseded'), 'superseded', 'Your request was not carried out'],
  ])('shows what is %s', async (_what, known, state, title) => {
    const { visit, ledger } = site();
    if (known) ledger.set(known.id, known);

    const page = await visit('GET', await pathOf());
    const answer = await visit('GET', await pathOf(), JSON_PLEASE);

    expect(page).toMatchObject({ status: 200, told: [] });
    expect(page.body).toContain(`<h1>${title}</h1>`);
    expect(page.body).toMatch(
      /Recorded: <time datetime="2026-11-02T10:00:00.000Z">November 2, 2026 at 10:00\sAM UTC<\/time>/,
    );
    const isClosed = state !== 'received';
    expect(page.body.includes('Confirmed: <time datetime="2026-11-02T10:01:30.000Z">')).toBe(state === 'confirmed');
    expect(JSON.parse(answer.body)).toEqual({
      state,
      receivedAt: receipt.receivedAt,
      ...(isClosed ? { closedAt: plus(90).toISOString() } : {}),
    });
    expect(answer.headers['content-type']).toBe('application/json');
  });

  it('shows a confirmed opt-out whose time is not known', async () => {
    const { visit, ledger } = site();
    const { closedAt: _closedAt, ...timeless } = entry('confirmed');
    ledger.set('i', timeless);

    expect((await visit('GET', await pathOf())).body.match(/<time/g)).toHaveLength(1);
  });

  it.each<[string, () => Promise<string>]>([
    ['none', async () => 'x'],
    ['one of another key', () => sealing(8).sealStatusToken(receipt)],
    ['one cut short', async () => (await sealing().sealStatusToken(receipt)).slice(1)],
    ['a link', () => sealing().sealLink({ email: EMAIL })],
  ])('shows nothing for a receipt that is %s', async (_what, token) => {
    const { visit } = site({ find: () => Promise.reject(new Error('nobody may look')) });

    expect(await visit('GET', `/receipts/${await token()}`)).toMatchObject({ status: 400, told: [] });
    expect(await visit('GET', `/receipts/${await token()}`, JSON_PLEASE)).toMatchObject({
      status: 400,
      body: '{"error":"this receipt is not valid"}',
    });
  });

  it('fails as ours when the ledger cannot be read', async () => {
    const { visit } = site({ find: () => Promise.reject(new Error(`no item for ${EMAIL}`)) });

    expect(await visit('GET', await pathOf())).toMatchObject({ status: 503, told: [] });
  });
});

describe('the page of a receipt', () => {
  const shown = async (state: State, path = '', headers = {}) => {
    const { visit, ledger } = site();
    ledger.set('i', entry(state));
    return visit('GET', (await pathOf()) + path, { headers });
  };

  it('is a live region with its state, so that a change is told', async () => {
    expect((await shown('open')).body).toMatch(/<main>\n<div role="status" tabindex="-1" data-state="received">\n<h1>/);
    expect((await shown('confirmed')).body).toContain('data-state="confirmed"');
  });

  it('has a script as long as it may change by itself, and then none', async () => {
    const open = await shown('open');
    const [, script = ''] = /<script>(.*)<\/script>/s.exec(open.body) ?? [];

    expect(script).toBe(RECEIPT_SCRIPT);
    expect(open.headers['content-security-policy']).toContain(`script-src ${hashSource(script)}; connect-src 'self'`);
    for (const state of ['confirmed', 'held', 'rejected', 'superseded'] as const) {
      const { body, headers } = await shown(state);
      expect(body).not.toContain('<script');
      expect(headers['content-security-policy']).not.toMatch(/script-src|connect-src/);
    }
  });

  it('can be asked again by hand while it is not at its end, in the same language', async () => {
    for (const state of ['open', 'held', 'rejected'] as const) {
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

  it('says the times in the language of the act, whatever the browser prefers', async () => {
    const { body } = await shown('confirmed', '?lang=de', { 'accept-language': 'fr' });

    expect(body).toContain('Erfasst: <time datetime="2026-11-02T10:00:00.000Z">2. November 2026 um 10:00 UTC</time>');
    expect(body).toContain('Bestätigt: <time datetime="2026-11-02T10:01:30.000Z">2. November 2026 um 10:01 UTC</time>');
  });

  it('is shown under the brand that it was given for, while there is one', async () => {
    const { visit, ports } = site();
    const under = async (brand: string) =>
      (await visit('GET', `/receipts/${await ports.sealer.sealStatusToken({ ...receipt, brand })}`)).body;

    expect(await under('pets')).toContain('<header>Example Pets</header>');
    expect(await under('gone')).toContain('<header>Example Shop</header>');
  });

  it('does not tell a program more than before', async () => {
    const { visit, ports } = site();
    const path = `/receipts/${await ports.sealer.sealStatusToken({ ...receipt, brand: 'pets' })}?lang=de`;

    expect(JSON.parse((await visit('GET', path, JSON_PLEASE)).body)).toEqual({
      state: 'received',
      receivedAt: receipt.receivedAt,
    });
  });
});
