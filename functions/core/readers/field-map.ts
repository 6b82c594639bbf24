import type { Payload } from '../payload/fields.ts';
import { rowOf } from '../payload/fields.ts';

/**
 * Which of a sender's fields says what: names (`q3_email`), or dotted paths into what is nested (`payload.data.Email`). A
 * field that is left out is the sender's own, where it has one.
 */
export interface FieldMap {
  readonly email?: string;
  /** What the person leaves: a list, a topic, a form. Left out: everything. */
  readonly list?: string;
  /** What stays the same when the sender tries again, and differs for everything else. */
  readonly id?: string;
  /** When it happened: ISO 8601 with its offset, or seconds or milliseconds since 1970. */
  readonly time?: string;
  /** The box that must be ticked for a submission to be an opt-out. Left out: every submission is one. */
  readonly optOut?: string;
}

const MOST_NAMES = 8;

/**
 * The value under a name, or at the end of a dotted path of eight names at most. A name that has dots in it comes before
 * a path; inherited names (`constructor`) are none.
 */
export function valueAt(payload: unknown, path: string, namesLeft = MOST_NAMES): unknown {
  if (!isNested(payload) || namesLeft === 0) return undefined;
  if (Object.hasOwn(payload, path)) return payload[path];
  const [name, ...rest] = path.split('.');
  return valueAt(rowOf(payload, name), rest.join('.'), namesLeft - 1);
}

/** Lists too: their places are names. */
function isNested(value: unknown): value is Payload {
  return typeof value === 'object' && value !== null;
}

const YES: ReadonlySet<string> = new Set(['true', 'yes', 'on', '1']);
const NO: ReadonlySet<string> = new Set(['', 'false', 'no', 'off', '0']);

/** Whether a box is ticked: a word for yes, or a list of choices with anything in it that is not a word for no. */
export function isTicked(value: unknown): boolean {
  return Array.isArray(value) ? value.some((choice) => !NO.has(wordOf(choice))) : YES.has(wordOf(value));
}

function wordOf(value: unknown): string {
  return isNested(value)
    ? 'nested'
    : String(value ?? '')
        .trim()
        .toLowerCase();
}
