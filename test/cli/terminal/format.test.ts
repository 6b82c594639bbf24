import { describe, expect, it } from 'vitest';
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
