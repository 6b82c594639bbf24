import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { transform } from 'esbuild';
import { expect, it } from 'vitest';

const DOCS = join(import.meta.dirname, '../../docs');
const page = readFileSync(join(DOCS, 'forms.md'), 'utf8');
const script = readFileSync(join(DOCS, 'unsubscribe-form.js'), 'utf8');

it('offers a script without dependencies of at most 2 KB, minified', async () => {
  const { code } = await transform(script, { minify: true });

  expect(Buffer.byteLength(code)).toBeLessThanOrEqual(2_048);
  expect(script).not.toMatch(/\b(?:import|require|innerHTML|eval|style)\b/);
});

it('documents every text of the script and its attribute', () => {
  const texts = [...script.matchAll(/^ {2}(\w+): '(.+)',$/gm)];

  expect(texts).toHaveLength(9);
  const rows = page.split('\n');
  for (const [, name, text] of texts) {
    const isDocumented = (row: string) => row.startsWith(`| \`data-${name}\` |`) && row.endsWith(`| ${text} |`);
    expect(rows.filter(isDocumented), name).toHaveLength(1);
  }
});
