import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Unreadable } from '../../../functions/core/model/errors.ts';
import { anyFormOf, field, formOf, jsonIn, queryOf, requiredField } from '../../../functions/core/payload/form.ts';
import { request } from '../examples.ts';

const multipart = (body: string | Uint8Array, type = 'multipart/form-data; boundary=abc') =>
  request('', { body: Buffer.from(body as string), headers: { 'content-type': type } });
const part = (head: string, value: string, boundary = 'abc') => `--${boundary}\r\n${head}\r\n\r\n${value}\r\n`;
const named = (name: string) => `Content-Disposition: form-data; name="${name}"`;
const entries = (form: ReturnType<typeof formOf>) => [...form];

it.each<[string, [string, string[]][]]>([
  ['', []],
  [
    'a=1&b=2',
    [
      ['a', ['1']],
      ['b', ['2']],
    ],
  ],
  [
    'a=1&b=2&a=3',
    [
      ['a', ['1', '3']],
      ['b', ['2']],
    ],
  ],
  [
    'a&&b&=&c=',
    [
      ['a', ['']],
      ['b', ['']],
      ['', ['']],
      ['c', ['']],
    ],
  ],
  ['data%5Bemail%5D=ada%2Bnews%40example.com', [['data[email]', ['ada+news@example.com']]]],
  [
    'email=ada+news@example.com&name=Ada+L',
    [
      ['email', ['ada+news@example.com']],
      ['name', ['Ada L']],
    ],
  ],
  [
    'a=x+y%20z&b&=c',
    [
      ['a', ['x y z']],
      ['b', ['']],
      ['', ['c']],
    ],
  ],
  [
    'name=J%C3%B6rg&__proto__=x',
    [
      ['name', ['Jörg']],
      ['__proto__', ['x']],
    ],
  ],
])('parses the form %j', (text, fields) => {
  expect(entries(formOf(request(text)))).toEqual(fields);
  expect(entries(anyFormOf(request(text)))).toEqual(fields);
});

it.each([
  ['bytes', 'name=Jos\xe9&email=ada@example.com'],
  ['percent-encoded bytes', 'name=Jos%E9&email=ada@example.com'],
])('parses a form with a neighbor field in another charset, as %s', (_what, text) => {
  const form = formOf(request('', { body: Buffer.from(text, 'latin1') }));

  expect([field(form, 'name'), field(form, 'email')]).toEqual(['Jos\ufffd', 'ada@example.com']);
});

it.each(['&', 'a&', '=&', 'a=1&', '%41=%41&'])('parses 5,000 fields %j and rejects more', (text) => {
  expect(() => formOf(request(text.repeat(4_999)))).not.toThrow();
  expect(() => formOf(request(text.repeat(200_000)))).toThrow(new Unreadable('the form has more than 5000 fields'));
});

it.each([
  ['a=%', '%'],
  ['a=%zz%4', '%zz%4'],
  ['a=%ff', '\ufffd'],
  ['a=ü%C3%BC%2B%26%3D', 'üü+&='],
  ['a=b=c', 'b=c'],
])('decodes %j leniently', (text, value) => {
  expect(formOf(request(text)).get('a')).toEqual([value]);
});

it('decodes a form as URLSearchParams does', () => {
  const piece = fc.constantFrom('a', '=', '&', '+', '%', '%4', '%41', '%C3%BC', '%ff', ' ', 'ü', '🦊', '#');
  const text = fc.array(piece, { maxLength: 30 }).map((pieces) => pieces.join(''));
  fc.assert(
    fc.property(text, (body) => {
      const pairs = [...new URLSearchParams(body)];
      const expected = [...Map.groupBy(pairs, ([name]) => name)].map(([name, all]) => [name, all.map(([, it]) => it)]);

      expect(entries(formOf(request(body)))).toEqual(expected);
    }),
    { numRuns: 1_000 },
  );
});

it('returns the first non-empty value of a field', () => {
  const form = formOf(request('a=&a=1&a=2&b='));

  expect([field(form, 'a'), field(form, 'b'), field(form, 'c')]).toEqual(['1', undefined, undefined]);
});

it('returns a required field and the JSON in it, and names a missing field', () => {
  const form = formOf(request('a=[1]&a=2&b=&c={'));

  expect(requiredField(form, 'a')).toBe('[1]');
  expect(jsonIn(form, 'a')).toEqual([1]);
  expect(() => jsonIn(form, 'b')).toThrow(new Unreadable('b is missing'));
  expect(() => jsonIn(form, 'c')).toThrow(new Unreadable('c is not JSON'));
});

describe('a multipart form', () => {
  it.each([
    ['boundary=abc', 'abc'],
    ['Boundary="abc"', 'abc'],
    ['charset=utf-8;boundary=abc; x=y', 'abc'],
    ['boundary="a b;c"', 'a b;c'],
    ["boundary=--_=='()+,./:?", "--_=='()+,./:?"],
  ])('is parsed with %s', (parameters, boundary) => {
    const body = `${part(named('email'), 'ada@example.com', boundary)}--${boundary}--\r\n`;

    expect(entries(anyFormOf(multipart(body, `Multipart/Form-Data;${parameters}`)))).toEqual([
      ['email', ['ada@example.com']],
    ]);
  });

  it.each<[string, string, [string, string[]][]]>([
    [
      'several parts of one name',
      part(named('a'), '1') + part(named('b'), '') + part(named('a'), '2'),
      [
        ['a', ['1', '2']],
        ['b', ['']],
      ],
    ],
    ['a name without quotes', part('content-disposition: form-data; name=a', '1'), [['a', ['1']]]],
    ['no spaces', part('content-disposition:form-data;name=email', '1'), [['email', ['1']]]],
    ['a file name without spaces', part('content-disposition:form-data;name="a";filename="b"', '1'), []],
    ['a name only in the value', part('content-type: text/plain', '; name="a"'), []],
    ['more headers', part(`${named('a')}\r\nContent-Type: text/plain; charset=utf-8`, '1'), [['a', ['1']]]],
    ['a value of several lines', part(named('a'), '1\r\n\r\n2\r\n--ab'), [['a', ['1\r\n\r\n2\r\n--ab']]]],
    ['letters beyond ASCII', part(named('a'), 'Jörg 🦊'), [['a', ['Jörg 🦊']]]],
    ['a preamble and an epilogue', `preamble\r\n${part(named('a'), '1')}`, [['a', ['1']]]],
    ['a preamble that looks like a part', `${named('a')}\r\n\r\n1\r\n`, []],
    ['a file', part(`${named('a')}; filename="a.txt"`, '1') + part(`${named('b')}; filename*=UTF-8''b`, '2'), []],
    ['a part without a name', part('content-disposition: form-data', '1'), []],
    ['a part without a head', '--abc\r\nname="a"\r\n', []],
    ['no parts', '', []],
  ])('is parsed with %s', (_what, parts, fields) => {
    expect(entries(anyFormOf(multipart(`${parts}--abc--\r\nepilogue`)))).toEqual(fields);
  });

  it.each([
    ['no boundary', part(named('a'), '1'), 'multipart/form-data'],
    [
      'no boundary parameter, and a boundary "undefined"',
      `${part(named('a'), '1', 'undefined')}--undefined--`,
      'multipart/form-data',
    ],
    ['another boundary', `${part(named('a'), '1')}--abc--`, 'multipart/form-data; boundary=xyz'],
    ['no end', part(named('a'), '1'), undefined],
    ['an empty body', '', undefined],
  ])('is rejected with %s', (_what, body, type) => {
    expect(() => anyFormOf(multipart(body, type))).toThrow(new Unreadable('the form cannot be read'));
  });

  it('is rejected if it has more than 5,000 parts', () => {
    const parts = (count: number) => multipart(`${part(named('a'), '1').repeat(count)}--abc--`);

    expect(anyFormOf(parts(4_998)).get('a')).toHaveLength(4_998);
    expect(() => anyFormOf(parts(10_000))).toThrow(new Unreadable('the form has more than 5000 fields'));
  });

  it('is parsed if a value is in another charset', () => {
    const parts = part(named('name'), 'Jos\xe9') + part(named('email'), 'ada@example.com');
    const form = anyFormOf(multipart(Buffer.from(`${parts}--abc--`, 'latin1')));

    expect([field(form, 'name'), field(form, 'email')]).toEqual(['Jos\ufffd', 'ada@example.com']);
  });

  it('is parsed or rejected as Unreadable, for any bytes', () => {
    const piece = fc.constantFrom(
      '--abc',
      '--',
      '\r\n',
      '\r\n\r\n',
      'name=',
      '"',
      '; name="a"',
      'boundary',
      '\xff',
      'x',
    );
    const text = fc.array(piece, { maxLength: 20 }).map((pieces) => pieces.join(''));
    const property = fc.property(text, text, (body, parameter) => {
      try {
        anyFormOf(multipart(Buffer.from(body, 'latin1'), `multipart/form-data;boundary=${parameter}`));
      } catch (error) {
        expect(error).toBeInstanceOf(Unreadable);
      }
    });
    fc.assert(property, { numRuns: 1_000 });
  });
});

it('parses the query of a URL as a form', () => {
  const query = queryOf(new URL('https://relay.example.com/?key=a%20b&to=ada+news@example.com&empty='));

  expect(entries(query)).toEqual([
    ['key', ['a b']],
    ['to', ['ada+news@example.com']],
    ['empty', ['']],
  ]);
  expect(entries(queryOf(new URL('https://relay.example.com/')))).toEqual([]);
});
