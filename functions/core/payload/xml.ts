import { Unreadable } from '../model/errors.ts';
import { rowOf, textOf } from './fields.ts';

/** An element: its name without a prefix, its own text with references resolved, and its child elements. */
export interface XmlElement {
  readonly name: string;
  readonly text: string;
  readonly children: readonly XmlElement[];
}

const MAX_BYTES = 1_048_576;
const MAX_DEPTH = 32;
const MAX_ELEMENTS = 50_000;

/**
 * Parses an XML document, for senders of SOAP messages, and returns its root. Attributes are checked but omitted, and
 * namespaces are ignored.
 *
 * @throws {Unreadable} if the document is not well-formed, is too large or too deep, has a document type declaration, or
 * refers to an entity other than the five that XML predefines.
 */
export function xmlOf(body: Uint8Array): XmlElement {
  if (body.length > MAX_BYTES) throw new Unreadable('the XML is too large');
  const cursor: Cursor = { text: textOf(body), at: 0, elements: 0 };
  skipBlanks(cursor);
  const root = readElement(cursor, 1);
  skipBlanks(cursor);
  if (cursor.at < cursor.text.length) throw notXml();
  return root;
}

/** Returns the child elements with a name. */
export function childrenOf(element: XmlElement, name: string): readonly XmlElement[] {
  return element.children.filter((child) => child.name === name);
}

/** Follows a path of names, taking the first child at each step. Throws Unreadable with the name that is missing. */
export function childOf(element: XmlElement, ...path: readonly string[]): XmlElement {
  return path.reduce((parent, name) => {
    const [child] = childrenOf(parent, name);
    if (!child) throw new Unreadable(`${name} is missing`);
    return child;
  }, element);
}

interface Cursor {
  readonly text: string;
  at: number;
  elements: number;
}

/** The patterns are sticky, and no two adjacent parts match the same character, so a mismatch takes linear time. */
const NAME = String.raw`(?:[\p{L}_][\p{L}\p{M}\p{N}_.-]*:)?([\p{L}_][\p{L}\p{M}\p{N}_.-]*)`;
const START = new RegExp(`<(${NAME})`, 'uy');
const ATTRIBUTE = new RegExp(String.raw`\s+${NAME}\s*=\s*(?:"[^<"]*"|'[^<']*')`, 'uy');
const START_CLOSES = /\s*(\/?)>/y;
const END = new RegExp(String.raw`</(${NAME})\s*>`, 'uy');

function readElement(cursor: Cursor, depth: number): XmlElement {
  const [, tag, name = ''] = match(cursor, START) ?? [];
  cursor.elements += 1;
  if (tag === undefined) throw notXml();
  if (depth > MAX_DEPTH || cursor.elements > MAX_ELEMENTS) throw new Unreadable('the XML is too large');
  for (let found = match(cursor, ATTRIBUTE); found; found = match(cursor, ATTRIBUTE)) resolveReferences(found[0]);
  const closing = match(cursor, START_CLOSES);
  if (!closing) throw notXml();
  if (closing[1] === '/') return { name, text: '', children: [] };
  const content = readContent(cursor, depth);
  if (match(cursor, END)?.[1] !== tag) throw notXml();
  return { name, ...content };
}

function readContent(cursor: Cursor, depth: number): Omit<XmlElement, 'name'> {
  const children: XmlElement[] = [];
  let text = '';
  while (!cursor.text.startsWith('</', cursor.at)) {
    const plain = readText(cursor);
    if (plain === undefined) children.push(readElement(cursor, depth + 1));
    else text += plain;
  }
  return { text, children };
}

/** Skips comments, processing instructions and white space, which are all that may surround the root. */
function skipBlanks(cursor: Cursor): void {
  for (let text = readText(cursor); text !== undefined; text = readText(cursor)) {
    if (text.trim() !== '') throw notXml();
  }
}

/** A document type declaration is not in this list, so it is read as an invalid tag. */
const SECTIONS = [
  { begin: '<!--', end: '-->', isText: false },
  { begin: '<![CDATA[', end: ']]>', isText: true },
  { begin: '<?', end: '?>', isText: false },
];

/** Reads the text up to the next tag or section, or one section. Returns undefined at a tag and at the end. */
function readText(cursor: Cursor): string | undefined {
  const { text, at } = cursor;
  const section = SECTIONS.find(({ begin }) => text.startsWith(begin, at));
  if (section) {
    const end = text.indexOf(section.end, at + section.begin.length);
    if (end < 0) throw notXml();
    cursor.at = end + section.end.length;
    return section.isText ? text.slice(at + section.begin.length, end) : '';
  }
  if (at === text.length || text[at] === '<') return undefined;
  const end = text.indexOf('<', at);
  cursor.at = end < 0 ? text.length : end;
  return resolveReferences(text.slice(at, cursor.at));
}

function match(cursor: Cursor, pattern: RegExp): RegExpExecArray | null {
  pattern.lastIndex = cursor.at;
  const found = pattern.exec(cursor.text);
  if (found) cursor.at = pattern.lastIndex;
  return found;
}

const ENTITIES = { '&lt;': '<', '&gt;': '>', '&amp;': '&', '&apos;': "'", '&quot;': '"' };

function resolveReferences(text: string): string {
  return text.replaceAll(/&[^&;]{0,9};?/g, (reference) => rowOf(ENTITIES, reference) ?? numericReference(reference));
}

function numericReference(reference: string): string {
  const [, decimal, hex] = /&#(?:(\d{1,7})|x([\da-fA-F]{1,6}));/.exec(reference) ?? [];
  const point = Number(decimal ?? `0x${hex}`);
  if (!isCharacter(point)) throw new Unreadable('the XML refers to an unsupported entity');
  return String.fromCodePoint(point);
}

/** The Char production of XML 1.0: excludes control characters and lone surrogates. */
function isCharacter(point: number): boolean {
  if (point < 0x20) return [0x9, 0xa, 0xd].includes(point);
  return point < 0xd800 || (point > 0xdfff && point < 0xfffe) || (point > 0xffff && point < 0x110000);
}

function notXml(): Unreadable {
  return new Unreadable('the body is not XML');
}
