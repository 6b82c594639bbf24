import { describe, expect, it } from 'vitest';
import { matches } from '../../../local/aws/event-pattern.ts';

const event = {
  source: 'aws.partner/salesforce.com/1',
  'detail-type': 'ContactChangeEvent',
  resources: ['arn:one', 'arn:two'],
  detail: { payload: { optedOut: true, name: null, count: 7, people: [{ age: 3 }, { age: 40 }] } },
};
const ofDetail = (payload: object) => ({ detail: { payload } });

describe('a pattern', () => {
  it.each<[string, object]>([
    ['nothing', {}],
    ['a value', { source: ['aws.ses', 'aws.partner/salesforce.com/1'] }],
    ['one value of several', { resources: ['arn:two'] }],
    ['a boolean', ofDetail({ optedOut: [true] })],
    ['null', ofDetail({ name: [null] })],
    ['a number', ofDetail({ count: [7] })],
    ['a prefix', { source: [{ prefix: 'aws.partner/' }] }],
    ['a suffix', { source: [{ suffix: '/1' }] }],
    ['a word, ignoring case', { 'detail-type': [{ 'equals-ignore-case': 'contactchangeevent' }] }],
    ['anything but one', { source: [{ 'anything-but': 'aws.ses' }] }],
    ['anything but some', { source: [{ 'anything-but': ['aws.ses', 'aws.s3'] }] }],
    ['anything but a prefix', { source: [{ 'anything-but': { prefix: 'shop' } }] }],
    ['an existing field', ofDetail({ optedOut: [{ exists: true }] })],
    ['a missing field', ofDetail({ email: [{ exists: false }] })],
    ['a missing field of a missing object', { detail: { other: { email: [{ exists: false }] } } }],
    ['a range', ofDetail({ count: [{ numeric: ['>', 0, '<=', 7] }] })],
    ['an equal number', ofDetail({ count: [{ numeric: ['=', 7] }] })],
    ['one matching object of a list', ofDetail({ people: { age: [{ numeric: ['>=', 40] }] } })],
    ['one of two', ofDetail({ $or: [{ optedOut: [false] }, { count: [7] }] })],
    ['all of several fields', { source: [{ prefix: 'aws.' }], ...ofDetail({ optedOut: [true] }) }],
  ])('matches by %s', (_what, pattern) => {
    expect(matches({ ...pattern }, event)).toBe(true);
  });

  it.each<[string, object]>([
    ['another value', { source: ['aws.ses'] }],
    ['a prefix as the whole value', { source: ['aws.partner/'] }],
    ['a string for a boolean', ofDetail({ optedOut: ['true'] })],
    ['a missing field with a value', { account: ['000000000000'] }],
    ['a missing field with a prefix filter', { account: [{ prefix: '' }] }],
    ['a missing field with an anything-but filter', { account: [{ 'anything-but': 'x' }] }],
    ['an existing field that must not exist', ofDetail({ optedOut: [{ exists: false }] })],
    ['a missing field that must exist', ofDetail({ email: [{ exists: true }] })],
    ['an excluded value', { source: [{ 'anything-but': { suffix: '/1' } }] }],
    ['a number out of range', ofDetail({ count: [{ numeric: ['>', 0, '<', 7] }] })],
    ['a string for a number', { source: [{ numeric: ['>', 0] }] }],
    ['neither of two', ofDetail({ $or: [{ optedOut: [false] }, { count: [8] }] })],
    ['one field of two', { source: [{ prefix: 'aws.' }], ...ofDetail({ optedOut: [false] }) }],
    ['an object for a string', { source: { name: ['x'] } }],
    ['an inherited name', { constructor: [{ exists: true }] }],
  ])('does not match: %s', (_what, pattern) => {
    expect(matches({ ...pattern }, event)).toBe(false);
  });

  it('with an unsupported filter throws', () => {
    expect(() => matches({ source: [{ cidr: '10.0.0.0/24' }] }, event)).toThrow('does not support the filter cidr');
  });
});
