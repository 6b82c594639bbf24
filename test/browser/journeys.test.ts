import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect } from 'vitest';
import { languages } from '../../functions/pages/languages.ts';
import { LANGUAGES } from '../../functions/pages/wording.ts';
import { sampleLink } from '../../local/samples.ts';
import type { StackUnderTest } from '../local/stack-under-test.ts';
import { stackUnderTest, until } from '../local/stack-under-test.ts';
import { brokenRules } from './axe.ts';
import type { RunningBrowser } from './browser.ts';
import { hasBrowser, isTooWide, startBrowser } from './browser.ts';
import { someone } from './someone.ts';
import { visitsTo } from './visits.ts';

describe.runIf(hasBrowser()).concurrent('in a real browser', () => {
  let stack: StackUnderTest;
  let running: RunningBrowser;

  beforeAll(async () => {
    running = await startBrowser();
    stack = await stackUnderTest();
  });
  afterAll(async () => {
    await running.stop();
    await stack.stop();
  });

  const it = visitsTo(() => ({ browser: running.browser, url: stack.url }));
  const button = (page: Page) => page.locator('main button');
  const statusOf = (page: Page) => page.locator('[role=status]').getAttribute('data-state');
  const heading = (page: Page) => page.locator('h1').textContent();
  const untilConfirmed = (page: Page) => page.waitForSelector('[role=status][data-state=confirmed]');

  /** Delays HubSpot's response for an address, so that the page before the confirmation can be checked. */
  const delayHubSpot = (email: string) =>
    stack.sim('faults', 'POST', [{ match: `${email}/unsubscribe-all`, method: 'POST', times: 1, delayMs: 1_500 }]);

  async function send(page: Page, email: string): Promise<void> {
    await page.fill('#email', email);
    await button(page).click();
    await page.waitForURL('**/receipts/**');
  }

  /** Clicks the reload link until the request is confirmed. */
  async function reloadUntilConfirmed(page: Page): Promise<void> {
    const reload = async () => {
      if ((await statusOf(page)) !== 'confirmed') await page.click('[role=status] a');
      return statusOf(page);
    };
    await until(reload, (state) => state === 'confirmed');
  }

  describe('the form', () => {
    it('leads to a receipt that updates itself when the request is confirmed', async ({ open }) => {
      const email = someone();
      await delayHubSpot(email);
      const page = await open('/unsubscribe');
      await send(page, email);
      expect(await statusOf(page)).toBe('received');
      expect(await heading(page)).toBe(languages.en.messages.recordedTitle);
      await untilConfirmed(page);
      expect(await brokenRules(page)).toEqual([]);
      expect(await heading(page)).toBe(languages.en.messages.confirmedTitle);
      expect(await page.title()).toBe(`${languages.en.messages.confirmedTitle} – ${new URL(stack.url).host}`);
      expect(await page.content()).not.toContain(email);
      expect(await stack.contact(email)).toMatchObject({ optedOut: true, optOutWrites: 1 });
    });

    it('works without JavaScript', async ({ open }) => {
      const email = someone();
      await delayHubSpot(email);
      const page = await open('/unsubscribe', { javaScriptEnabled: false });
      await send(page, email);
      expect(await statusOf(page)).toBe('received');
      expect(await heading(page)).toBe(languages.en.messages.recordedTitle);
      await reloadUntilConfirmed(page);
      expect(await heading(page)).toBe(languages.en.messages.confirmedTitle);
    });

    it('is shown again with the error at the field, and the address to correct', async ({ open }) => {
      const page = await open('/unsubscribe');
      await page.fill('#email', 'typed.wrong@example');
      const [response] = await Promise.all([page.waitForResponse('**/unsubscribe**'), button(page).click()]);
      expect(response.status()).toBe(400);
      await page.waitForSelector('#email[aria-invalid=true][aria-describedby=email-error]:focus');
      expect(await page.textContent('#email-error')).toBe(languages.en.messages.badAddress);
      expect(await page.inputValue('#email')).toBe('typed.wrong@example');
      const email = someone();
      await send(page, email);
      await untilConfirmed(page);
    });
  });

  describe('the link in an email', () => {
    it('asks for confirmation, and then leads to a receipt that updates itself', async ({ open }) => {
      const email = someone();
      const page = await open(await sampleLink(email));
      expect(await page.content()).not.toContain(email);
      await page.click('button[name=confirm]');
      await page.waitForSelector('[role=status]');
      await untilConfirmed(page);
      expect(await stack.contact(email)).toMatchObject({ optedOut: true, optOutWrites: 1 });
    });

    it('works without JavaScript', async ({ open }) => {
      const email = someone();
      await delayHubSpot(email);
      const page = await open(await sampleLink(email), { javaScriptEnabled: false });
      await page.click('button[name=confirm]');
      expect(await statusOf(page)).toBe('received');
      await reloadUntilConfirmed(page);
      expect(await stack.contact(email)).toMatchObject({ optedOut: true, optOutWrites: 1 });
    });

    it('leads to the form if it is invalid', async ({ open }) => {
      const page = await open('/u/not-a-link');
      expect(await heading(page)).toBe(languages.en.messages.badLink);
      const email = someone();
      await send(page, email);
      await untilConfirmed(page);
      expect(await stack.contact(email)).toMatchObject({ optedOut: true });
    });

    it('changes nothing when only links are followed', async ({ open }) => {
      const email = someone();
      const link = await sampleLink(email);
      const page = await open(link);
      await page.request.head(link);
      const hrefs = await page.evaluate<string[]>('[...document.links].map(({ href }) => href)');
      expect(hrefs.length).toBe(LANGUAGES.length);
      for (const href of hrefs) expect((await page.request.get(href)).status()).toBe(200);
      // A later request has been delivered, so an earlier one would have been too.
      await page.goto('/unsubscribe');
      await send(page, someone());
      await untilConfirmed(page);
      const requests = await stack.asked();
      expect(requests.filter(({ path }) => decodeURIComponent(path).includes(email))).toEqual([]);
    });
  });

  describe('the layout', () => {
    const rightToLeft = LANGUAGES.filter((language) => languages[language].direction === 'rtl');

    it.for(rightToLeft)('is right-to-left in %s', async (language, { open }) => {
      const page = await open(`/unsubscribe?lang=${language}`);
      for (const path of [`/unsubscribe?lang=${language}`, `${await sampleLink(someone())}?lang=${language}`]) {
        await page.goto(path);
        expect(await page.getAttribute('html', 'dir')).toBe('rtl');
        expect(await isTooWide(page)).toBe(false);
        const [buttonBox, form] = await Promise.all([button(page).boundingBox(), page.locator('form').boundingBox()]);
        expect(right(buttonBox)).toBeCloseTo(right(form), 0);
        expect(buttonBox?.width).toBeLessThan((form?.width ?? 0) / 2);
      }
    });

    it('is dark if the browser prefers a dark color scheme', async ({ open }) => {
      const page = await open('/unsubscribe', { colorScheme: 'dark' });
      const [background, text] = await page.evaluate<string[]>(
        '(({ backgroundColor, color }) => [backgroundColor, color])(getComputedStyle(document.body))',
      );
      expect(Math.max(...channels(background))).toBeLessThan(64);
      expect(Math.min(...channels(text))).toBeGreaterThan(192);
    });

    it.for([
      ['at a width of 320 pixels', 320, ''],
      ['at a zoom of 200 %', 640, 'zoom: 2'],
    ] as const)('keeps the button visible %s', async ([_where, width, style], { open }) => {
      const page = await open('/unsubscribe?lang=de', { viewport: { width, height: 640 } });
      expect(await isTooWide(page, style)).toBe(false);
      await button(page).click({ trial: true });
      await page.goto(await sampleLink(someone()));
      expect(await isTooWide(page, style)).toBe(false);
      await button(page).click({ trial: true });
    });

    it('supports the keyboard in the form, with a visible focus', async ({ open }) => {
      const page = await open('/unsubscribe');
      for (const stop of ['#email', 'main button', 'footer summary']) {
        await page.keyboard.press('Tab');
        expect(await page.locator(`${stop}:focus`).count(), stop).toBe(1);
        expect(await ringWidth(page), stop).toBeGreaterThan(0);
      }
      await page.keyboard.press('Enter');
      await page.keyboard.press('Tab');
      expect(await page.locator('footer details[open] a:first-of-type:focus').count()).toBe(1);
      expect(await ringWidth(page)).toBeGreaterThan(0);
      await page.focus('#email');
      await page.keyboard.type(someone());
      await page.keyboard.press('Enter');
      await page.waitForURL('**/receipts/**');
    });

    it('supports the keyboard from the link to the receipt', async ({ open }) => {
      const page = await open(await sampleLink(someone()));
      await page.keyboard.press('Tab');
      expect(await page.locator('button[name=confirm]:focus').count()).toBe(1);
      expect(await ringWidth(page)).toBeGreaterThan(0);
      await page.keyboard.press('Enter');
      await page.waitForSelector('[role=status]');
    });
  });
});

const right = (box: { readonly x: number; readonly width: number } | null): number => (box ? box.x + box.width : 0);

const channels = (color = ''): number[] => (color.match(/\d+/g) ?? []).map(Number);

function ringWidth(page: Page): Promise<number> {
  return page.evaluate<number>(`(({ outlineStyle, outlineWidth }) =>
    outlineStyle === 'none' ? 0 : Number.parseFloat(outlineWidth))(getComputedStyle(document.activeElement))`);
}
