import { UsageError } from '../command.ts';
import { repeatedOption } from '../define-command.ts';
import { requireColumn } from '../input/list-file.ts';

/** A column and the values of the rows that are meant, of which a row needs one. */
export interface Condition {
  readonly column: string;
  /** In lower case. */
  readonly values: readonly string[];
}

/** `--only <column=value>`. */
export const ONLY = repeatedOption(
  'column=value',
  'only rows with this value, in upper or lower case; repeat it for more values of the column, or for more columns',
);

/**
 * Reads the values of `--only`.
 * @throws UsageError if one has no column
 */
export function conditionsOf(only: readonly string[] = []): readonly Condition[] {
  const values = new Map<string, string[]>();
  for (const text of only) {
    const at = text.lastIndexOf('=');
    const column = text.slice(0, at).trim();
    if (at < 0 || column === '')
      throw new UsageError("--only is not a column and a value, such as 'Status=unsubscribed'");
    values.set(column, [...(values.get(column) ?? []), normalized(text.slice(at + 1))]);
  }
  return [...values].map(([column, values]) => ({ column, values }));
}

/**
 * Returns whether a row has the values of all conditions.
 * @throws UsageError if a column is missing
 */
export function filterOf(conditions: readonly Condition[], columns: readonly string[]) {
  const checks = conditions.map(({ column, values }) => ({ at: requireColumn(columns, column), values }));
  return (cells: readonly string[]) => checks.every(({ at, values }) => values.includes(normalized(cells[at] ?? '')));
}

function normalized(text: string): string {
  return text.trim().toLowerCase();
}
