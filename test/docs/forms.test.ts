import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { transform } from 'esbuild';
import { expect, it } from 'vitest';

const DOCS = join(import.meta.dirname, '../../docs');
const page = readFileSync(join(DOCS, 'forms.md'), 'utf8');
const script = readFileSync(join(DOCS, 'unsubscribe-form.js'), 'utf8');

it('offers a script of at most 2 KB, minified, that needs nothing else', async () => {
  const { code } = await transform(script, { minify: true });

  expect(Buffer.byteLength(code)).toBeLessThanOrEqual(2_048);
  expect(script).not.toMatch(/\b(?:import|require|innerHTML|eval|style)\b/);
});

it('tells every word that the script has of its own, and how to say it otherwise', () => {
  const words = [...script.matchAll(/^ {2}(\w+): '(.+)',$/gm)];

  expect(words).toHaveLength(9);
  const rows = page.split('\n');
  for (const [, name, said] of words) {
    const isTold = (row: string) => row.startsWith(`| \`data-${name}\` |`) && row.endsWith(`| ${said} |`);
    expect(rows.filter(isTold), name).toHaveLength(1);
  }
});
