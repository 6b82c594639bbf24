import { TooLarge, UnsupportedBody } from '../core/model/errors.ts';
import { jsonOf, objectOf } from '../core/payload/fields.ts';
import { anyFormOf } from '../core/payload/form.ts';
import type { RawRequest } from '../core/payload/http.ts';
import { mediaType } from '../core/payload/http.ts';

/** By name: texts of a form, anything of a JSON object. */
export type Fields = Readonly<Record<string, unknown>>;

/** What a person's body may weigh. */
export const MAX_BYTES = 16_384;

/** What was sent to /unsubscribe. Throws TooLarge, UnsupportedBody, and Unreadable for what is not what it says it is. */
export function fieldsOf(request: RawRequest): Fields {
  if (request.body.length > MAX_BYTES) throw new TooLarge('the body is too large');
  const type = mediaType(request);
  if (type === 'application/json') return objectOf(jsonOf(request.body), 'the body');
  if (type !== 'application/x-www-form-urlencoded' && type !== 'multipart/form-data') {
    throw new UnsupportedBody('the body must be a form or JSON');
  }
  return Object.fromEntries([...anyFormOf(request)].map(([name, [value]]) => [name, value]));
}

/** The name of a configured brand among what a stranger sent. */
export function brandAmong(brands: Readonly<Record<string, unknown>>, sent: unknown): string | undefined {
  return typeof sent === 'string' && Object.hasOwn(brands, sent) ? sent : undefined;
}
