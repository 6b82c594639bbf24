import fc from 'fast-check';
import type { RawRequest } from '../../functions/core/payload/http.ts';

/** Headers that every HTTP client sends; the others are the sender's own, and its proof. */
const PLAIN = new Set(['accept', 'accept-encoding', 'content-length', 'content-type', 'host', 'user-agent']);

/** The request without each of the headers that make its proof, and without the query. */
export function withoutEachProof(request: RawRequest): readonly RawRequest[] {
  const names = Object.keys(request.headers).filter((name) => !PLAIN.has(name));
  const without = (name: string) => Object.fromEntries(Object.entries(request.headers).filter(([it]) => it !== name));
  return [
    ...names.map((name) => ({ ...request, headers: without(name) })),
    ...(request.url.search === '' ? [] : [{ ...request, url: new URL(request.url.pathname, request.url) }]),
  ];
}

/** One bit at the start, in the middle or at the end; one byte more; one byte less. */
export function changedByOneByte(request: RawRequest): readonly RawRequest[] {
  const { body } = request;
  const flipped = [0, body.length >> 1, body.length - 1].map((at) => body.with(at, (body[at] ?? 0) ^ 1));
  return [...flipped, Buffer.concat([body, Buffer.from(' ')]), body.subarray(0, -1)].map((it) => ({
    ...request,
    body: it,
  }));
}

export function later(request: RawRequest, seconds: number): RawRequest {
  return { ...request, receivedAt: new Date(request.receivedAt.getTime() + seconds * 1000) };
}

/** A body with one thing in it damaged: a JSON value replaced or taken away, or a stretch of the text overwritten. */
export function damaged(body: string): fc.Arbitrary<string> {
  const cut = fc
    .tuple(fc.nat(body.length), fc.nat(20), fc.string())
    .map(([from, length, text]) => body.slice(0, from) + text + body.slice(from + length));
  const json = jsonOf(body);
  return json === undefined ? cut : fc.oneof(cut, replaced(json));
}

/** A JSON body in which one value is missing or another, for each name of a field once; none of another body. */
export function eachDamaged(body: string): readonly string[] {
  const json = jsonOf(body);
  if (json === undefined) return [];
  const names = new Map<string, number>();
  walk(json, (value, at, name) => {
    if (!names.has(name)) names.set(name, at);
    return value;
  });
  return [...names.values()].flatMap((place) =>
    [undefined, 'another'].map((odd) => walk(json, (value, at) => (at === place ? odd : value)).text),
  );
}

/** A JSON body without the values that have an address in them; undefined for another body. */
export function withoutAddresses(body: string): string | undefined {
  const json = jsonOf(body);
  const isAddressed = (value: unknown) => typeof value === 'string' && addressesIn(value).length > 0;
  return json === undefined ? undefined : walk(json, (value) => (isAddressed(value) ? undefined : value)).text;
}

/** Values that tend to surprise a reader. */
const ODD = fc.oneof(
  fc.jsonValue(),
  fc.constantFrom<unknown>(undefined, null, '', ' ', 0, -1, 1e300, 2 ** 53, 1730541600000, {}, [], [[]], true),
  fc.constantFrom('ada@', '@example.com', 'ada@@example.com', '\ud800@example.com', 'constructor', '__proto__'),
);

function replaced(json: unknown): fc.Arbitrary<string> {
  const count = walk(json, (value) => value).values;
  return fc
    .tuple(fc.nat(count - 1), ODD)
    .map(([at, odd]) => walk(json, (value, index) => (index === at ? odd : value)).text);
}

type Replace = (value: unknown, index: number, name: string) => unknown;

function walk(json: unknown, replace: Replace): { readonly text: string; readonly values: number } {
  let values = 0;
  const text = JSON.stringify(json, (name, value) => replace(value, values++, name)) ?? '';
  return { text, values };
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

const ADDRESS = /[^\s"'<>@,;:&=()[\]{}\\]+@[^\s"'<>@,;:&=()[\]{}\\]+/g;

/** The addresses in a body, also where `@` is written `%40`. */
export function addressesIn(body: string): readonly string[] {
  const plain = body.replaceAll('%40', '@').replaceAll('\\u0040', '@');
  return [...new Set(plain.match(ADDRESS) ?? [])];
}
