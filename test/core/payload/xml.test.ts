import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { RelayError, Unreadable } from '../../../functions/core/model/errors.ts';
import type { XmlElement } from '../../../functions/core/payload/xml.ts';
import { childOf, childrenOf, xmlOf } from '../../../functions/core/payload/xml.ts';

const read = (text: string) => xmlOf(Buffer.from(text));
const leaf = (name: string, text = ''): XmlElement => ({ name, text, children: [] });

describe('xmlOf', () => {
  it.each([
    ['an empty element', '<a/>', leaf('a')],
    ['an element with an end tag', '<a></a>', leaf('a')],
    ['white space in the tags', '<a  b="1"\n c = \'2\' ></a\t>', leaf('a')],
    [
      'a declaration, comments and instructions',
      '\ufeff<?xml version="1.0"?>\n<!-- a <b> --><a><?x <y> ?></a> <!----> ',
      leaf('a'),
    ],
    ['text around elements', '<a>x<b>y</b>z</a>', { name: 'a', text: 'xz', children: [leaf('b', 'y')] }],
    [
      'prefixes',
      '<s:a xmlns:s="urn:s"><s:b/><t.u:c/></s:a>',
      { name: 'a', text: '', children: [leaf('b'), leaf('c')] },
    ],
    ['letters beyond ASCII', '<é_1>Jörg 🦊</é_1>', leaf('é_1', 'Jörg 🦊')],
    ['tags in an attribute', `<a b='>"/>' c="it's"/>`, leaf('a')],
    ['the five entities', '<a>&lt;&gt;&amp;&apos;&quot;</a>', leaf('a', `<>&'"`)],
    ['numeric references', '<a>&#65;&#x42;&#x1F98a;&#10;</a>', leaf('a', 'AB🦊\n')],
    ['a reference, once', '<a>&amp;lt;</a>', leaf('a', '&lt;')],
    ['a CDATA section as plain text', '<a>1<![CDATA[<b>&amp;]]]]>2</a>', leaf('a', '1<b>&amp;]]2')],
  ])('parses %s', (_what, text, element) => {
    expect(read(text)).toEqual(element);
  });

  it.each([
    ['nothing', ''],
    ['white space', ' \n'],
    ['text', 'a'],
    ['JSON', '{"email":"ada@example.com"}'],
    ['two roots', '<a/><b/>'],
    ['text before the root', 'x<a/>'],
    ['text after the root', '<a/>x'],
    ['an end tag alone', '</a>'],
    ['an element that is not closed', '<a><b></b>'],
    ['a truncated element', '<a'],
    ['a truncated tag', '<a b="1"'],
    ['elements that overlap', '<a><b></a></b>'],
    ['a different prefix in the end tag', '<s:a></t:a>'],
    ['a different case in the end tag', '<a></A>'],
    ['an end tag with an attribute', '<a></a b="1">'],
    ['no name', '<></>'],
    ['a name that begins with a digit', '<1/>'],
    ['two prefixes', '<a:b:c/>'],
    ['a prefix alone', '<a:/>'],
    ['a space before the name', '< a/>'],
    ['a space in />', '<a/ >'],
    ['an attribute without a value', '<a b/>'],
    ['an attribute without quotes', '<a b=1/>'],
    ['an attribute with mismatched quotes', `<a b="1'/>`],
    ['an attribute with a tag', '<a b="<"/>'],
    ['attributes without a space between them', '<a b="1"c="2"/>'],
    ['an unclosed comment', '<a/><!-- '],
    ['an unclosed instruction', '<?xml '],
    ['an unclosed CDATA section', '<a><![CDATA[</a>'],
    ['a CDATA section before the root', '<![CDATA[x]]><a/>'],
  ])('rejects %s', (_what, text) => {
    expect(() => read(text)).toThrow(new Unreadable('the body is not XML'));
  });

  it.each([
    '<!DOCTYPE a><a/>',
    '<!DOCTYPE a [<!ENTITY b "ada@example.com">]><a>&b;</a>',
    '<!DOCTYPE a SYSTEM "file:///etc/passwd"><a/>',
    '<?xml version="1.0"?> <!doctype a><a/>',
    '<a><!ENTITY b "c"></a>',
    '<a><!ELEMENT b ANY></a>',
  ])('rejects a document type declaration: %s', (text) => {
    expect(() => read(text)).toThrow(new Unreadable('the body is not XML'));
  });

  it.each([
    '&nbsp;',
    '&ada@example.com;',
    '&LT;',
    '&lt',
    '& ',
    '&',
    '&;',
    '&#;',
    '&#x;',
    '&#X41;',
    '&#65',
    '&#-1;',
    '&#0;',
    '&#8;',
    '&#31;',
    '&#xD800;',
    '&#xDFFF;',
    '&#xFFFE;',
    '&#xFFFF;',
    '&#x110000;',
    '&#9999999;',
    '&#00000065;',
    '&constructor;',
  ])('rejects the reference %j in text and in an attribute', (reference) => {
    const unsupported = new Unreadable('the XML refers to an unsupported entity');

    expect(() => read(`<a>x${reference}</a>`)).toThrow(unsupported);
    expect(() => read(`<a b="${reference}"/>`)).toThrow(unsupported);
  });

  it.each(['&#9;', '&#x20;', '&#xD7FF;', '&#xE000;', '&#xFFFD;', '&#x10000;', '&#x10FFFF;', '&#1114111;'])(
    'accepts the character %s',
    (reference) => {
      expect([...read(`<a>${reference}</a>`).text]).toHaveLength(1);
    },
  );

  it('reads the elements next to one with undecodable bytes, and rejects a name with such bytes', () => {
    const read = (text: string) => xmlOf(Buffer.from(text, 'latin1')).children.map((child) => child.text);

    expect(read('<a><b>Jos\xe9</b><c>ada</c></a>')).toEqual(['Jos\ufffd', 'ada']);
    expect(() => read('<a><\xe9/></a>')).toThrow(Unreadable);
  });
});

describe('the limits of xmlOf', () => {
  const tooLarge = new Unreadable('the XML is too large');
  const nested = (depth: number) => '<a>'.repeat(depth) + '</a>'.repeat(depth);
  const wide = (count: number) => `<a>${'<b/>'.repeat(count - 1)}</a>`;

  it('reject more than 1 MiB', () => {
    expect(read(`<a>${'x'.repeat(1_048_576 - 7)}</a>`).text).toHaveLength(1_048_569);
    expect(() => read(`<a>${'x'.repeat(1_048_576 - 6)}</a>`)).toThrow(tooLarge);
  });

  it('reject more than 32 levels', () => {
    expect(read(nested(32)).name).toBe('a');
    expect(() => read(nested(33))).toThrow(tooLarge);
    expect(() => read('<a>'.repeat(300_000))).toThrow(tooLarge);
  });

  it('reject more than 50,000 elements', () => {
    expect(read(wide(50_000)).children).toHaveLength(49_999);
    expect(() => read(wide(50_001))).toThrow(tooLarge);
  });
});

it.each([
  ['spaces in a tag', (n: number) => `<a${' '.repeat(n)}`],
  ['spaces after an attribute name', (n: number) => `<a b${' '.repeat(n)}`],
  ['spaces after an equals sign', (n: number) => `<a b =${' '.repeat(n)}`],
  ['one long name', (n: number) => `<${'a'.repeat(n)}`],
  ['one long name of an attribute', (n: number) => `<a ${'b'.repeat(n)}`],
  ['one long value', (n: number) => `<a b="${'c'.repeat(n)}`],
  ['many attributes', (n: number) => `<a${' b="1"'.repeat(n / 6)}`],
  ['many ampersands', (n: number) => `<a>${'&'.repeat(n)}`],
  ['many references', (n: number) => `<a>${'&lt;'.repeat(n / 4)}`],
  ['many comments', (n: number) => '<!---->'.repeat(n / 7)],
  ['nested unclosed comments', (n: number) => '<!--'.repeat(n / 4)],
  ['many sections', (n: number) => `<a>${'<![CDATA[]]>'.repeat(n / 12)}`],
])('rejects a megabyte of %s quickly', (_what, make) => {
  const startedAt = performance.now();

  expect(() => read(make(1_000_000))).toThrow(Unreadable);

  expect(performance.now() - startedAt).toBeLessThan(5_000);
});

it('finds elements by path, and names the missing one', () => {
  const root = read('<a><b><c>1</c></b><b/><d/></a>');

  expect(childrenOf(root, 'b')).toEqual([{ name: 'b', text: '', children: [leaf('c', '1')] }, leaf('b')]);
  expect(childrenOf(root, 'c')).toEqual([]);
  expect(childOf(root)).toBe(root);
  expect(childOf(root, 'b', 'c')).toEqual(leaf('c', '1'));
  expect(() => childOf(root, 'd', 'c')).toThrow(new Unreadable('c is missing'));
});

const name = fc.stringMatching(/^[a-z_][a-z0-9_.-]{0,8}$/);
const text = fc.string({ unit: fc.constantFrom('a', 'é', '🦊', '<', '>', '&', '"', "'", ' ', ']', ';', '#') });
const { element } = fc.letrec<{ element: XmlElement }>((tie) => ({
  element: fc.record({
    name,
    text,
    children: fc.oneof({ maxDepth: 3 }, fc.constant([]), fc.array(tie('element'), { maxLength: 4 })),
  }),
}));

function written({ name: tag, text: plain, children }: XmlElement): string {
  const escaped = plain.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll(']]>', ']]&gt;');
  return `<s:${tag} b="${escaped.replaceAll('"', '&quot;')}">${escaped}${children.map(written).join('')}</s:${tag}>`;
}

it('parses a serialized element', () => {
  const property = fc.property(element, (root) => {
    expect(read(written(root))).toEqual(root);
  });
  fc.assert(property);
});

it('returns an element or throws a RelayError for any text', () => {
  const bits = fc.constantFrom(
    '<',
    '</',
    '/>',
    '>',
    'a',
    's:',
    ' ',
    '="',
    '"',
    "'",
    '&',
    ';',
    '#x',
    '<!--',
    '-->',
    '<![CDATA[',
    ']]>',
    '<?',
    '?>',
    '<!',
  );
  const texts = fc.oneof(
    fc.array(bits).map((all) => all.join('')),
    fc.string(),
    element.map(written),
  );
  const property = fc.property(texts, (any) => {
    try {
      read(any);
    } catch (error) {
      expect(error).toBeInstanceOf(RelayError);
    }
  });
  fc.assert(property, { numRuns: 2_000 });
});
