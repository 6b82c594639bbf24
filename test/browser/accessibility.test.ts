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
  /** Also checks contrast and the open list of languages. Each doubles the time. */
  readonly isThorough: boolean;
}

describe.runIf(hasBrowser())('the accessibility of every page', () => {
  let running: RunningBrowser;
  let page: Page;

  beforeAll(async () => {
    running = await startBrowser();
    page = await running.browser.newPage();
    await serveLogo(page.context());
    await page.evaluate(AXE);
  });
  afterAll(() => running.stop());

  /** Returns the violations of each page in a window of this size. Scripts are removed. */
  async function violations(language: Language, { width, isThorough }: View): Promise<object> {
    await page.setViewportSize({ width, height: 640 });
    const markups = Object.entries(await pagesIn(language)).map(([name, { body }]) => [name, withoutScript(body)]);
    return page.evaluate<object>(`${violationsScript(isThorough)}(${JSON.stringify(markups)})`);
  }

  it.each(LANGUAGES)('passes every rule on a phone, without horizontal scrolling, in %s', async (language) => {
    expect(await violations(language, { width: 320, isThorough: false })).toEqual({});
  });

  it.each(SHOWN.flatMap((language) => SCHEMES.map((colorScheme) => ({ language, colorScheme }))))(
    'passes every rule on a wide $colorScheme screen in $language',
    async ({ language, colorScheme }) => {
      await page.emulateMedia({ colorScheme });

      expect(await violations(language, { width: 1024, isThorough: true })).toEqual({});
    },
  );
});

const withoutScript = (markup: string): string => markup.replace(/<script>.*<\/script>/s, '');

/**
 * The script for a page with axe: writes each page into the document and checks it. Separate documents would take four times as
 * long.
 */
const violationsScript = (isThorough: boolean): string => `(async (markups) => {
  const violations = {};
  for (const [name, markup] of markups) {
    document.open();
    document.write(markup);
    document.close();
    const list = document.querySelector('details') ?? {};
    list.open = ${isThorough};
    const found = await ${brokenRulesIn({ contrast: isThorough })};
    list.open = true;
    for (const style of ['', 'font-size: 200%']) if (${IS_TOO_WIDE}(style)) found.push('too wide ' + style);
    if (found.length > 0) violations[name] = found;
  }
  return violations;
})`;
