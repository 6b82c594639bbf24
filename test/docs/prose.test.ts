import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { PROSE_PATTERNS } from './prose-patterns.ts';

const ROOT = join(import.meta.dirname, '../..');

it.each(PROSE_PATTERNS)('matches the sentence to avoid and not the fair one: $avoid', ({ avoid, caught, fair }) => {
  expect(caught.replaceAll('~', '')).toMatch(avoid);
  expect(fair).not.toMatch(avoid);
});

it.each([
  ['a comment', '  // The counter is\n  // no~ limit.'],
  ['a docstring', '/**\n * The counter is\n * no~ limit.\n */'],
  ['a paragraph', 'The counter is\nno~ limit.'],
  ['a quote', '> The counter is\n> no~ limit.'],
])('finds a phrase that wraps in %s', (_where, text) => {
  expect(phrasesIn(text.replaceAll('~', ''))).toHaveLength(1);
});

it('finds no phrase across paragraphs', () => {
  expect(phrasesIn('The default is\n\nno value.')).toEqual([]);
});

it('finds no phrase to avoid in the code, the tests, the infrastructure and the documentation', () => {
  const found = texts().flatMap((file) =>
    phrasesIn(readFileSync(join(ROOT, file), 'utf8')).map((phrase) => `${file}:${phrase}`),
  );

  expect(found).toEqual([]);
});

/** Returns the tracked texts. Fixtures are recorded messages, and the pages' languages are texts for recipients. */
function texts(): readonly string[] {
  return execFileSync('git', ['ls-files'], { cwd: ROOT, encoding: 'utf8' })
    .split('\n')
    .filter((file) => /\.(?:ts|js|md|yml|html)$|^\.ci\//.test(file))
    .filter((file) => !/(?:^|\/)(?:fixtures|languages)\//.test(file));
}

/** A line break within a paragraph or a comment, with the indentation and the comment's marker that follow it. */
const LINE_BREAK = /(?<!\n)\n(?!\n)[ \t]*(?:\*(?!\/)|\/\/+|#+|>)?[ \t]*/g;

/** Returns the phrases to avoid in a text, also those that wrap: `<line>: <phrase>, write: <instead>`. */
function phrasesIn(text: string): readonly string[] {
  const unwrapped = text.replaceAll(LINE_BREAK, (found) => ' '.padStart(found.length));
  return PROSE_PATTERNS.flatMap(({ avoid, write }) => {
    const wrappable = new RegExp(avoid.source.replaceAll(' ', ' +'), `${avoid.flags}g`);
    return [...unwrapped.matchAll(wrappable)].map(({ 0: phrase, index }) => {
      const line = text.slice(0, index).split('\n').length;
      return `${line}: ${phrase.replaceAll(/ +/g, ' ')}, write: ${write}`;
    });
  });
}
