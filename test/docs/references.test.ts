import { existsSync, globSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, it } from 'vitest';

const ROOT = join(import.meta.dirname, '../..');

it.each(globSync(['*.md', '.github/*.md', 'docs/**/*.md'], { cwd: ROOT }))('has no broken link in %s', (file) => {
  const broken = referencesIn(file).filter((reference) => !exists(file, reference));

  expect(broken).toEqual([]);
});

/** Returns the targets of the relative links and images of a page. */
function referencesIn(file: string): readonly string[] {
  const found = readFileSync(join(ROOT, file), 'utf8').matchAll(/\]\(([^)\s]+)\)/g);
  return [...found].map(([, target = '']) => target).filter((target) => !/^(?:https?|mailto):/.test(target));
}

function exists(file: string, reference: string): boolean {
  const [path = '', anchor] = reference.split('#');
  const target = path === '' ? join(ROOT, file) : join(ROOT, dirname(file), path);
  if (!existsSync(target)) return false;
  return anchor === undefined || anchorsIn(target).includes(anchor);
}

/** Returns the anchors that GitHub generates for the headings. */
function anchorsIn(file: string): readonly string[] {
  const headings = readFileSync(file, 'utf8').matchAll(/^#+ (.+)$/gm);
  return [...headings].map(([, text = '']) =>
    text
      .toLowerCase()
      .replace(/[^\p{L}\p{N}\s-]/gu, '')
      .replaceAll(' ', '-'),
  );
}
