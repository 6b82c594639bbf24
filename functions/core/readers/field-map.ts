import type { Payload } from '../payload/fields.ts';
import { isObject, rowOf } from '../payload/fields.ts';
import type { Condition } from './yes-no.ts';

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
  /** When it happened: ISO 8601 with an offset, or seconds or milliseconds since 1970. @default the time of arrival */
  readonly time?: string;
  /** The checkbox, question or status that makes a submission an opt-out. @default every submission is an opt-out */
  readonly optOut?: string | Condition;
}

const MAX_DEPTH = 8;

/**
 * Returns the value of a field, or the value at the end of a dotted path of at most eight names. A field whose name contains
 * dots takes precedence over a path. In an array of `{key, value}` or `{name, value}`, such as the metadata of WooCommerce, the
 * path continues with the key. Inherited properties (`constructor`) are ignored.
 */
export function valueAt(payload: unknown, path: string, depth = MAX_DEPTH): unknown {
  if (!isNested(payload) || depth === 0) return undefined;
  if (Object.hasOwn(payload, path)) return payload[path];
  const pair = Array.isArray(payload) ? payload.find((entry) => isPair(entry, path)) : undefined;
  if (pair !== undefined) return pair.value;
  const [name, ...rest] = path.split('.');
  return valueAt(rowOf(payload, name), rest.join('.'), depth - 1);
}

function isPair(entry: unknown, key: string): boolean {
  return isObject(entry) && Object.hasOwn(entry, 'value') && (entry.key === key || entry.name === key);
}

/** Returns the texts of a value and of everything in it, at most eight levels deep. */
export function textsWithin(value: unknown, depth = MAX_DEPTH): readonly string[] {
  if (typeof value === 'string') return [value];
  if (!isNested(value) || depth === 0) return [];
  return Object.values(value).flatMap((each) => textsWithin(each, depth - 1));
}

/** Arrays too: their indexes are names. */
function isNested(value: unknown): value is Payload {
  return typeof value === 'object' && value !== null;
}
