import type { Payload } from '../payload/fields.ts';
import { rowOf } from '../payload/fields.ts';

/**
 * Names the sender's field for each part of an opt-out: a name (`q3_email`), or a dotted path into nested data
 * (`payload.data.Email`). For a part that is omitted, the source uses the sender's standard field, if there is one.
 */
export interface FieldMap {
  readonly email?: string;
  /** The list, topic or form that the person unsubscribes from. @default everything */
  readonly list?: string;
  /** An id that a retry repeats and that no other event has. */
  readonly id?: string;
  /** When it happened: ISO 8601 with an offset, or seconds or milliseconds since 1970. */
  readonly time?: string;
  /** The checkbox that makes a submission an opt-out. @default every submission is an opt-out */
  readonly optOut?: string;
}

const MAX_DEPTH = 8;

/**
 * Returns the value of a field, or the value at the end of a dotted path of at most eight names. A field whose name contains
 * dots takes precedence over a path. Inherited properties (`constructor`) are ignored.
 */
export function valueAt(payload: unknown, path: string, depth = MAX_DEPTH): unknown {
  if (!isNested(payload) || depth === 0) return undefined;
  if (Object.hasOwn(payload, path)) return payload[path];
  const [name, ...rest] = path.split('.');
  return valueAt(rowOf(payload, name), rest.join('.'), depth - 1);
}

/** Arrays too: their indexes are names. */
function isNested(value: unknown): value is Payload {
  return typeof value === 'object' && value !== null;
}

const YES: ReadonlySet<string> = new Set(['true', 'yes', 'on', '1']);
const NO: ReadonlySet<string> = new Set(['', 'false', 'no', 'off', '0']);

/** Whether a checkbox is ticked: a word for yes, or a list with at least one choice that is not a word for no. */
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
