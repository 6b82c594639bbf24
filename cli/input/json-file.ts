import { createInterface } from 'node:readline';
import { pipeline } from 'node:stream';
import { text } from 'node:stream/consumers';
import type { Payload } from '../../functions/core/payload/fields.ts';
import { isObject } from '../../functions/core/payload/fields.ts';
import { UsageError } from '../command.ts';
import type { Records } from './addresses.ts';
import type { TextFile, TextStream } from './text-file.ts';

/** Whether a file contains JSON: a document, or a document on each line. */
export function isJson({ head }: Pick<TextFile, 'head'>): boolean {
  return /^\s*[[{]/.test(head);
}

/**
 * Reads the objects of a JSON file: an array of them; the answer of an API, which has the array in one of its fields; or one
 * object or answer on each line. The field `reason.code` is `code` in the object `reason`.
 *
 * @param column distinguishes the array of rows from other arrays of an answer
 * @throws UsageError if it is not valid JSON
 */
export async function jsonRecords(file: TextFile, column: string): Promise<Records> {
  const isLines = parsed(firstLineOf(file.head)) !== undefined && file.head.trim().includes('\n');
  const [format, open] = isLines ? ['JSON Lines', () => linesIn(file)] : ['JSON', await documentIn(file)];
  const columns = new Set<string>();
  for await (const document of open().documents) {
    for (const row of rowsIn(document, column)) eachField(row, (name) => columns.add(name));
  }
  const names = [...columns];
  const indexes = new Map(names.map((name, index) => [name, index]));
  const stream = open();
  async function* records() {
    let line = 0;
    for await (const document of stream.documents) {
      for (const row of rowsIn(document, column)) {
        line += 1;
        const cells = names.map(() => '');
        eachField(row, (name, text) => {
          cells[indexes.get(name) ?? 0] = text;
        });
        yield { line, cells };
      }
    }
  }
  return { columns: names, records: records(), noun: 'entry', format, share: stream.share };
}

interface Documents {
  readonly documents: AsyncIterable<unknown> | Iterable<unknown>;
  readonly share: TextStream['share'];
}

function linesIn(file: TextFile): Documents {
  const { streams, share } = file.open();
  async function* documents() {
    let line = 0;
    for await (const each of createInterface({ input: joined(streams), crlfDelay: Number.POSITIVE_INFINITY })) {
      line += 1;
      if (each.trim() === '') continue;
      const document = parsed(each);
      if (document === undefined) throw new UsageError(`line ${line} of ${file.file} is not valid JSON`);
      yield document;
    }
  }
  return { documents: documents(), share };
}

async function documentIn(file: TextFile): Promise<() => Documents> {
  const { streams } = file.open();
  const document = parsed(await text(joined(streams)));
  if (document === undefined)
    throw new UsageError(`${file.file} is not valid JSON. Several documents must each be on a line: jq -c . does that`);
  return () => ({ documents: [document], share: () => 1 });
}

function joined([source, ...decoders]: TextStream['streams']) {
  const [decoder] = decoders;
  return decoder ? pipeline(source, decoder, () => undefined) : source;
}

/** The rows of a document: its own elements, or those of the array in it whose objects have the column. */
function rowsIn(document: unknown, column: string): readonly Payload[] {
  if (Array.isArray(document)) return document.flatMap((each) => rowsIn(each, column));
  if (!isObject(document)) throw new UsageError('the JSON is not a list of objects');
  const hasColumn = (row: Payload | undefined) => row !== undefined && hasField(row, column);
  if (hasColumn(document)) return [document];
  const values = Object.values(document);
  const lists = values.filter(isListOfObjects);
  // The last page of an API may have an empty list.
  const isEmpty = values.some((value) => Array.isArray(value) && value.length === 0);
  return lists.find(([row]) => hasColumn(row)) ?? lists[0] ?? (isEmpty ? [] : [document]);
}

function isListOfObjects(value: unknown): value is readonly Payload[] {
  return Array.isArray(value) && value.length > 0 && value.every(isObject);
}

function hasField(row: Payload, column: string): boolean {
  const wanted = column.trim().toLowerCase();
  let isFound = false;
  eachField(row, (name) => {
    isFound ||= name.toLowerCase() === wanted;
  });
  return isFound;
}

/** Visits the fields of an object, by their paths, as texts. A list of texts is one text. */
function eachField(row: Payload | readonly Payload[], visit: (name: string, text: string) => void, path = ''): void {
  for (const [name, value] of Object.entries(row)) {
    if (isObject(value) || isListOfObjects(value)) eachField(value, visit, `${path}${name}.`);
    else visit(`${path}${name}`, Array.isArray(value) ? value.join(',') : `${value ?? ''}`);
  }
}

function firstLineOf(head: string): string {
  return head.trimStart().split('\n', 1)[0] ?? '';
}

function parsed(json: string): unknown {
  try {
    return JSON.parse(json.replace(/^\ufeff/, ''));
  } catch {
    return undefined;
  }
}
