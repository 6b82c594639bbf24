import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Language } from '../../functions/pages/wording.ts';
import { LANGUAGES } from '../../functions/pages/wording.ts';
import { pagesIn } from '../pages/every-page.ts';
import { AXE, brokenRulesIn } from './axe.ts';
import type { RunningBrowser } from './browser.ts';
import { hasBrowser, IS_TOO_WIDE, startBrowser } from './browser.ts';
import { SCHEMES, SHOWN, serveLogo } from './sheets.ts';

interface View {
  readonly width: number;
  /** With the list of languages, which is the same in all of them, and contrast: each takes as long as all the rest. */
  readonly isThorough: boolean;
}

describe.runIf(hasBrowser())('every page, to axe', () => {
  let running: RunningBrowser;
  let page: Page;

  beforeAll(async () => {
    running = await startBrowser();
    page = await running.browser.newPage();
    await serveLogo(page.context());
    await page.evaluate(AXE);
  });
  afterAll(() => running.stop());

  /** By page, what is wrong with it in such a window, before its script does anything. */
  async function faults(language: Language, { width, isThorough }: View): Promise<object> {
    await page.setViewportSize({ width, height: 640 });
    const markups = Object.entries(await pagesIn(language)).map(([name, { body }]) => [name, withoutScript(body)]);
    return page.evaluate<object>(`${faultsOf(isThorough)}(${JSON.stringify(markups)})`);
  }

  it.each(LANGUAGES)('breaks no rule on a phone, and needs no scrolling sideways there, in %s', async (language) => {
    expect(await faults(language, { width: 320, isThorough: false })).toEqual({});
  });

  it.each(SHOWN.flatMap((language) => SCHEMES.map((colorScheme) => ({ language, colorScheme }))))(
    'breaks no rule on a wide $colorScheme screen in $language',
    async ({ language, colorScheme }) => {
      await page.emulateMedia({ colorScheme });

      expect(await faults(language, { width: 1024, isThorough: true })).toEqual({});
    },
  );
});

const withoutScript = (markup: string): string => markup.replace(/<script>.*<\/script>/s, '');

/**
 * In a page with axe: writes one page after the other into its document and looks at each. In documents of their own it
 * would take four times as long.
 */
const faultsOf = (isThorough: boolean): string => `(async (markups) => {
  const faults = {};
  for (const [name, markup] of markups) {
    document.open();
    document.write(markup);
    document.close();
    const list = document.querySelector('details') ?? {};
    list.open = ${isThorough};
    const found = await ${brokenRulesIn({ contrast: isThorough })};
    list.open = true;
    for (const style of ['', 'font-size: 200%']) if (${IS_TOO_WIDE}(style)) found.push('too wide ' + style);
    if (found.length > 0) faults[name] = found;
  }
  return faults;
})`;
