import { fileURLToPath } from 'node:url';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Language } from '../../functions/core/wording.ts';
import { LANGUAGES } from '../../functions/core/wording.ts';
import { pagesIn } from '../pages/every-page.ts';
import { AXE, BROKEN_RULES } from './axe.ts';
import type { RunningBrowser } from './browser.ts';
import { hasBrowser, IS_TOO_WIDE, startBrowser, watchFor } from './browser.ts';
import { LOGO_ORIGIN, routeSheets, SHEETS_ORIGIN } from './sheets.ts';

/** The languages whose pages a person may look at. */
const SHOWN: readonly Language[] = ['en', 'ar', 'ja'];
const SCHEMES = ['light', 'dark'] as const;
const SCREENSHOTS = fileURLToPath(new URL('../../.screenshots/', import.meta.url));

describe.runIf(hasBrowser())('every page', () => {
  let running: RunningBrowser;
  /** Into which the pages are written, and to which they come by themselves. */
  let desk: Page;
  let sheet: Page;
  let complaints: string[];

  beforeAll(async () => {
    running = await startBrowser();
    const context = await running.browser.newContext();
    await routeSheets(context);
    complaints = watchFor(context, SHEETS_ORIGIN, [LOGO_ORIGIN]);
    desk = await context.newPage();
    await desk.evaluate(AXE);
    sheet = await context.newPage();
    await sheet.setViewportSize({ width: 1800, height: 640 });
  });
  afterAll(() => running.stop());

  /** By page, what is wrong with it in a window of this width, before its script does anything. */
  async function faults(language: Language, width: number): Promise<object> {
    await desk.setViewportSize({ width, height: 640 });
    const markups = Object.entries(await pagesIn(language)).map(([name, { body }]) => [name, withoutScript(body)]);
    return desk.evaluate<object>(`${FAULTS_OF}(${JSON.stringify(markups)})`);
  }

  it.each(LANGUAGES)('breaks no rule on a phone, and needs no scrolling sideways there, in %s', async (language) => {
    expect(await faults(language, 320)).toEqual({});
  });

  it.each(SHOWN.flatMap((language) => SCHEMES.map((colorScheme) => ({ language, colorScheme }))))(
    'breaks no rule on a wide $colorScheme screen in $language',
    async ({ language, colorScheme }) => {
      await desk.emulateMedia({ colorScheme });

      expect(await faults(language, 1024)).toEqual({});
    },
  );

  it.each(LANGUAGES)('keeps to its own policy, asks nobody else, and complains of nothing, in %s', async (language) => {
    await sheet.goto(`${SHEETS_ORIGIN}/${language}`);

    expect(complaints.splice(0)).toEqual([]);
    for (const colorScheme of SHOWN.includes(language) ? SCHEMES : []) {
      await sheet.emulateMedia({ colorScheme });
      await sheet.screenshot({ path: `${SCREENSHOTS}${language}-${colorScheme}.png`, fullPage: true });
    }
  });
});

const withoutScript = (markup: string): string => markup.replace(/<script>.*<\/script>/s, '');

/**
 * In a page with axe: writes one page after the other into its document and looks at each with everything unfolded. In
 * documents of their own it would take four times as long.
 */
const FAULTS_OF = `(async (markups) => {
  const faults = {};
  for (const [name, markup] of markups) {
    document.open();
    document.write(markup);
    document.close();
    document.querySelector('details')?.setAttribute('open', '');
    const found = await ${BROKEN_RULES};
    for (const style of ['', 'font-size: 200%']) if (${IS_TOO_WIDE}(style)) found.push('too wide ' + style);
    if (found.length > 0) faults[name] = found;
  }
  return faults;
})`;
