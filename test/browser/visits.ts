import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { expect, it } from 'vitest';
import { watchFor } from './browser.ts';

/** Opens a page of the site for a reader of English, unless the options say else, in a context that ends with the test. */
export type Open = (path: string, options?: BrowserContextOptions) => Promise<Page>;

/** `it` with `open`, for tests that go on beside each other. One whose pages had a reason to complain has failed. */
export function visitsTo(site: () => { readonly browser: Browser; readonly url: string }) {
  // biome-ignore lint/correctness/noEmptyPattern: Vitest reads there what a fixture depends on.
  return it.extend('open', async ({}, { onCleanup }): Promise<Open> => {
    const contexts: { close(): Promise<void> }[] = [];
    const complaints: string[][] = [];
    onCleanup(async () => {
      await Promise.all(contexts.map((context) => context.close()));
      expect(complaints.flat()).toEqual([]);
    });
    return async (path, options = {}) => {
      const { browser, url } = site();
      const context = await browser.newContext({ locale: 'en-US', baseURL: url, ...options });
      contexts.push(context);
      complaints.push(watchFor(context, url));
      const page = await context.newPage();
      await page.goto(path);
      return page;
    };
  });
}
