import { TooLarge, UnsupportedBody } from '../core/model/errors.ts';
import { jsonOf, objectOf } from '../core/payload/fields.ts';
import { anyFormOf } from '../core/payload/form.ts';
import type { RawRequest } from '../core/payload/http.ts';
import { mediaType } from '../core/payload/http.ts';

/** Fields by name: strings of a form, or any values of a JSON object. */
export type Fields = Readonly<Record<string, unknown>>;

/** The largest accepted body, in bytes. */
export const MAX_BYTES = 16_384;

/**
 * Reads the fields posted to /unsubscribe.
 * @throws {TooLarge} if the body exceeds {@link MAX_BYTES}
 * @throws {UnsupportedBody} if the body is neither a form nor JSON
 * @throws {Unreadable} if the body does not match its content type
 */
export function fieldsOf(request: RawRequest): Fields {
  if (request.body.length > MAX_BYTES) throw new TooLarge('the body is too large');
  const type = mediaType(request);
  if (type === 'application/json') return objectOf(jsonOf(request.body), 'the body');
  if (type !== 'application/x-www-form-urlencoded' && type !== 'multipart/form-data') {
    throw new UnsupportedBody('the body must be a form or JSON');
  }
  return Object.fromEntries([...anyFormOf(request)].map(([name, [value]]) => [name, value]));
}

/** Returns the value if it names a configured brand, or undefined. */
export function brandAmong(brands: Readonly<Record<string, unknown>>, sent: unknown): string | undefined {
  return typeof sent === 'string' && Object.hasOwn(brands, sent) ? sent : undefined;
}
