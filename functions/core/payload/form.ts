import { Unreadable } from '../model/errors.ts';
import { jsonOf, textOf } from './fields.ts';
import type { RawRequest } from './http.ts';
import { mediaType } from './http.ts';

/** A form's fields; of several with one name, all in order. */
export type FormFields = ReadonlyMap<string, readonly string[]>;

/** `a=1&data[email]=…` in a body. Throws Unreadable when it is not UTF-8. */
export function formOf(request: RawRequest): FormFields {
  return grouped(new URLSearchParams(textOf(request.body).replace(BARE_NAME, '$&=')));
}

/** A name without a value: of these Node's parser takes thirty times as long as of others, for whoever sends 400,000 of them. */
const BARE_NAME = /(?<=^|&)[^=&]+(?=&|$)/g;

/**
 * A form in either encoding, its files left out. Every legal boundary is read: quoted or not, with `_`, `=` or no space
 * before it. Throws Unreadable when it is none.
 */
export function anyFormOf(request: RawRequest): FormFields {
  if (mediaType(request) !== 'multipart/form-data') return formOf(request);
  const [, quoted, bare] = /;\s*boundary=(?:"([^"]+)"|([^;\s]+))/i.exec(String(request.headers['content-type'])) ?? [];
  const boundary = quoted ?? bare;
  const parts = `\r\n${Buffer.from(request.body).toString('latin1')}`.split(`\r\n--${boundary}`).slice(1);
  const isClosed = parts.pop()?.startsWith('--');
  if (boundary === undefined || !isClosed) throw new Unreadable('the form cannot be read');
  return grouped(parts.flatMap(fieldIn));
}

function fieldIn(part: string): readonly Pair[] {
  const end = part.indexOf('\r\n\r\n');
  const head = part.slice(0, Math.max(end, 0));
  const [, quoted, bare] = /;\s*name=(?:"([^"]*)"|([^;\s]+))/i.exec(head) ?? [];
  const name = quoted ?? bare;
  if (name === undefined || /;\s*filename\*?=/i.test(head)) return [];
  return [[name, textOf(Buffer.from(part.slice(end + 4), 'latin1'))]];
}

/** The first value of a field that is not empty. */
export function field(fields: FormFields, name: string): string | undefined {
  return fields.get(name)?.find((value) => value !== '');
}

/** A field that must be there, and not empty. */
export function requiredField(fields: FormFields, name: string): string {
  const value = field(fields, name);
  if (value === undefined) throw new Unreadable(`${name} is missing`);
  return value;
}

/** The JSON in a field. Throws Unreadable when there is none. */
export function jsonIn(fields: FormFields, name: string): unknown {
  return jsonOf(Buffer.from(requiredField(fields, name)));
}

type Pair = readonly [name: string, value: string];

function grouped(pairs: Iterable<Pair>): FormFields {
  const fields = new Map<string, string[]>();
  for (const [name, value] of pairs) {
    const values = fields.get(name);
    if (values) values.push(value);
    else fields.set(name, [value]);
  }
  return fields;
}
