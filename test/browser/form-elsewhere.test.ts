import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect } from 'vitest';
import type { StackUnderTest } from '../local/stack-under-test.ts';
import { stackUnderTest, until } from '../local/stack-under-test.ts';
import { brokenRules } from './axe.ts';
import type { RunningBrowser } from './browser.ts';
import { hasBrowser, startBrowser } from './browser.ts';
import type { Landing } from './landing.ts';
import { serveLanding } from './landing.ts';
import { recipes, wordPressEditorScript } from './recipes.ts';
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
  async function expectStatus(page: Page, text: string | RegExp, path = ''): Promise<void> {
    await page.getByRole('status').filter({ hasText: text }).waitFor();
    expect(page.url()).toBe(`${landing.url}${encodeURI(path)}`);
  }

  it('shows that the request is recorded, and then that HubSpot has confirmed it', async ({ open }) => {
    const email = someone();
    await stack.sim('faults', 'POST', [
      { match: `${email}/unsubscribe-all`, method: 'POST', times: 1, delayMs: 1_500 },
    ]);
    const page = await open('/');

    await send(page, email);

    await expectStatus(page, 'Your request is recorded');
    expect(await page.locator('[role=status]:focus').count()).toBe(1);
    expect(await brokenRules(page)).toEqual([]);
    await expectStatus(page, 'You are unsubscribed');
    expect(await stack.contact(email)).toMatchObject({ optedOut: true, optOutWrites: 1 });
    await page.getByRole('link', { name: 'Status of your request' }).click();
    await page.waitForSelector('[data-state=confirmed]');
    expect(new URL(page.url()).origin).toBe(stack.url);
  });

  it('supports several forms, each with its own texts', async ({ open }) => {
    const email = someone();
    const page = await open('/');

    await send(page, email, 'form:last-of-type');

    await expectStatus(page, 'Abgemeldet!');
    expect(await page.locator('form:visible').count()).toBe(1);
    expect(await page.getByRole('status').count()).toBe(1);
    expect(await page.getByRole('link', { name: 'Beleg' }).getAttribute('href')).toMatch(/\?lang=de$/);
    expect(await stack.contact(email)).toMatchObject({ optedOut: true });
  });

  it('shows that the request is superseded', async ({ open }) => {
    const page = await open('/');
    const headers = { 'access-control-allow-origin': '*' };
    await page.route('**/receipts/**', (route) => route.fulfill({ headers, json: { state: 'superseded' } }));

    await send(page, someone());

    await expectStatus(page, /^Your request was not carried out\s*You subscribed again after you made this request\./);
  });

  it('works without JavaScript', async ({ open }) => {
    const page = await open('/', { javaScriptEnabled: false });

    await send(page, someone());

    await page.waitForURL(`${stack.url}/receipts/**`);
  });

  it('shows an error for an invalid address, focuses the field, and accepts a valid one', async ({ open }) => {
    const page = await open('/');

    await send(page, 'typed.wrong@example');

    await expectStatus(page, 'This email address is not valid. Please enter it again.');
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

    await expectStatus(page, 'A field that must stay empty was filled in. Please try again.');
    expect(await stack.contact(email)).toMatchObject({ optedOut: false });
  });

  it('says that the request is recorded after the limit of the address, and when the form can be used again', async ({
    open,
  }) => {
    const email = someone();
    const post = () => stack.post({ path: '/unsubscribe', headers: json, body: JSON.stringify({ email }) });
    await until(
      async () => (await post()).status,
      (status) => status === 429,
    );
    const page = await open('/');

    await send(page, email);
    await expectStatus(page, /^Your request is already recorded.*You can use this form again in [1-6]?\d minutes\.$/s);
    await send(page, email, 'form:last-of-type');
    await expectStatus(page, /^Schon da, in [1-6]?\d minutes\.$/);
  });

  it.for([
    [
      'a field with the name "email"',
      '<form data-unsubscribe method="post" action="/x"><input name="EMAIL"><button>Go',
    ],
    ['the attribute method="post"', '<form data-unsubscribe action="/x"><input name="email"><button>Go'],
    ['an action, the URL of the relay', '<form data-unsubscribe method="post"><input name="email"><button>Go'],
  ] as const)('says that the form does not have %s, and stays on the page', async ([missing, markup], { open }) => {
    const page = await open(`/incomplete?${encodeURIComponent(markup)}`);
    const before = page.url();

    await page.click('button');

    await page
      .getByRole('status')
      .filter({ hasText: `This form does not have ${missing}.` })
      .waitFor();
    expect(page.url()).toBe(before);
  });

  it('shows that the request is too large', async ({ open }) => {
    const page = await open('/');
    await page.evaluate(`document.querySelector('[name=lang]').value = 'x'.repeat(20_000)`);

    await send(page, someone());

    await expectStatus(page, 'The request was too large');
  });

  it('shows a failure of the relay, and can be submitted again', async ({ open }) => {
    const page = await open('/');
    const headers = { 'access-control-allow-origin': '*' };
    await page.route('**/unsubscribe', (route) => route.fulfill({ status: 503, headers, json: {} }), { times: 1 });

    await send(page, someone());

    await expectStatus(page, 'Something went wrong on our side. Please try again in a moment.');
    await page.click('button');
    await expectStatus(page, SUBMITTED);
  });

  it('shows that the relay is unreachable, and submits natively the next time', async ({ open, complaints }) => {
    const page = await open('/');
    await page.route(`${stack.url}/**`, (route) => route.abort('connectionrefused'));

    await send(page, someone());

    await expectStatus(page, 'Something went wrong on our side. Please try again in a moment.');
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

  it.for(Object.keys(recipes))('opts out with the code for %s', async (name, { open }) => {
    const email = someone();
    const page = await open(`/${name}`);

    await send(page, email, 'form[data-unsubscribe]');

    await expectStatus(page, SUBMITTED, name);
    await expectStatus(page, 'You are unsubscribed', name);
    expect(await page.locator('form:visible').count()).toBe(0);
    expect(await brokenRules(page)).toEqual([]);
    expect(await stack.contact(email)).toMatchObject({ optedOut: true, optOutWrites: 1 });
  });

  it.for(Object.keys(recipes).filter((name) => name !== 'React'))(
    'opts out with the code for %s without JavaScript',
    async (name, { open }) => {
      const page = await open(`/${name}`, { javaScriptEnabled: false });

      await send(page, someone(), 'form[data-unsubscribe]');

      await page.waitForURL(`${stack.url}/receipts/**`);
    },
  );

  it('lets React update, remove and add the form, before and after the request is recorded', async ({ open }) => {
    const page = await open('/React');
    await page.click('#update');
    await send(page, 'typed.wrong@example', 'form[data-unsubscribe]');
    await expectStatus(page, 'This email address is not valid.', 'React');
    await page.click('#update');
    await send(page, someone(), 'form[data-unsubscribe]');
    await expectStatus(page, SUBMITTED, 'React');

    await page.click('#update');
    await page.click('#toggle');

    await page.getByText('3 updates').waitFor();
    expect([await page.locator('form').count(), await page.getByRole('status').count()]).toEqual([0, 0]);
    await page.click('#toggle');
    await send(page, someone(), 'form[data-unsubscribe]');
    await expectStatus(page, SUBMITTED, 'React');
    expect(await page.locator('head script[src]').count()).toBe(1);
  });

  it('handles a form that the theme editor of Shopify has replaced', async ({ open }) => {
    const page = await open('/Shopify');
    await page.evaluate(
      `(() => { const section = document.getElementById('shopify-section'); section.innerHTML = section.innerHTML; })()`,
    );

    await send(page, someone(), 'form[data-unsubscribe]');

    await expectStatus(page, SUBMITTED, 'Shopify');
  });

  it('leaves a submission to the page if the page has prevented it', async ({ open }) => {
    const page = await open('/Webflow');
    await page.evaluate(`document.querySelector('form').addEventListener('submit', (event) => event.preventDefault())`);

    await send(page, someone(), 'form[data-unsubscribe]');

    await page.waitForTimeout(200);
    expect(await page.getByRole('status').count()).toBe(0);
  });

  it('registers the block in the editor of WordPress', async ({ open }) => {
    const page = await open('/WordPress');
    const wp = `{
      blocks: { registerBlockType: (name, { title, edit, save }) => { registered = [name, title, edit(), save()]; } },
      blockEditor: { useBlockProps: () => ({ class: 'wp-block' }) },
      element: { createElement: (...all) => all },
    }`;

    const registered = await page.evaluate(
      `(() => { let registered; const wp = ${wp}; ${wordPressEditorScript()}; return registered; })()`,
    );

    expect(registered).toEqual([
      'unsubscribe/form',
      'Unsubscribe form',
      ['p', { class: 'wp-block' }, 'Unsubscribe form'],
      null,
    ]);
  });
});
