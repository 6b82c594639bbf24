import { flag } from '../define-command.ts';
import type { Condition } from './only.ts';

/** A column that seems to say whether a row is an opt-out. */
export interface StatusColumn {
  readonly column: string;
  /** How many rows have each value. */
  readonly values: Readonly<Record<string, number>>;
  /** How many rows say that the person did not opt out. */
  readonly contrary: number;
}

/** Counts the values of the columns of a file that look like a status. */
export interface StatusColumns {
  add(cells: readonly string[]): void;
  found(): readonly StatusColumn[];
}

/** Names of columns in which "no" means that the person did not opt out. */
const OPT_OUT = /unsub|opt(?:ed)?[\s_-]*out|suppress|bl[ao]ck[\s_-]*list|do[\s_-]*not/i;
/** Names of columns in which "yes" means so. */
const OPT_IN = /subscri|opt(?:ed)?[\s_-]*in\b|consent|permission|status/i;
/** Names of other columns that distinguish opt-outs from other rows. */
const OTHER = /reason|type|origin|cause|category|bounce|spam|complain|stream|group|tags?$|topic|list/i;

const YES = new Set(['true', 'yes', 'y', 't', '1']);
const NO = new Set(['false', 'no', 'n', 'f', '0']);
const SUBSCRIBED = new Set(['subscribed', 'active', 'optedin', 'optin', 'confirmed', 'granted', 'allowed']);

/** A column of more values, such as one of names, is not a status. */
const MAX_VALUES = 12;

/** @param ignored columns whose meaning is known, such as that of the addresses */
export function countStatusColumns(
  columns: readonly string[],
  ignored: readonly (string | undefined)[],
): StatusColumns {
  const known = new Set(ignored.map((name) => name?.trim().toLowerCase()));
  const candidates = columns.flatMap((column, at) =>
    isStatusName(column) && !known.has(column.trim().toLowerCase())
      ? [{ column, at, counts: new Map<string, number>() }]
      : [],
  );
  return {
    add(cells) {
      for (const { at, counts } of candidates) {
        const value = shown((cells[at] ?? '').trim());
        if (counts.size <= MAX_VALUES || counts.has(value)) counts.set(value, (counts.get(value) ?? 0) + 1);
      }
    },
    found: () =>
      candidates
        .filter(({ counts }) => counts.size > 0 && counts.size <= MAX_VALUES)
        .map(({ column, counts }) => ({
          column,
          values: Object.fromEntries(counts),
          contrary: contraryIn(column, counts),
        }))
        .filter(({ values, contrary }) => contrary > 0 || Object.keys(values).length > 1),
  };
}

/** Values are printed, but never an address. */
function shown(value: string): string {
  return value.includes('@') ? '(an address)' : value;
}

function isStatusName(column: string): boolean {
  return !column.includes('@') && [OPT_OUT, OPT_IN, OTHER].some((pattern) => pattern.test(column));
}

function contraryIn(column: string, counts: ReadonlyMap<string, number>): number {
  const isContrary = contraryTest(column, [...counts.keys()].map(wordOf));
  return [...counts].reduce((sum, [value, count]) => (isContrary(wordOf(value)) ? sum + count : sum), 0);
}

function contraryTest(column: string, words: readonly string[]): (word: string) => boolean {
  if (OPT_OUT.test(column)) {
    // Exports leave the cell of a person who never opted out blank.
    const isYesOrBlank =
      words.some((word) => YES.has(word)) && words.every((word) => word === '' || YES.has(word) || NO.has(word));
    return (word) => NO.has(word) || SUBSCRIBED.has(word) || (isYesOrBlank && word === '');
  }
  return OPT_IN.test(column) ? (word) => YES.has(word) || SUBSCRIBED.has(word) : () => false;
}

function wordOf(value: string): string {
  return value.toLowerCase().replaceAll(/[^a-z0-9]/g, '');
}

/** `--all-rows`. */
export const ALL_ROWS = flag('also rows whose status says that the person did not opt out');

/** Why the rows must not be opted out, or undefined if they may: none says the contrary, or `--only` selects them by a status. */
export function contraryFault(columns: readonly StatusColumn[], only: readonly Condition[]): string | undefined {
  const contrary = columns.find((column) => column.contrary > 0);
  if (contrary === undefined || only.some(({ column }) => isStatusName(column))) return undefined;
  const advice = `Select the opt-outs with --only '${contrary.column}=<value>', or add --all-rows`;
  return `by "${contrary.column}", some rows are of people who did not opt out. ${advice}`;
}

/** Describes the columns for a person: their values, and how to select rows by them. */
export function statusText(columns: readonly StatusColumn[]): readonly string[] {
  return columns.map(({ column, values, contrary }) => {
    const counts = Object.entries(values).map(([value, count]) => `${nameOf(value)} ${count.toLocaleString('en')}`);
    const about = `"${column}" looks like a status: ${counts.join(', ')}.`;
    if (contrary === 0) return `${about} To select rows by it: --only '${column}=…'\n`;
    return `WARNING: ${about} ${contrary.toLocaleString('en')} of the rows say that the person did not opt out.\n`;
  });
}

function nameOf(value: string): string {
  return value === '' ? '(blank)' : value;
}
