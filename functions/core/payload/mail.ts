/** A mail with nothing of MIME left in it. */
export interface Mail {
  /** The mail's own header. */
  readonly fields: Fields;
  /** Decoded; empty when there is none. */
  readonly subject: string;
  /** The parts that reports are made of, in their order; none in any other mail. */
  readonly parts: readonly MailPart[];
}

export interface MailPart {
  /** Media type, lower-cased, without parameters. */
  readonly type: string;
  /** Decoded; only the beginning of a long one. */
  readonly text: string;
}

/** Header fields by name, lower-cased; a field may stand there several times. */
export type Fields = ReadonlyMap<string, readonly string[]>;

/** The first value of a field, lower-cased and without comments or parameters: `auto-replied; owner-email=…`. */
export function wordOf(fields: Fields, name: string): string | undefined {
  return fields
    .get(name)?.[0]
    ?.replace(/[;(].*/s, '')
    .trim()
    .toLowerCase();
}

/** Reads blocks of header fields, each ended by an empty line, as they stand in reports; folded lines are joined. */
export function fieldBlocks(text: string): readonly Fields[] {
  const blocks = text.trim().split(/\r?\n[ \t]*\r?\n/);
  return blocks.map((block) => fieldsOf(block.replace(/\r?\n(?=[ \t])/g, '').split(/\r?\n/)));
}

function fieldsOf(lines: readonly string[]): Fields {
  const named = lines.flatMap((line) => {
    const colon = line.indexOf(':');
    return colon <= 0 ? [] : [{ name: line.slice(0, colon).trim().toLowerCase(), value: line.slice(colon + 1).trim() }];
  });
  return collectFields(named);
}

/** Fields in their order, by name. */
export function collectFields(named: readonly { readonly name: string; readonly value: string }[]): Fields {
  const grouped = Map.groupBy(named, ({ name }) => name);
  return new Map([...grouped].map(([name, fields]) => [name, fields.map(({ value }) => value)]));
}
