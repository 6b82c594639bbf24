import type { Browser, BrowserContext, BrowserContextOptions, Page } from 'playwright-core';
import { expect, it } from 'vitest';
import { watchFor } from './browser.ts';

/** Where the pages are. */
export interface Site {
  readonly browser: Browser;
  readonly url: string;
  /** Other origins that they may ask. */
  readonly others?: readonly string[];
}

/** Opens a page for a reader of English, unless the options say else, in a context that ends with the test. */
export type Open = (path: string, options?: BrowserContextOptions) => Promise<Page>;

/** `it` with `open`, for tests that go on beside each other. One whose pages have left `complaints` fails. */
export function visitsTo(site: () => Site) {
  return (
    it
      // biome-ignore lint/correctness/noEmptyPattern: Vitest reads there what a fixture depends on.
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
