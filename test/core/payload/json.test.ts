import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MAX_UNVERIFIED_VALUES, parseJson } from '../../../functions/core/payload/json.ts';

describe('depth', () => {
  it.each([
    ['lists', '[', ']'],
    ['objects', '{"a":', '}'],
  ])('of %s is accepted up to 100 levels', (_what, open, close) => {
    const nested = (levels: number) => `${open.repeat(levels)}1${close.repeat(levels)}`;

    expect(parseJson(nested(100))).toBeTypeOf('object');
    expect(parseJson(nested(101))).toBeUndefined();
  });

  it('counts the levels that are open at a time', () => {
    expect(parseJson(`[${'[[]],'.repeat(1_000)}{}]`)).toHaveLength(1_001);
  });
});

describe('the number of values', () => {
  it.each([
    ['elements', 3, '[1,2]', '[1,2,3]'],
    ['members', 3, '{"a":1,"b":2}', '{"a":1,"b":2,"c":3}'],
    ['empty lists and objects', 5, '[[],{}]', '[[],{},[]]'],
  ])('of %s is limited', (_what, maxValues, accepted, rejected) => {
    expect(parseJson(accepted, maxValues)).toEqual(JSON.parse(accepted));
    expect(parseJson(rejected, maxValues)).toBeUndefined();
  });

  it('allows a large batch of events, but not what no sender sends', () => {
    const event = { email: 'ada@example.com', event: 'unsubscribe', timestamp: 1762077600, sg_event_id: 'e1' };
    const batch = JSON.stringify(Array.from({ length: 10_000 }, () => event));

    expect(parseJson(batch)).toHaveLength(10_000);
    expect(parseJson(batch, MAX_UNVERIFIED_VALUES)).toBeUndefined();
    expect(parseJson(`[${'0,'.repeat(300_000)}0]`)).toBeUndefined();
  });

  it.each([
    ['brackets and commas', '["[[[{{{,,,"]'],
    ['an escaped quote', '["\\",[[[{{{,,,"]'],
    ['an escaped backslash', '["\\\\"]'],
    ['a name with brackets', '{"[,{":0}'],
  ])('does not count %s in a text', (_what, text) => {
    expect(parseJson(text, 2)).toEqual(JSON.parse(text));
  });
});

it.each(['"', '"\\', '["\\"]', '{"a', '"a\\"'])('rejects the unterminated text %j', (text) => {
  expect(parseJson(text)).toBeUndefined();
});

it.each([
  ['[1234567890123456]', [1234567890123456]],
  ['[12345678901234567]', ['12345678901234567']],
  ['[-12345678901234567 , 1]', ['-12345678901234567', 1]],
  ['{"12345678901234567":"[12345678901234567]","a":12345678901234567}', { '12345678901234567': '[12345678901234567]' }],
  ['["\\"",12345678901234567]', ['"', '12345678901234567']],
  [
    '[12345678901234567.5,12345678901234567e2,0.12345678901234567,1e-12345678901234567]',
    [12345678901234568, 1234567890123456800, 0.12345678901234566, 0],
  ],
])('keeps the digits of whole numbers beyond 2^53 in %s', (text, expected) => {
  expect(parseJson(text)).toMatchObject(expected);
});

it.each(['[012345678901234567]', '[-012345678901234567]', '[12345678901234567x]', '12345678901234567 "a"'])(
  'still rejects %s',
  (text) => {
    expect(parseJson(text)).toBeUndefined();
  },
);

it('agrees with JSON.parse, except for whole numbers beyond 2^53', () => {
  const rounded = (_key: string, value: unknown) =>
    typeof value === 'string' && /^-?\d{16,}$/.test(value) ? Number(value) : value;
  const numbers = fc.oneof(
    fc.double({ noNaN: true, noDefaultInfinity: true }),
    fc.bigInt({ min: 0n, max: 10n ** 30n }),
  );
  const values = fc.oneof(
    fc.jsonValue().map((value) => JSON.stringify(value)),
    numbers.map(String),
  );
  const documents = fc.array(values).map((each) => `[ ${each.join(' ,')}]`);
  fc.assert(
    fc.property(documents, (text) => {
      expect(JSON.parse(JSON.stringify(parseJson(text)), rounded)).toEqual(
        JSON.parse(JSON.stringify(JSON.parse(text)), rounded),
      );
    }),
  );
});
