import { expect, it } from 'vitest';
import { closestRow } from '../../../functions/core/payload/closest-row.ts';

const table = { failed: 'soft', 'failed permanent': 'hard', 'failed permanent old': 'old' };

it.each([
  [['failed', 'permanent', 'old'], 'old'],
  [['failed', 'permanent', 'bounce'], 'hard'],
  [['failed', 'permanent', undefined], 'hard'],
  [['failed', undefined, undefined], 'soft'],
  [['failed', undefined, 'old'], 'soft'],
  [['FAILED', 'Permanent'], 'hard'],
  [['permanent', 'old'], undefined],
  [['constructor'], undefined],
  [[], undefined],
])('finds the row for the longest known prefix of %j', (words, row) => {
  expect(closestRow(table, words)).toBe(row);
});
