import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { Page } from 'playwright-core';

/** The axe script, to be evaluated once per page. */
export const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/**
 * Returns a script for a page with axe: the violated rules, each with its elements. The rest of axe's result is large, and is
 * not transferred.
 */
export const brokenRulesIn = ({ contrast }: { readonly contrast: boolean }): string => {
  const options = {
    runOnly: { type: 'tag', values: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'] },
    rules: { 'color-contrast': { enabled: contrast } },
    resultTypes: ['violations'],
    preload: false,
  };
  return `axe.run(document, ${JSON.stringify(options)}).then(({ violations }) =>
    violations.map(({ id, nodes }) => id + ': ' + nodes.map(({ html }) => html).join(' ')))`;
};

export async function brokenRules(page: Page): Promise<readonly string[]> {
  await page.evaluate(AXE);
  return page.evaluate<string[]>(brokenRulesIn({ contrast: true }));
}
