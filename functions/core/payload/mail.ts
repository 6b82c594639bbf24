/** An email message after MIME decoding. */
export interface Mail {
  /** The message's header. */
  readonly fields: Fields;
  /** Decoded. Empty if there is none. */
  readonly subject: string;
  /** What a person reads: the plain text parts, decoded. A long text is truncated. Empty if there is none. */
  readonly text: string;
  /** The report parts, such as `message/delivery-status`, in order. Other parts are omitted. */
  readonly parts: readonly MailPart[];
}

export interface MailPart {
  /** The media type, lower-case, without parameters. */
  readonly type: string;
  /** Decoded. A long part is truncated. */
  readonly text: string;
}

/** A header field. The name is in lower case. */
export interface Field {
  readonly name: string;
  readonly value: string;
}

/** The values of each header field, by lower-case name. */
export type Fields = ReadonlyMap<string, readonly string[]>;

/** Returns the first value of a field, lower-case: `auto-replied; owner-email=…` gives `auto-replied`. */
export function wordOf(fields: Fields, name: string): string | undefined {
  const value = fields.get(name)?.[0];
  return value === undefined ? undefined : firstWord(value);
}

/** Returns a value in lower case, without comments and parameters. */
export function firstWord(value: string): string {
  return value
    .replace(/[;(].*/s, '')
    .trim()
    .toLowerCase();
}

/** Parses the blocks of header fields in a report. An empty line ends a block; folded lines are joined. */
export function fieldBlocks(text: string): readonly Fields[] {
  return fieldLists(text).map(collectFields);
}

/** Parses the blocks as `fieldBlocks` does, and keeps the order of the fields. */
export function fieldLists(text: string): readonly (readonly Field[])[] {
  const blocks = text.trim().split(/\r?\n[ \t]*\r?\n/);
  return blocks.map((block) => fieldsOf(block.replace(/\r?\n(?=[ \t])/g, '').split(/\r?\n/)));
}

function fieldsOf(lines: readonly string[]): readonly Field[] {
  return lines.flatMap((line) => {
    const colon = line.indexOf(':');
    return colon <= 0 ? [] : [{ name: line.slice(0, colon).trim().toLowerCase(), value: line.slice(colon + 1).trim() }];
  });
}

/** Groups fields by name, in order. */
export function collectFields(named: readonly Field[]): Fields {
  const grouped = Map.groupBy(named, ({ name }) => name);
  return new Map([...grouped].map(([name, fields]) => [name, fields.map(({ value }) => value)]));
}
