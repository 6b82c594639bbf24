import { describe, expect, it } from 'vitest';
import { isTicked, valueAt } from '../../../functions/core/readers/field-map.ts';

describe('valueAt', () => {
  const payload = JSON.parse(`{
    "email": "ada@example.com",
    "data": {"First name": "Ada", "e.mail": "grace@example.com", "plans": [{"id": 7}, {"id": 8}], "none": null},
    "data.name": "the name with a dot",
    "__proto__": {"evil": true},
    "a": {"b": {"c": {"d": {"e": {"f": {"g": {"h": {"i": 9}}}}}}}}
  }`);

  it.each([
    ['email', 'ada@example.com'],
    ['data.First name', 'Ada'],
    ['data.e.mail', 'grace@example.com'],
    ['data.name', 'the name with a dot'],
    ['data.plans.1.id', 8],
    ['data.none', null],
    ['__proto__.evil', true],
    ['a.b.c.d.e.f.g.h', { i: 9 }],
  ])('finds %j', (path, value) => {
    expect(valueAt(payload, path)).toEqual(value);
  });

  it.each([
    'Email',
    '',
    '.email',
    'email.',
    'data.last',
    'email.length',
    'data.none.id',
    'data.plans.2.id',
    'constructor',
    'data.constructor.name',
    'data.plans.map',
    'toString.name',
    'a.b.c.d.e.f.g.h.i',
  ])('finds nothing under %j', (path) => {
    expect(valueAt(payload, path)).toBeUndefined();
  });

  it.each([undefined, null, 'email', 7, true])('finds nothing in %j', (nothing) => {
    expect(valueAt(nothing, 'email')).toBeUndefined();
  });
});

describe('isTicked', () => {
  const ticked = [true, 1, 'true', 'True', ' yes ', 'on', '1', ['News'], ['no', 'News'], [0, 1], [{ id: 7 }]];
  const noText: readonly unknown[] = [
    undefined,
    null,
    false,
    0,
    2,
    {},
    { toString: 7 },
    [],
    [''],
    ['No', 'Off'],
    [null, false, '0'],
  ];

  it.each(ticked.map((value) => [value]))('reads %j as ticked', (value) => {
    expect(isTicked(value)).toBe(true);
  });

  it.each([...noText, '', 'false', 'no', 'off', 'News', 'true story'].map((value) => [value]))(
    'reads %j as not ticked',
    (value) => {
      expect(isTicked(value)).toBe(false);
    },
  );
});
