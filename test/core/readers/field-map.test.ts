import { describe, expect, it } from 'vitest';
import { textsWithin, valueAt } from '../../../functions/core/readers/field-map.ts';

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

describe('valueAt in an array of pairs', () => {
  const payload = {
    meta_data: [
      { id: 1, key: 'is_subscribed', value: '0' },
      { key: 'a.b', value: 1 },
      null,
      { name: 'consent', value: false },
    ],
    tags: [{ name: 'news' }, { key: 'x', value: 'first' }, { key: 'x', value: 'second' }],
  };

  it.each([
    ['meta_data.is_subscribed', '0'],
    ['meta_data.consent', false],
    ['meta_data.a.b', 1],
    ['meta_data.0.key', 'is_subscribed'],
    ['tags.x', 'first'],
    ['tags.news', undefined],
    ['meta_data.missing', undefined],
  ])('finds the value of %s', (path, value) => {
    expect(valueAt(payload, path)).toBe(value);
  });
});

describe('textsWithin', () => {
  it('returns the texts of a value at any depth up to eight', () => {
    expect(textsWithin({ a: 'x', b: [{ c: 'y' }, 7, null, ['z']] })).toEqual(['x', 'y', 'z']);
    expect(textsWithin('x')).toEqual(['x']);
    expect(textsWithin({ a: { b: { c: { d: { e: { f: { g: { h: 'in', i: { j: 'out' } } } } } } } } })).toEqual(['in']);
  });

  it('reads a deeply nested value', () => {
    expect(textsWithin(JSON.parse(`${'['.repeat(100_000)}"x"${']'.repeat(100_000)}`))).toEqual([]);
  });
});
