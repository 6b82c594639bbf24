import fc from 'fast-check';
import type { RawRequest } from '../../functions/core/payload/http.ts';
import { rebuild } from './rebuild.ts';

/** Headers that every HTTP client sends. Any other header may carry the proof. */
const PLAIN = new Set(['accept', 'accept-encoding', 'content-length', 'content-type', 'host', 'user-agent']);

/** The request without each header of the sender's own in turn, and without its query. */
export function withoutEachProof(request: RawRequest): readonly RawRequest[] {
  const names = Object.keys(request.headers).filter((name) => !PLAIN.has(name));
  const without = (name: string) => Object.fromEntries(Object.entries(request.headers).filter(([it]) => it !== name));
  return [
    ...names.map((name) => ({ ...request, headers: without(name) })),
    ...(request.url.search === '' ? [] : [{ ...request, url: new URL(request.url.pathname, request.url) }]),
  ];
}

/** The request with one bit flipped at the start, in the middle and at the end, with a byte added, and with a byte removed. */
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

/** A body with one change: a value replaced or removed, or a stretch of the text overwritten. */
export function damaged(body: string): fc.Arbitrary<string> {
  const cut = fc
    .tuple(fc.nat(body.length), fc.nat(20), fc.string())
    .map(([from, length, text]) => body.slice(0, from) + text + body.slice(from + length));
  const names = namesIn(body);
  if (names.length === 0) return cut;
  return fc.oneof(
    cut,
    fc.tuple(fc.nat(names.length - 1), ODD).map(([at, odd]) => withValueAt(body, at, odd)),
  );
}

/** The body without the first value of each field name in turn, and with that value replaced by a word. */
export function eachDamaged(body: string): readonly string[] {
  const names = namesIn(body);
  const firsts = [...new Set(names)].map((name) => names.indexOf(name));
  return firsts.flatMap((at) => [undefined, 'another'].map((odd) => withValueAt(body, at, odd)));
}

/** The body without the values that hold an address. Returns undefined if none of its values does. */
export function withoutAddresses(body: string): string | undefined {
  let removed = 0;
  const rebuilt = rebuild(body, (value) => {
    if (typeof value !== 'string' || /^[{[]/.test(value) || addressesIn(value).length === 0) return value;
    removed += 1;
    return undefined;
  });
  return removed === 0 ? undefined : rebuilt;
}

/** Values that readers tend to mishandle. */
const ODD = fc.oneof(
  fc.jsonValue(),
  fc.constantFrom<unknown>(undefined, null, '', ' ', 0, -1, 1e300, 2 ** 53, 1730541600000, {}, [], [[]], true),
  fc.constantFrom('ada@', '@example.com', 'ada@@example.com', '\ud800@example.com', 'constructor', '__proto__'),
);

/** The name of each value in the body, in the order in which `rebuild` visits them. */
function namesIn(body: string): readonly string[] {
  const names: string[] = [];
  rebuild(body, (value, name) => {
    names.push(name);
    return value;
  });
  return names;
}

function withValueAt(body: string, at: number, odd: unknown): string {
  let visited = 0;
  return rebuild(body, (value) => (visited++ === at ? odd : value)) ?? '';
}

const ADDRESS = /[^\s"'<>@,;:&=()[\]{}\\]+@[^\s"'<>@,;:&=()[\]{}\\]+/g;

/** The addresses in a body, also where `@` is written `%40` or `\u0040`. */
export function addressesIn(body: string): readonly string[] {
  const plain = body.replaceAll('%40', '@').replaceAll('\\u0040', '@');
  return [...new Set(plain.match(ADDRESS) ?? [])];
}
