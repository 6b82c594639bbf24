import { afterAll, beforeAll, describe, expect } from 'vitest';
import type { StackUnderTest } from '../local/stack-under-test.ts';
import { stackUnderTest } from '../local/stack-under-test.ts';
import { brokenRules } from './axe.ts';
import type { RunningBrowser } from './browser.ts';
import { hasBrowser, startBrowser } from './browser.ts';
import { visitsTo } from './visits.ts';

describe.runIf(hasBrowser()).concurrent('the local pages', () => {
  let stack: StackUnderTest;
  let running: RunningBrowser;

  beforeAll(async () => {
    running = await startBrowser();
    stack = await stackUnderTest({}, undefined, {});
  });
  afterAll(async () => {
    await running.stop();
    await stack.stop();
  });

  const it = visitsTo(() => ({ browser: running.browser, url: stack.url }));
  const phone = { viewport: { width: 320, height: 640 } };
  const WIDTH = 'document.documentElement.scrollWidth';

  it('show the console on a phone, with its tables', async ({ open }) => {
    const page = await open('/_local', phone);
    await page.getByRole('button', { name: 'Landing-page form' }).click();
    await page.locator('#calls td.mono', { hasText: '@example.com' }).first().waitFor();

    expect(await page.evaluate(WIDTH)).toBe(320);
    // Read at once, because the rows are replaced at each change.
    expect(await page.evaluate(`document.querySelector('#calls td.mono').clientWidth`)).toBeGreaterThan(200);
    expect(await brokenRules(page)).toEqual([]);
  });

  it('say on the console which samples cannot be signed, and why', async ({ open }) => {
    const page = await open('/_local');
    const button = page.getByRole('button', { name: 'Amazon SES · needs AWS’s signature' });

    await button.click();

    await page.getByText('Amazon SES: 401, as expected: it needs AWS’s signature. Nothing was queued.').waitFor();
    expect(await page.locator('#senders button', { hasText: '401' }).count()).toBe(0);
  });

  it('show the form on a landing page, which stays, and the code for other pages', async ({ open }) => {
    const page = await open('/_local/landing', phone);

    await page.click('main button');

    await page.getByRole('status').filter({ hasText: 'You are unsubscribed' }).waitFor();
    expect(page.url()).toBe(`${stack.url}/_local/landing`);
    expect(await page.locator('summary').allTextContents()).toEqual([
      'Plain HTML',
      'React',
      'WordPress',
      'Webflow',
      'Shopify',
    ]);
    expect(await page.evaluate(WIDTH)).toBe(320);
    expect(await page.locator('pre').first().textContent()).toContain(`action="${stack.url}/unsubscribe"`);
    expect(await brokenRules(page)).toEqual([]);
    expect(await stack.contact('ada@example.com')).toMatchObject({ optedOut: true });
  });
});
