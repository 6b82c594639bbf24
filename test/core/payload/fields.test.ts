import { describe, expect, it } from 'vitest';
import { Unreadable } from '../../../functions/core/model/errors.ts';
import {
  arrayOf,
  isObject,
  isoTime,
  jsonOf,
  objectOf,
  optionalText,
  partOf,
  rowOf,
  textField,
  textOf,
  unixSeconds,
} from '../../../functions/core/payload/fields.ts';

const unreadable = (reason: string) => new Unreadable(reason);

describe('textOf', () => {
  it('decodes UTF-8 without the byte order mark', () => {
    expect(textOf(Buffer.from('\ufeffJörg 🦊'))).toBe('Jörg 🦊');
  });

  it.each([[[0xff]], [[0xc3]], [[0xed, 0xa0, 0x80]]])('replaces the undecodable bytes %j', (bytes) => {
    expect(textOf(Uint8Array.from([0x61, ...bytes, 0x62]))).toMatch(/^a\ufffd+b$/);
  });
});

describe('jsonOf', () => {
  it.each([
    ['{"id":9223372036854775807}', { id: '9223372036854775807' }],
    ['{"id":-9223372036854775808}', { id: '-9223372036854775808' }],
    ['[9007199254740991,9007199254740993]', [9007199254740991, '9007199254740993']],
    ['{"id":"9223372036854775807","n":7}', { id: '9223372036854775807', n: 7 }],
    ['[0.1234567890123456789]', [0.12345678901234568]],
    ['\ufeff null ', null],
    ['{"a":{"b":[true,1.5,"x"]}}', { a: { b: [true, 1.5, 'x'] } }],
  ])('reads %s', (text, value) => {
    expect(jsonOf(Buffer.from(text))).toEqual(value);
  });

  it.each(['', '{', 'email=ada%40example.com', "{'a':1}", 'NaN', '{"a":1}{"a":1}', '1234567890123456789 x'])(
    'rejects %j without quoting it',
    (text) => {
      expect(() => jsonOf(Buffer.from(text))).toThrow(unreadable('the body is not JSON'));
    },
  );

  it('treats __proto__ as an ordinary key', () => {
    expect(objectOf(jsonOf(Buffer.from('{"__proto__":{"email":"ada@example.com"}}')), 'it').email).toBeUndefined();
  });
});

it.each([
  [{}, true, false],
  [[], false, true],
  [null, false, false],
  ['{}', false, false],
  [undefined, false, false],
  [7, false, false],
])('distinguishes objects and arrays: %j', (value, object, array) => {
  expect(isObject(value)).toBe(object);
  if (object) expect(objectOf(value, 'it')).toBe(value);
  else expect(() => objectOf(value, 'it')).toThrow(unreadable('it is not an object'));
  if (array) expect(arrayOf(value, 'it')).toBe(value);
  else expect(() => arrayOf(value, 'it')).toThrow(unreadable('it is not an array'));
});

it.each([
  ['text', 'text'],
  [' ', ' '],
  [0, '0'],
  [-1.5, '-1.5'],
  ['', undefined],
  [null, undefined],
  [true, undefined],
  [['text'], undefined],
  [{}, undefined],
  [undefined, undefined],
])('reads the field %j as %j', (value, text) => {
  expect(optionalText({ field: value }, 'field')).toBe(text);
  if (text === undefined) expect(() => textField({ field: value }, 'field')).toThrow(unreadable('field is missing'));
  else expect(textField({ field: value }, 'field')).toBe(text);
});

it('rejects a field with undecodable bytes that is required as text', () => {
  expect(() => textField({ id: 'a\ufffd' }, 'id')).toThrow(unreadable('id is not UTF-8'));
  expect(optionalText({ reason: 'a\ufffd' }, 'reason')).toBe('a\ufffd');
});

describe('unixSeconds', () => {
  it.each([
    [1762077600, '2025-11-02T10:00:00.000Z'],
    ['1762077600', '2025-11-02T10:00:00.000Z'],
    [1762077600.25, '2025-11-02T10:00:00.250Z'],
    ['1762077600.250', '2025-11-02T10:00:00.250Z'],
    [253402300799, '9999-12-31T23:59:59.000Z'],
  ])('reads %j', (value, time) => {
    expect(unixSeconds(value, 'ts').toISOString()).toBe(time);
  });

  it.each([
    '',
    ' ',
    'now',
    '1762077600s',
    0,
    -1,
    '0',
    Number.NaN,
    Number.POSITIVE_INFINITY,
    1e300,
    null,
    true,
    [1762077600],
    {},
    undefined,
    1762077600000,
    253402300800,
  ])('rejects %j', (value) => {
    expect(() => unixSeconds(value, 'ts')).toThrow(unreadable('ts is not a time'));
  });
});

describe('isoTime', () => {
  it.each([
    ['2025-11-02T10:00:00Z', '2025-11-02T10:00:00.000Z'],
    ['2025-11-02T10:00Z', '2025-11-02T10:00:00.000Z'],
    ['2025-11-02T12:00:00+02:00', '2025-11-02T10:00:00.000Z'],
    ['2025-11-02T05:30:00-0430', '2025-11-02T10:00:00.000Z'],
    ['2025-11-02T10:00:00.1234567Z', '2025-11-02T10:00:00.123Z'],
  ])('reads %s', (value, time) => {
    expect(isoTime(value, 'at').toISOString()).toBe(time);
  });

  it.each([
    '',
    '2025-11-02',
    '2025-11-02T10:00:00',
    '2025-11-02 10:00:00Z',
    '2025-11-02T10:00:00Z (UTC)',
    ['2025-11-02T10:00:00Z'],
    '(UTC) 2025-11-02T10:00:00Z',
    '02/11/2025',
    'Sun, 02 Nov 2025 10:00:00 GMT',
    '2025-13-02T10:00:00Z',
    '2025-11-02T25:00:00Z',
    '1969-12-31T23:59:59Z',
    '1970-01-01T00:00:00Z',
    '9999-12-31T23:59:59-01:00',
    ' 2025-11-02T10:00:00Z',
    '2025-11-02T10:00:00Z\n',
    1762077600,
    null,
    undefined,
  ])('rejects %j', (value) => {
    expect(() => isoTime(value, 'at')).toThrow(unreadable('at is not a time'));
  });
});

it('looks up the rows of a table, but no inherited names', () => {
  const table = { unsubscribe: 'opt_out' };

  expect(rowOf(table, 'unsubscribe')).toBe('opt_out');
  for (const word of ['constructor', '__proto__', 'toString', '', undefined])
    expect(rowOf(table, word)).toBeUndefined();
});

it('returns the object in a field, or an empty object', () => {
  const part = { email: 'ada@example.com' };

  expect(partOf({ part }, 'part')).toBe(part);
  for (const value of [undefined, null, 'x', 7, [part]]) expect(partOf({ part: value }, 'part')).toEqual({});
});
