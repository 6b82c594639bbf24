import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import type { AxeResults } from 'axe-core';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Language } from '../../functions/core/wording.ts';
import { LANGUAGES } from '../../functions/core/wording.ts';
import { sampleLink } from '../../local/samples.ts';
import type { StackUnderTest } from '../local/stack-under-test.ts';
import { stackUnderTest, until } from '../local/stack-under-test.ts';
import type { RunningBrowser } from './browser.ts';
import { hasBrowser, isTooWide, startBrowser } from './browser.ts';

const AXE = createRequire(import.meta.url).resolve('axe-core/axe.min.js');
const TAGS = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'];

/** The languages whose pages a person may look at. */
const SHOWN: readonly Language[] = ['en', 'ar', 'ja'];
const SCREENSHOTS = fileURLToPath(new URL('../../.screenshots/', import.meta.url));

describe.runIf(hasBrowser())('every page, to axe', () => {
  let stack: StackUnderTest;
  let running: RunningBrowser;
  let page: Page;
  /** By name: the page's markup in a language. */
  let pages: Readonly<Record<string, (language: Language) => Promise<string>>>;

  beforeAll(async () => {
    running = await startBrowser();
    stack = await stackUnderTest();
    const context = await running.browser.newContext();
    await context.addInitScript({ path: AXE });
    page = await context.newPage();
    await page.goto(`${stack.url}/unsubscribe`);
    const confirmed = await receiptOf('confirmed@example.com', 'confirmed');
    await stack.sim('faults', 'POST', [{ match: 'recorded@', status: 503, times: 1_000 }]);
    pages = {
      form: at('/unsubscribe'),
      'form-with-error': at('/unsubscribe', { method: 'POST', body: new URLSearchParams({ email: 'wrong' }) }),
      confirm: at(await sampleLink('someone@example.com')),
      recorded: at(await receiptOf('recorded@example.com', 'received')),
      confirmed: at(confirmed),
      'bad-link': at('/u/not-a-link'),
    };
  });
  afterAll(async () => {
    await running.stop();
    await stack.stop();
  });

  const at = (path: string, init?: RequestInit) => async (language: Language) =>
    (await fetch(`${stack.url}${path}?lang=${language}`, init)).text();

  async function receiptOf(email: string, state: string): Promise<string> {
    const headers = { 'content-type': 'application/json' };
    const answer = await stack.post({ path: '/unsubscribe', headers, body: JSON.stringify({ email }) });
    const { receipt } = (await answer.json()) as { receipt: string };
    const ask = async () => (await fetch(receipt, { headers: { accept: 'application/json' } })).json();
    await until(ask, (told) => (told as { state: string }).state === state);
    return new URL(receipt).pathname;
  }

  async function violations(): Promise<readonly string[]> {
    const options = { runOnly: { type: 'tag', values: TAGS }, resultTypes: ['violations'], preload: false };
    const found = await page.evaluate<AxeResults>(`axe.run(document, ${JSON.stringify(options)})`);
    return found.violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' ')}`);
  }

  /**
   * Hands over one page after the other, as it stands before its script does anything. They are written into one
   * document, whose content security policy allows the same style: axe would take four times as long in new ones.
   */
  async function forEachPage(language: Language, examine: (name: string) => Promise<void>): Promise<void> {
    for (const [name, markupIn] of Object.entries(pages)) {
      const markup = await markupIn(language);
      await page.setContent(markup.replace(/<script>.*<\/script>/s, ''));
      expect(await page.getAttribute('html', 'lang'), name).toBe(language);
      await examine(name);
    }
  }

  it.each(LANGUAGES)('breaks no rule on a phone, and needs no scrolling sideways there, in %s', async (language) => {
    await page.setViewportSize({ width: 320, height: 640 });
    await forEachPage(language, async (name) => {
      expect(await violations(), name).toEqual([]);
      expect(await isTooWide(page), name).toBe(false);
      expect(await isTooWide(page, 'font-size: 200%'), `${name}, large type`).toBe(false);
    });
  });

  it.each(SHOWN.flatMap((language) => [{ language, scheme: 'light' } as const, { language, scheme: 'dark' } as const]))(
    'breaks no rule on a $scheme screen with everything unfolded, in $language',
    async ({ language, scheme }) => {
      await page.setViewportSize({ width: 1024, height: 720 });
      await page.emulateMedia({ colorScheme: scheme });
      await forEachPage(language, async (name) => {
        await page.screenshot({ path: `${SCREENSHOTS}${language}-${name}-${scheme}.png` });
        await page.evaluate(`document.querySelector('details')?.setAttribute('open', '')`);
        expect(await violations(), name).toEqual([]);
      });
    },
  );
});
