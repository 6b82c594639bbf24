import { describe, expect, it } from 'vitest';
import { readTime } from '../../../cli/input/times.ts';
import { formatCount, formatDuration, formatTime } from '../../../cli/terminal/format.ts';

describe('formatDuration', () => {
  it.each([
    [-5, '0 ms'],
    [140.4, '140 ms'],
    [1_000, '1 s'],
    [61_900, '1 min 1 s'],
    [3_600_000, '1 h'],
    [3_660_000, '1 h 1 min'],
    [90_000_000, '1 d 1 h'],
    [86_400_000 * 400 + 59_000, '400 d'],
  ])('formats %d ms as %s', (ms, text) => {
    expect(formatDuration(ms)).toBe(text);
  });
});

describe('formatCount and formatTime', () => {
  it('format a count with its noun, and an ISO time', () => {
    expect([formatCount(1, 'entry', 'entries'), formatCount(12_345, 'opt-out')]).toEqual([
      '1 entry',
      '12,345 opt-outs',
    ]);
    expect(formatTime('2026-11-23T02:44:11.195Z')).toBe('2026-11-23 02:44:11');
  });
});

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
});
