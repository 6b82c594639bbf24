import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect } from 'vitest';
import type { StackUnderTest } from '../local/stack-under-test.ts';
import { stackUnderTest, until } from '../local/stack-under-test.ts';
import { brokenRules } from './axe.ts';
import type { RunningBrowser } from './browser.ts';
import { hasBrowser, startBrowser } from './browser.ts';
import type { Landing } from './landing.ts';
import { serveLanding } from './landing.ts';
import { someone } from './someone.ts';
import { visitsTo } from './visits.ts';

/** The status `received` or `confirmed`. */
const SUBMITTED = /recorded|unsubscribed/;

describe.runIf(hasBrowser()).concurrent('the form on a page of another origin', () => {
  let running: RunningBrowser;
  let landing: Landing;
  let stack: StackUnderTest;

  beforeAll(async () => {
    running = await startBrowser();
    landing = await serveLanding(() => stack.url);
    stack = await stackUnderTest({}, { origins: [new URL(landing.url).origin] });
  });
  afterAll(async () => {
    await running.stop();
    await landing.close();
    await stack.stop();
  });

  const it = visitsTo(() => ({ browser: running.browser, url: landing.url, others: [stack.url] }));
  const json = { 'content-type': 'application/json' };

  async function send(page: Page, email: string, form = 'form:first-of-type'): Promise<void> {
    await page.fill(`${form} [name=email]`, email);
    await page.click(`${form} button`);
  }

  /** Waits until the page shows a status, and checks that its URL has not changed. */
  async function expectStatus(page: Page, text: string | RegExp): Promise<void> {
    await page.getByRole('status').filter({ hasText: text }).waitFor();
    expect(page.url()).toBe(landing.url);
  }

  it('shows that the request is recorded, and then that HubSpot has confirmed it', async ({ open }) => {
    const email = someone();
    await stack.sim('faults', 'POST', [
      { match: `${email}/unsubscribe-all`, method: 'POST', times: 1, delayMs: 1_500 },
    ]);
    const page = await open('/');

    await send(page, email);

    await expectStatus(page, 'Your request is recorded.');
    expect(await page.locator('[role=status]:focus').count()).toBe(1);
    expect(await brokenRules(page)).toEqual([]);
    await expectStatus(page, 'Confirmed: you are unsubscribed.');
    expect(await stack.contact(email)).toMatchObject({ optedOut: true, optOutWrites: 1 });
    await page.getByRole('link', { name: 'Receipt' }).click();
    await page.waitForSelector('[data-state=confirmed]');
    expect(new URL(page.url()).origin).toBe(stack.url);
  });

  it('supports several forms, each with its own texts', async ({ open }) => {
    const email = someone();
    const page = await open('/');

    await send(page, email, 'form:last-of-type');

    await expectStatus(page, 'Sie sind abgemeldet.');
    expect(await page.locator('form').count()).toBe(1);
    expect(await page.locator('form + [role=status]').textContent()).toBe('');
    expect(await page.getByRole('link', { name: 'Beleg' }).getAttribute('href')).toMatch(/\?lang=de$/);
    expect(await stack.contact(email)).toMatchObject({ optedOut: true });
  });

  it('shows that the request is superseded', async ({ open }) => {
    const page = await open('/');
    const headers = { 'access-control-allow-origin': '*' };
    await page.route('**/receipts/**', (route) => route.fulfill({ headers, json: { state: 'superseded' } }));

    await send(page, someone());

    await expectStatus(page, 'Not carried out: you subscribed again after this request.');
  });

  it('works without JavaScript', async ({ open }) => {
    const page = await open('/', { javaScriptEnabled: false });

    await send(page, someone());

    await page.waitForURL(`${stack.url}/receipts/**`);
  });

  it('shows an error for an invalid address, focuses the field, and accepts a valid one', async ({ open }) => {
    const page = await open('/');

    await send(page, 'typed.wrong@example');

    await expectStatus(page, 'Please check the email address.');
    expect(await page.locator('[name=email]:focus').count()).toBe(1);
    expect(await brokenRules(page)).toEqual([]);
    await send(page, someone());
    await expectStatus(page, SUBMITTED);
  });

  it('rejects a filled honeypot', async ({ open }) => {
    const email = someone();
    const page = await open('/');
    expect(await page.locator('[name=website]:visible').count()).toBe(0);
    await page.evaluate(`document.querySelector('[name=website]').value = 'https://example.com'`);

    await send(page, email);

    await expectStatus(page, 'Please check the email address.');
    expect(await stack.contact(email)).toMatchObject({ optedOut: false });
  });

  it('shows when to retry after a rate limit', async ({ open }) => {
    const email = someone();
    const post = () => stack.post({ path: '/unsubscribe', headers: json, body: JSON.stringify({ email }) });
    await until(
      async () => (await post()).status,
      (status) => status === 429,
    );
    const page = await open('/');

    await send(page, email);

    await expectStatus(page, /^Too many requests\. Please try again in [1-6]?\d min\.$/);
  });

  it('shows that the request is too large', async ({ open }) => {
    const page = await open('/');
    await page.evaluate(`document.querySelector('[name=lang]').value = 'x'.repeat(20_000)`);

    await send(page, someone());

    await expectStatus(page, 'The request was too large.');
  });

  it('shows a failure of the relay, and can be submitted again', async ({ open }) => {
    const page = await open('/');
    const headers = { 'access-control-allow-origin': '*' };
    await page.route('**/unsubscribe', (route) => route.fulfill({ status: 503, headers, json: {} }), { times: 1 });

    await send(page, someone());

    await expectStatus(page, 'This did not work. Please try again in a moment.');
    await page.click('button');
    await expectStatus(page, SUBMITTED);
  });

  it('shows that the relay is unreachable, and submits natively the next time', async ({ open, complaints }) => {
    const page = await open('/');
    await page.route(`${stack.url}/**`, (route) => route.abort('connectionrefused'));

    await send(page, someone());

    await expectStatus(page, 'This did not work. Please try again in a moment.');
    await page.unroute(`${stack.url}/**`);
    await page.click('button');
    await page.waitForURL(`${stack.url}/receipts/**`);
    expect(complaints.splice(0).flat().join()).toContain('ERR_CONNECTION_REFUSED');
  });

  it('is submitted as a plain form if its origin is not allowed, which the local stack then rejects', async ({
    open,
    complaints,
  }) => {
    const page = await open(landing.disallowedUrl);
    const posted = page.waitForRequest((request) => request.isNavigationRequest() && request.method() === 'POST');

    await send(page, someone());

    expect((await posted).url()).toBe(`${stack.url}/unsubscribe`);
    await page.getByText('Forbidden').waitFor();
    expect(complaints.splice(0).flat().join()).toContain('blocked by CORS policy');
  });
});
