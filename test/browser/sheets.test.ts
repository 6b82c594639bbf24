import { fileURLToPath } from 'node:url';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { LANGUAGES } from '../../functions/pages/wording.ts';
import type { RunningBrowser } from './browser.ts';
import { hasBrowser, startBrowser, watchFor } from './browser.ts';
import { LOGO_ORIGIN, SCHEMES, SHEETS_ORIGIN, SHOWN, serveSheets, WIDTHS } from './sheets.ts';

/** Screenshots for manual review. */
const SCREENSHOTS = fileURLToPath(new URL('../../.screenshots/', import.meta.url));

describe.runIf(hasBrowser())('every page', () => {
  let running: RunningBrowser;
  let page: Page;
  let complaints: string[];

  beforeAll(async () => {
    running = await startBrowser();
    page = await running.browser.newPage({ viewport: { width: 1800, height: 640 }, deviceScaleFactor: 0.5 });
    await serveSheets(page.context());
    complaints = watchFor(page.context(), SHEETS_ORIGIN, [LOGO_ORIGIN]);
  });
  afterAll(() => running.stop());

  it.each(LANGUAGES)(
    'obeys its policy, requests only the logo, and logs nothing to the console, in %s',
    async (language) => {
      await page.goto(`${SHEETS_ORIGIN}/${language}?420`);

      expect(complaints.splice(0)).toEqual([]);
    },
  );

  it.each(SHOWN)('can be looked at in %s', async (language) => {
    for (const width of WIDTHS) {
      await page.setViewportSize({ width: width > 400 ? 3 * width + 80 : 2_100, height: 640 });
      await page.goto(`${SHEETS_ORIGIN}/${language}?${width}`);
      for (const colorScheme of SCHEMES) {
        await page.emulateMedia({ colorScheme });
        await page.screenshot({ path: `${SCREENSHOTS}${language}-${width}-${colorScheme}.png`, fullPage: true });
      }
    }
    expect(complaints.splice(0)).toEqual([]);
  });
});
