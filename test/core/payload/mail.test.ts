import { describe, expect, it } from 'vitest';
import { fieldBlocks, wordOf } from '../../../functions/core/payload/mail.ts';

const blocksOf = (text: string) => fieldBlocks(text).map((fields) => Object.fromEntries(fields));

describe('fieldBlocks', () => {
  it('parses the blocks between empty lines, with any line ending and leading empty lines', () => {
    const text = '\r\n\r\nReporting-MTA: dns; a\r\n\r\nAction: failed\nStatus: 5.1.1\n \t\nAction: delayed\n';

    expect(blocksOf(text)).toEqual([
      { 'reporting-mta': ['dns; a'] },
      { action: ['failed'], status: ['5.1.1'] },
      { action: ['delayed'] },
    ]);
  });

  it('joins folded lines, keeps every value of a field in order, and skips lines without a name', () => {
    const text = 'A: one\r\n  two\n\tthree\r\nb : x\r\nno field\r\n: no name\r\na:four:five\r\n__proto__: y';

    expect(fieldBlocks(text)).toEqual([
      new Map([
        ['a', ['one  two\tthree', 'four:five']],
        ['b', ['x']],
        ['__proto__', ['y']],
      ]),
    ]);
  });

  it('returns no fields for an empty text', () => {
    expect(blocksOf('')).toEqual([{}]);
  });
});

describe('wordOf', () => {
  const [fields = new Map()] = fieldBlocks('a: Auto-Replied; owner=x\nb: no (comment)\nc:\na: second');

  it.each([
    ['a', 'auto-replied'],
    ['b', 'no'],
    ['c', ''],
    ['d', undefined],
  ])('reduces %s to its first word: %s', (name, word) => {
    expect(wordOf(fields, name)).toBe(word);
  });
});
