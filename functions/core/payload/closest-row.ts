import { rowOf } from './fields.ts';

/**
 * Looks up the longest known prefix of the words: `failed permanent old`, else `failed permanent`, else `failed`.
 *
 * @param table its keys are lower-case
 * @param words in any case, since senders change the case of their words
 */
export function closestRow<Row>(
  table: Readonly<Record<string, Row>>,
  words: readonly (string | undefined)[],
): Row | undefined {
  const lowerCase = words.map((word) => word?.toLowerCase());
  const rows = words.map((_word, index) => rowOf(table, lowerCase.slice(0, words.length - index).join(' ')));
  return rows.find((row) => row !== undefined);
}
