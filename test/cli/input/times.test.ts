import { describe, expect, it } from 'vitest';
import { readTime, timeFormatOf } from '../../../cli/input/times.ts';

describe('readTime', () => {
  it.each([
    ['2026-11-23', '2026-11-23T00:00:00.000Z'],
    [' 2026-11-23 10:15 ', '2026-11-23T10:15:00.000Z'],
    ['2026-11-23T10:15:30', '2026-11-23T10:15:30.000Z'],
    ['2026-11-23 10:15:30.5', '2026-11-23T10:15:30.500Z'],
    ['2026-11-23T10:15:30+02:00', '2026-11-23T08:15:30.000Z'],
    ['2026-11-23T10:15:30.123Z', '2026-11-23T10:15:30.123Z'],
    ['1795428930', '2026-11-23T10:15:30.000Z'],
    ['1795428930123', '2026-11-23T10:15:30.123Z'],
    ['1795428930.5', '2026-11-23T10:15:30.500Z'],
    ['Tue, 07 Jan 2025 19:25:45 UTC', '2025-01-07T19:25:45.000Z'],
    ['Wed, 8 Jan 2025 19:25:45 +0000', '2025-01-08T19:25:45.000Z'],
    ['08 Jan 2025 19:25 -0530', '2025-01-09T00:55:00.000Z'],
    ['2026-11-23 10:15:30 UTC', '2026-11-23T10:15:30.000Z'],
    ['2026-11-23 10:15:30+0000', '2026-11-23T10:15:30.000Z'],
    ['2026-11-23 10:15:30.5+02', '2026-11-23T08:15:30.500Z'],
    ['20261123T101530Z', '2026-11-23T10:15:30.000Z'],
  ])('reads %j', (text, iso) => {
    expect(readTime(text, 'it').toISOString()).toBe(iso);
  });

  it.each([
    '',
    '23.11.2026',
    '11/23/2026',
    '20261123',
    'Tue, 07 Foo 2025 19:25:45 UTC',
    '2026-11-23 10:15 CET',
    '2026-11-23 10:15:30 PM',
    '2026-13-01',
    '2026-11-23T25:00',
    'shibboleth',
    '-1',
    '1e9',
  ])('rejects %j without repeating it', (text) => {
    expect(() => readTime(text, 'the time')).toThrow(/^the time is not a time$/);
  });

  it.each([
    ['2026-01-15 10:00', '2026-01-15T09:00:00.000Z'],
    ['2026-07-15T10:00:30', '2026-07-15T08:00:30.000Z'],
    ['2026-07-15', '2026-07-14T22:00:00.000Z'],
    ['15 Jul 2026 10:00:00 GMT', '2026-07-15T10:00:00.000Z'],
    ['2026-07-15 10:00+05:00', '2026-07-15T05:00:00.000Z'],
    ['1795428930', '2026-11-23T10:15:30.000Z'],
    ['2026-03-29 01:59', '2026-03-29T00:59:00.000Z'],
    ['2026-03-29 03:00', '2026-03-29T01:00:00.000Z'],
    ['2026-10-25 02:30', '2026-10-25T00:30:00.000Z'],
    ['2026-10-25 03:00', '2026-10-25T02:00:00.000Z'],
  ])('reads %j in Berlin, if it has no zone of its own', (text, iso) => {
    expect(readTime(text, 'it', { timeZone: 'Europe/Berlin' }).toISOString()).toBe(iso);
  });

  it.each([
    ['Asia/Kolkata', '2026-01-15T04:30:00.000Z'],
    ['America/St_Johns', '2026-01-15T13:30:00.000Z'],
    ['UTC', '2026-01-15T10:00:00.000Z'],
  ])('reads a time in %s', (timeZone, iso) => {
    expect(readTime('2026-01-15 10:00', 'it', { timeZone }).toISOString()).toBe(iso);
  });

  it.each([
    ['01/02/2026', 'dmy', '2026-02-01T00:00:00.000Z'],
    ['01/02/2026', 'mdy', '2026-01-02T00:00:00.000Z'],
    ['1.2.2026 9:05', 'dmy', '2026-02-01T09:05:00.000Z'],
    ['1-2-2026, 9:05:07 PM', 'mdy', '2026-01-02T21:05:07.000Z'],
    ['12/31/2026 12:00 am UTC', 'mdy', '2026-12-31T00:00:00.000Z'],
    ['12/31/2026 12:30 p.m.', 'mdy', '2026-12-31T12:30:00.000Z'],
    ['2026-02-01', 'mdy', '2026-02-01T00:00:00.000Z'],
  ] as const)('reads %j in the order %s', (text, dateOrder, iso) => {
    expect(readTime(text, 'it', { dateOrder }).toISOString()).toBe(iso);
  });

  it.each(['31/12/2026', '02/30/2026', '12/31/26', '12/31/2026 25:00'])('rejects %j with the month first', (text) => {
    expect(() => readTime(text, 'the time', { dateOrder: 'mdy' })).toThrow(/^the time is not a time$/);
  });
});

describe('timeFormatOf', () => {
  it('rejects an unknown zone, and an unknown order', () => {
    expect(() => timeFormatOf({ 'time-zone': 'Berlin' })).toThrow('--time-zone is not a zone such as Europe/Berlin');
    expect(() => timeFormatOf({ 'date-order': 'ymd' })).toThrow('--date-order is dmy or mdy');
  });
});
