import { describe, expect, it } from 'vitest';
import { fieldBlocks, wordOf } from '../../../functions/core/payload/mail.ts';

const blocksOf = (text: string) => fieldBlocks(text).map((fields) => Object.fromEntries(fields));

describe('fieldBlocks', () => {
  it('reads blocks between empty lines, however they end and whatever stands before the first', () => {
    const text = '\r\n\r\nReporting-MTA: dns; a\r\n\r\nAction: failed\nStatus: 5.1.1\n \t\nAction: delayed\n';

    expect(blocksOf(text)).toEqual([
      { 'reporting-mta': ['dns; a'] },
      { action: ['failed'], status: ['5.1.1'] },
      { action: ['delayed'] },
    ]);
  });

  it('joins folded lines, keeps every value of a field in order, and leaves out what is no field', () => {
    const text = 'A: one\r\n  two\n\tthree\r\nb : x\r\nno field\r\n: no name\r\na:four:five\r\n__proto__: y';

    expect(fieldBlocks(text)).toEqual([
      new Map([
        ['a', ['one  two\tthree', 'four:five']],
        ['b', ['x']],
        ['__proto__', ['y']],
      ]),
    ]);
  });

  it('finds nothing in nothing', () => {
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
  ])('takes of %s the first word alone: %s', (name, word) => {
    expect(wordOf(fields, name)).toBe(word);
  });
});
