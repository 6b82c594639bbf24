import { Unreadable } from '../model/errors.ts';
import { parseJson } from './json.ts';

/** A parsed JSON object whose fields have not been checked. */
export type Payload = Readonly<Record<string, unknown>>;

/**
 * Decodes UTF-8. An undecodable byte becomes U+FFFD, so that it costs the value that contains it and not the whole body. The
 * proof of a sender is over the bytes. `parseEmailAddress` and `textField` reject such a value.
 */
export function textOf(body: Uint8Array): string {
  return new TextDecoder().decode(body);
}

/** Parses a body as JSON, with the limits of `parseJson`. Throws Unreadable if it is not JSON. */
export function jsonOf(body: Uint8Array, maxValues?: number): unknown {
  const json = parseJson(textOf(body), maxValues);
  if (json === undefined) throw new Unreadable('the body is not JSON');
  return json;
}

/** Returns a JSON object. Throws Unreadable if it is not an object; `what` names the value in the message. */
export function objectOf(value: unknown, what: string): Payload {
  if (!isObject(value)) throw new Unreadable(`${what} is not an object`);
  return value;
}

export function isObject(value: unknown): value is Payload {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Returns a JSON array. Throws Unreadable if it is not an array; `what` names the value in the message. */
export function arrayOf(value: unknown, what: string): readonly unknown[] {
  if (!Array.isArray(value)) throw new Unreadable(`${what} is not an array`);
  return value;
}

/** Parses a body that is one event, or an array of events. Throws Unreadable if it is neither an array nor an object. */
export function eventsOf(body: Uint8Array): readonly unknown[] {
  const json = jsonOf(body);
  return Array.isArray(json) ? json : [objectOf(json, 'the body')];
}

/**
 * Returns a field as text. Throws Unreadable unless it is a non-empty string or a number, or if bytes of it could not be
 * decoded: two ids might become one.
 */
export function textField(payload: Payload, name: string): string {
  const value = optionalText(payload, name);
  if (value === undefined) throw new Unreadable(`${name} is missing`);
  if (value.includes('\uFFFD')) throw new Unreadable(`${name} is not UTF-8`);
  return value;
}

/** Returns a field as text, or undefined unless it is a non-empty string or a number. */
export function optionalText(payload: Payload, name: string): string | undefined {
  const value = payload[name];
  if (typeof value === 'number') return String(value);
  return typeof value === 'string' && value !== '' ? value : undefined;
}

/** Reads a time in seconds since 1970, a number or a string. Throws Unreadable if it is not a time. */
export function unixSeconds(value: unknown, what: string): Date {
  return dateOf(typeof value === 'string' || typeof value === 'number' ? Number(value) * 1000 : Number.NaN, what);
}

/** Reads an ISO 8601 time with an offset. Throws Unreadable if it is not a time. */
export function isoTime(value: unknown, what: string): Date {
  return dateOf(typeof value === 'string' && ISO_WITH_ZONE.test(value) ? Date.parse(value) : Number.NaN, what);
}

const ISO_WITH_ZONE = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?:Z|[+-]\d{2}:?\d{2})$/;

/** Milliseconds read as seconds are beyond this limit. Such years do not fit the ISO 8601 format of the queue. */
const YEAR_10000_MS = 253_402_300_800_000;

function dateOf(epochMs: number, what: string): Date {
  if (!(epochMs > 0 && epochMs < YEAR_10000_MS)) throw new Unreadable(`${what} is not a time`);
  return new Date(epochMs);
}

/** Looks up a row by a key from a request. Inherited names such as `constructor` are not rows. */
export function rowOf<Row>(table: Readonly<Record<string, Row>>, key: string | undefined): Row | undefined {
  return key !== undefined && Object.hasOwn(table, key) ? table[key] : undefined;
}

/** Returns the object in a field, or an empty object. Its required fields are checked where they are read. */
export function partOf(payload: Payload, name: string): Payload {
  const value = payload[name];
  return isObject(value) ? value : {};
}
