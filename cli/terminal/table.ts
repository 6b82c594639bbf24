import Table from 'cli-table3';

export type Cell = string | number;

export interface TableOptions {
  /** @default no header; the first column labels the second */
  readonly head?: readonly string[];
  readonly rows: readonly (readonly Cell[])[];
  /** Width of the terminal. The last column wraps to fit. @default 100 */
  readonly columns?: number | undefined;
  /** Draws a line between rows, for rows of several lines. */
  readonly isRuled?: boolean;
}

const DEFAULT_COLUMNS = 100;
const MIN_LAST_COLUMN = 20;
/** A border and a space on both sides. */
const PADDING = 3;

/** Draws a table without colors, so that it can be pasted into a ticket. Numbers are right-aligned. */
export function tableOf({ head = [], rows, columns = DEFAULT_COLUMNS, isRuled = false }: TableOptions): string {
  const texts = rows.map((row) => row.map(textOf));
  const all = head.length > 0 ? [head, ...texts] : texts;
  const widths = (all[0] ?? []).map((_cell, at) => Math.max(...all.map((row) => widthOf(row[at] ?? '', /\n/))));
  const before = widths.slice(0, -1).reduce((sum, width) => sum + width + PADDING, 1);
  const last = Math.min(widths.at(-1) ?? 0, Math.max(MIN_LAST_COLUMN, columns - before - PADDING));
  const table = new Table({
    head: [...head],
    style: { head: [], border: [], compact: !isRuled },
    colWidths: [...widths.slice(0, -1), last].map((width) => width + 2),
    colAligns: (rows[0] ?? []).map((cell) => (typeof cell === 'number' ? 'right' : 'left')),
    wordWrap: true,
  });
  // Wrapping at word boundaries would cut off a word that is longer than the column.
  const cellOf = (content: string) => ({ content, wrapOnWordBoundary: widthOf(content, /\s/) <= last });
  table.push(...texts.map((row) => [...row.slice(0, -1), cellOf(row.at(-1) ?? '')]));
  return `${table.toString()}\n`;
}

function textOf(cell: Cell): string {
  return typeof cell === 'number' ? cell.toLocaleString('en') : cell;
}

function widthOf(text: string, separator: RegExp): number {
  return Math.max(...text.split(separator).map((part) => part.length));
}
