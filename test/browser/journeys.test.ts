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
  const standing = (page: Page) => page.locator('[role=status]').getAttribute('data-state');
  const heading = (page: Page) => page.locator('h1').textContent();
  const confirmed = (page: Page) => page.waitForSelector('[role=status][data-state=confirmed]');

  /** HubSpot takes its time for this address, so that the page before the confirmation can be seen. */
  const slowly = (email: string) =>
    stack.sim('faults', 'POST', [{ match: `${email}/unsubscribe-all`, method: 'POST', delayMs: 1_500 }]);

  async function send(page: Page, email: string): Promise<void> {
    await page.fill('#email', email);
    await button(page).click();
    await page.waitForURL('**/receipts/**');
  }

  /** What a person without script does. */
  async function reloadUntilConfirmed(page: Page): Promise<void> {
    const reload = async () => {
      if ((await standing(page)) !== 'confirmed') await page.click('[role=status] a');
      return standing(page);
    };
    await until(reload, (state) => state === 'confirmed');
  }

  describe('the form', () => {
    it('leads to a receipt that becomes the confirmation by itself', async ({ open }) => {
      const email = someone();
      await slowly(email);
      const page = await open('/unsubscribe');
      await send(page, email);
      expect(await standing(page)).toBe('received');
      expect(await heading(page)).toBe(languages.en.messages.recordedTitle);
      await confirmed(page);
      expect(await brokenRules(page)).toEqual([]);
      expect(await heading(page)).toBe(languages.en.messages.confirmedTitle);
      expect(await page.title()).toBe(languages.en.messages.confirmedTitle);
      expect(await page.content()).not.toContain(email);
      expect(await stack.contact(email)).toMatchObject({ optedOut: true, optOutWrites: 1 });
    });

    it('does without script', async ({ open }) => {
      const email = someone();
      await slowly(email);
      const page = await open('/unsubscribe', { javaScriptEnabled: false });
      await send(page, email);
      expect(await standing(page)).toBe('received');
      expect(await heading(page)).toBe(languages.en.messages.recordedTitle);
      await reloadUntilConfirmed(page);
      expect(await heading(page)).toBe(languages.en.messages.confirmedTitle);
    });

    it('comes back with the error beside the field, and without the address', async ({ open }) => {
      const page = await open('/unsubscribe');
      await page.fill('#email', 'typed.wrong@example');
      const [answer] = await Promise.all([page.waitForResponse('**/unsubscribe**'), button(page).click()]);
      expect(answer.status()).toBe(400);
      await page.waitForSelector('#email[aria-invalid=true][aria-describedby=email-error]:focus');
      expect(await page.textContent('#email-error')).toBe(languages.en.messages.badAddress);
      expect(await page.inputValue('#email')).toBe('');
      expect(await page.content()).not.toContain('typed.wrong');
      const email = someone();
      await send(page, email);
      await confirmed(page);
    });
  });

  describe('the link in a mail', () => {
    it('asks, and then leads to a receipt that becomes the confirmation by itself', async ({ open }) => {
      const email = someone();
      const page = await open(await sampleLink(email));
      expect(await page.content()).not.toContain(email);
      await page.click('button[name=confirm]');
      await page.waitForSelector('[role=status]');
      await confirmed(page);
      expect(await stack.contact(email)).toMatchObject({ optedOut: true, optOutWrites: 1 });
    });

    it('does without script', async ({ open }) => {
      const email = someone();
      await slowly(email);
      const page = await open(await sampleLink(email), { javaScriptEnabled: false });
      await page.click('button[name=confirm]');
      expect(await standing(page)).toBe('received');
      await reloadUntilConfirmed(page);
      expect(await stack.contact(email)).toMatchObject({ optedOut: true, optOutWrites: 1 });
    });

    it('leads to the form where it does not work', async ({ open }) => {
      const page = await open('/u/not-a-link');
      expect(await heading(page)).toBe(languages.en.messages.badLink);
      const email = someone();
      await send(page, email);
      await confirmed(page);
      expect(await stack.contact(email)).toMatchObject({ optedOut: true });
    });

    it('changes nothing for whoever only follows links', async ({ open }) => {
      const email = someone();
      const link = await sampleLink(email);
      const page = await open(link);
      await page.request.head(link);
      const found = await page.evaluate<string[]>('[...document.links].map(({ href }) => href)');
      expect(found.length).toBe(LANGUAGES.length);
      for (const href of found) expect((await page.request.get(href)).status()).toBe(200);
      // What was done after it has come through, and it has not.
      await page.goto('/unsubscribe');
      await send(page, someone());
      await confirmed(page);
      const asked = await stack.asked();
      expect(asked.filter(({ path }) => decodeURIComponent(path).includes(email))).toEqual([]);
    });
  });

  describe('whoever the reader is', () => {
    const rightToLeft = LANGUAGES.filter((language) => languages[language].direction === 'rtl');

    it.for(rightToLeft)('turns the pages round in %s', async (language, { open }) => {
      const page = await open(`/unsubscribe?lang=${language}`);
      for (const path of [`/unsubscribe?lang=${language}`, `${await sampleLink(someone())}?lang=${language}`]) {
        await page.goto(path);
        expect(await page.getAttribute('html', 'dir')).toBe('rtl');
        expect(await isTooWide(page)).toBe(false);
        const [pressed, form] = await Promise.all([button(page).boundingBox(), page.locator('form').boundingBox()]);
        expect(right(pressed)).toBeCloseTo(right(form), 0);
        expect(pressed?.width).toBeLessThan((form?.width ?? 0) / 2);
      }
    });

    it('is dark where the reader wants it dark', async ({ open }) => {
      const page = await open('/unsubscribe', { colorScheme: 'dark' });
      const [background, text] = await page.evaluate<string[]>(
        '(({ backgroundColor, color }) => [backgroundColor, color])(getComputedStyle(document.body))',
      );
      expect(Math.max(...channels(background))).toBeLessThan(64);
      expect(Math.min(...channels(text))).toBeGreaterThan(192);
    });

    it.for([
      ['on 320 pixels', 320, ''],
      ['at twice the size', 640, 'zoom: 2'],
    ] as const)('keeps the button in sight %s', async ([_where, width, style], { open }) => {
      const page = await open('/unsubscribe?lang=de', { viewport: { width, height: 640 } });
      expect(await isTooWide(page, style)).toBe(false);
      await button(page).click({ trial: true });
      await page.goto(await sampleLink(someone()));
      expect(await isTooWide(page, style)).toBe(false);
      await button(page).click({ trial: true });
    });

    it('leads by keyboard through the form, with the focus in sight', async ({ open }) => {
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

    it('leads by keyboard from the link to the receipt', async ({ open }) => {
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
