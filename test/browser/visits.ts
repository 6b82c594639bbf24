import type { Browser, BrowserContext, BrowserContextOptions, Page } from 'playwright-core';
import { expect, it } from 'vitest';
import { watchFor } from './browser.ts';

/** The browser, and the site to open in it. */
export interface Site {
  readonly browser: Browser;
  readonly url: string;
  /** Other origins that the pages may request. */
  readonly others?: readonly string[];
}

/** Opens a page in a new browser context, which closes after the test. The default locale is `en-US`. */
export type Open = (path: string, options?: BrowserContextOptions) => Promise<Page>;

/** Returns `it` with the fixture `open`, for concurrent tests. A test fails if its pages leave `complaints`. */
export function visitsTo(site: () => Site) {
  return (
    it
      // biome-ignore lint/correctness/noEmptyPattern: Vitest reads the dependencies of a fixture from the pattern.
      .extend('complaints', async ({}, { onCleanup }): Promise<string[][]> => {
        const complaints: string[][] = [];
        onCleanup(() => expect(complaints.flat()).toEqual([]));
        return complaints;
      })
      .extend('open', async ({ complaints }, { onCleanup }): Promise<Open> => {
        const contexts: BrowserContext[] = [];
        onCleanup(async () => void (await Promise.all(contexts.map((context) => context.close()))));
        return async (path, options = {}) => {
          const { browser, url, others } = site();
          const context = await browser.newContext({ locale: 'en-US', baseURL: url, ...options });
          contexts.push(context);
          complaints.push(watchFor(context, new URL(url).origin, others));
          const page = await context.newPage();
          await page.goto(path);
          return page;
        };
      })
  );
}
