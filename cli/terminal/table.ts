import Table from 'cli-table3';

export type Cell = string | number;

export interface Tabular {
  /** Left out: the first column names what stands in the second. */
  readonly head?: readonly string[];
  readonly rows: readonly (readonly Cell[])[];
  /** Of the terminal; the last column wraps its words to stay within. */
  readonly columns?: number | undefined;
  /** A line between the rows, where they have more than one. */
  readonly isRuled?: boolean;
}

/** Where nobody says how wide a line may be. */
const USUAL_COLUMNS = 100;
const LEAST_LAST = 20;
/** A border and a space on both sides. */
const AROUND = 3;

/** A table for people, without colours: it may end up in a file or a ticket. Numbers stand to the right. */
export function tableOf({ head = [], rows, columns = USUAL_COLUMNS, isRuled = false }: Tabular): string {
  const texts = rows.map((row) => row.map(textOf));
  const all = head.length > 0 ? [head, ...texts] : texts;
  const widths = (all[0] ?? []).map((_cell, at) => Math.max(...all.map((row) => widthOf(row[at] ?? '', /\n/))));
  const before = widths.slice(0, -1).reduce((sum, width) => sum + width + AROUND, 1);
  const last = Math.min(widths.at(-1) ?? 0, Math.max(LEAST_LAST, columns - before - AROUND));
  const table = new Table({
    head: [...head],
    style: { head: [], border: [], compact: !isRuled },
    colWidths: [...widths.slice(0, -1), last].map((width) => width + 2),
    colAligns: (rows[0] ?? []).map((cell) => (typeof cell === 'number' ? 'right' : 'left')),
    wordWrap: true,
  });
  // A word that is longer than the column would be cut off.
  const cellOf = (content: string) => ({ content, wrapOnWordBoundary: widthOf(content, /\s/) <= last });
  table.push(...texts.map((row) => [...row.slice(0, -1), cellOf(row.at(-1) ?? '')]));
  return `${table.toString()}\n`;
}

function textOf(cell: Cell): string {
  return typeof cell === 'number' ? cell.toLocaleString('en') : cell;
}

function widthOf(text: string, between: RegExp): number {
  return Math.max(...text.split(between).map((part) => part.length));
}
