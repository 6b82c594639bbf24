import { expect, it } from 'vitest';
import { parseContactId } from '../../../functions/core/model/contact-id.ts';
import { Unreadable } from '../../../functions/core/model/errors.ts';

it.each([
  [4711, '4711'],
  ['4711', '4711'],
  ['106651134132', '106651134132'],
  [999_999_999_999_999, '999999999999999'],
])('parses %j', (value, id) => {
  expect(parseContactId(value)).toBe(id);
});

it.each([
  undefined,
  null,
  '',
  ' ',
  '4711 ',
  '4711\n',
  '../4711',
  '4711/merge',
  '4711?properties=phone',
  '٤٧١١',
  '1'.repeat(16),
  -1,
  0.5,
  1e21,
  Number.NaN,
  true,
  ['4711'],
  { id: '4711' },
])('rejects %j without quoting it', (value) => {
  expect(() => parseContactId(value)).toThrow(new Unreadable('the contact id is not valid'));
});
