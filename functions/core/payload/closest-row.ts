import { rowOf } from './fields.ts';

/** Looks up the longest known prefix of the words: `failed permanent old`, else `failed permanent`, else `failed`. */
export function closestRow<Row>(
  table: Readonly<Record<string, Row>>,
  words: readonly (string | undefined)[],
): Row | undefined {
  const rows = words.map((_word, index) => rowOf(table, words.slice(0, words.length - index).join(' ')));
  return rows.find((row) => row !== undefined);
}
