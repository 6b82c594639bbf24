import { Unreadable } from '../model/errors.ts';

/** A parsed JSON object whose fields are still anything. */
export type Payload = Readonly<Record<string, unknown>>;

/** The body as text. Throws Unreadable when it is not UTF-8. */
export function textOf(body: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(body);
  } catch {
    throw new Unreadable('the body is not UTF-8');
  }
}

/**
 * The body as JSON. Integers beyond 2^53 stay text, so that an id is never rounded into another one.
 * Throws Unreadable without the parser's own message: that quotes what was sent.
 */
export function jsonOf(body: Uint8Array): unknown {
  const text = textOf(body);
  try {
    return LONG_NUMBER.test(text) ? parseWithSource(text, keepLongNumbers) : JSON.parse(text);
  } catch {
    throw new Unreadable('the body is not JSON');
  }
}

/** Outside of strings, where such digits are text anyway: the slow way costs three times the quick one. */
const LONG_NUMBER = /[:,[]\s*-?\d{16}/;

type Reviver = (key: string, value: unknown, context: { readonly source: string }) => unknown;

/** The third parameter is newer than TypeScript's library. https://tc39.es/proposal-json-parse-with-source/ */
const parseWithSource: (text: string, reviver: Reviver) => unknown = JSON.parse as never;

function keepLongNumbers(_key: string, value: unknown, context: { readonly source: string }): unknown {
  return Number.isInteger(value) && !Number.isSafeInteger(value) ? context.source : value;
}

/** Throws Unreadable unless `value` is a JSON object. `what` names it in the message. */
export function objectOf(value: unknown, what: string): Payload {
  if (!isObject(value)) throw new Unreadable(`${what} is not an object`);
  return value;
}

export function isObject(value: unknown): value is Payload {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Throws Unreadable unless `value` is an array. */
export function arrayOf(value: unknown, what: string): readonly unknown[] {
  if (!Array.isArray(value)) throw new Unreadable(`${what} is not an array`);
  return value;
}

/** A field that must be a non-empty text or a number; numbers come back as text. */
export function textField(payload: Payload, name: string): string {
  const value = optionalText(payload, name);
  if (value === undefined) throw new Unreadable(`${name} is missing`);
  return value;
}

export function optionalText(payload: Payload, name: string): string | undefined {
  const value = payload[name];
  if (typeof value === 'number') return String(value);
  return typeof value === 'string' && value !== '' ? value : undefined;
}

/** Seconds since 1970, as number or text, possibly with a fraction. */
export function unixSeconds(value: unknown, what: string): Date {
  return dateOf(typeof value === 'string' || typeof value === 'number' ? Number(value) * 1000 : Number.NaN, what);
}

/** An ISO 8601 time with its offset. */
export function isoTime(value: unknown, what: string): Date {
  return dateOf(typeof value === 'string' && ISO_WITH_ZONE.test(value) ? Date.parse(value) : Number.NaN, what);
}

const ISO_WITH_ZONE = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?:Z|[+-]\d{2}:?\d{2})$/;

/** Milliseconds taken for seconds end up beyond it, where no ISO 8601 form is left that the queue takes. */
const YEAR_10000_MS = 253_402_300_800_000;

function dateOf(epochMs: number, what: string): Date {
  if (!(epochMs > 0 && epochMs < YEAR_10000_MS)) throw new Unreadable(`${what} is not a time`);
  return new Date(epochMs);
}

/** A row of a table by a word a stranger chose; inherited names (`constructor`) are no rows. */
export function rowOf<Row>(table: Readonly<Record<string, Row>>, word: string | undefined): Row | undefined {
  return word !== undefined && Object.hasOwn(table, word) ? table[word] : undefined;
}

/** The object in a field, or an empty one: what it lacks is missed where it is needed. */
export function partOf(payload: Payload, name: string): Payload {
  const value = payload[name];
  return isObject(value) ? value : {};
}
