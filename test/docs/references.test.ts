import { existsSync, globSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, it } from 'vitest';

const ROOT = join(import.meta.dirname, '../..');

it.each(['README.md', ...globSync('docs/**/*.md', { cwd: ROOT })])('every reference in %s leads somewhere', (file) => {
  const broken = referencesIn(file).filter((reference) => !isThere(file, reference));

  expect(broken).toEqual([]);
});

/** What its links and pictures name, but for what stands elsewhere on the web. */
function referencesIn(file: string): readonly string[] {
  const found = readFileSync(join(ROOT, file), 'utf8').matchAll(/\]\(([^)\s]+)\)/g);
  return [...found].map(([, target = '']) => target).filter((target) => !/^(?:https?|mailto):/.test(target));
}

function isThere(file: string, reference: string): boolean {
  const [path = '', anchor] = reference.split('#');
  const target = path === '' ? join(ROOT, file) : join(ROOT, dirname(file), path);
  if (!existsSync(target)) return false;
  return anchor === undefined || anchorsIn(target).includes(anchor);
}

/** As GitHub makes them of the headings. */
function anchorsIn(file: string): readonly string[] {
  const headings = readFileSync(file, 'utf8').matchAll(/^#+ (.+)$/gm);
  return [...headings].map(([, text = '']) =>
    text
      .toLowerCase()
      .replace(/[^\p{L}\p{N}\s-]/gu, '')
      .replaceAll(' ', '-'),
  );
}
