import { describe, expect, it } from 'vitest';
import { fits } from '../../../local/aws/event-pattern.ts';

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
    ['a beginning', { source: [{ prefix: 'aws.partner/' }] }],
    ['an end', { source: [{ suffix: '/1' }] }],
    ['a word in any case', { 'detail-type': [{ 'equals-ignore-case': 'contactchangeevent' }] }],
    ['anything but one', { source: [{ 'anything-but': 'aws.ses' }] }],
    ['anything but some', { source: [{ 'anything-but': ['aws.ses', 'aws.s3'] }] }],
    ['anything but a beginning', { source: [{ 'anything-but': { prefix: 'shop' } }] }],
    ['what is there', ofDetail({ optedOut: [{ exists: true }] })],
    ['what is not there', ofDetail({ email: [{ exists: false }] })],
    ['what is not there in what is not there', { detail: { other: { email: [{ exists: false }] } } }],
    ['a range', ofDetail({ count: [{ numeric: ['>', 0, '<=', 7] }] })],
    ['an equal number', ofDetail({ count: [{ numeric: ['=', 7] }] })],
    ['a list of objects, one of which fits', ofDetail({ people: { age: [{ numeric: ['>=', 40] }] } })],
    ['one of two', ofDetail({ $or: [{ optedOut: [false] }, { count: [7] }] })],
    ['all of several fields', { source: [{ prefix: 'aws.' }], ...ofDetail({ optedOut: [true] }) }],
  ])('fits by %s', (_what, pattern) => {
    expect(fits({ ...pattern }, event)).toBe(true);
  });

  it.each<[string, object]>([
    ['another value', { source: ['aws.ses'] }],
    ['a beginning that is taken for the whole', { source: ['aws.partner/'] }],
    ['a text for a boolean', ofDetail({ optedOut: ['true'] })],
    ['a field that is not there', { account: ['000000000000'] }],
    ['a field that is not there, in a prefix', { account: [{ prefix: '' }] }],
    ['a field that is not there, in anything but', { account: [{ 'anything-but': 'x' }] }],
    ['a field that is there', ofDetail({ optedOut: [{ exists: false }] })],
    ['what is not there', ofDetail({ email: [{ exists: true }] })],
    ['what must be another', { source: [{ 'anything-but': { suffix: '/1' } }] }],
    ['a number out of range', ofDetail({ count: [{ numeric: ['>', 0, '<', 7] }] })],
    ['a text for a number', { source: [{ numeric: ['>', 0] }] }],
    ['neither of two', ofDetail({ $or: [{ optedOut: [false] }, { count: [8] }] })],
    ['one field of two', { source: [{ prefix: 'aws.' }], ...ofDetail({ optedOut: [false] }) }],
    ['an object where there is a text', { source: { name: ['x'] } }],
    ['an inherited name', { constructor: [{ exists: true }] }],
  ])('does not fit for %s', (_what, pattern) => {
    expect(fits({ ...pattern }, event)).toBe(false);
  });

  it('with a filter that is not known here is an error, and not a rule that never works', () => {
    expect(() => fits({ source: [{ cidr: '10.0.0.0/24' }] }, event)).toThrow('does not know the filter cidr');
  });
});
