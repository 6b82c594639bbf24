import { describe, expect, it } from 'vitest';
import { twoColumns, wrap } from '../../../cli/terminal/columns.ts';

describe('wrap', () => {
  it('breaks at spaces, at the given width', () => {
    expect(wrap('one two three', 7)).toEqual(['one two', 'three']);
    expect(wrap('one two three', 13)).toEqual(['one two three']);
    expect(wrap('')).toEqual([]);
  });
});

describe('twoColumns', () => {
  it('aligns descriptions and indents wrapped lines', () => {
    const long = `${'word '.repeat(25)}end`;

    expect(
      twoColumns([
        ['--yes', 'short'],
        ['--output <file>', long],
        ['--x', ''],
      ]).split('\n'),
    ).toEqual([
      '  --yes            short',
      `  --output <file>  ${'word '.repeat(18).trim()}`,
      `                   ${'word '.repeat(7)}end`,
      '  --x',
    ]);
  });
});
