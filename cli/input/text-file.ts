import { closeSync, createReadStream, openSync, readSync, statSync } from 'node:fs';
import type { Readable } from 'node:stream';
import { Transform } from 'node:stream';
import { UsageError } from '../command.ts';

export type Encoding = 'utf-8' | 'utf-16le' | 'utf-16be' | 'windows-1252';

/** A text file whose encoding was detected. */
export interface TextFile {
  readonly file: string;
  readonly encoding: Encoding;
  /** The beginning of the text, without a byte order mark. */
  readonly head: string;
  /** Opens the file as UTF-8 text. A byte order mark may precede it. */
  open(): TextStream;
}

export interface TextStream {
  /** The file, and a decoder if it is not in UTF-8 already. An error must end all of them: see `pipeline`. */
  readonly streams: readonly [Readable, ...Transform[]];
  /** The part of the file read so far, from 0 to 1. */
  share(): number;
}

/** First bytes of files that are often taken for text files. */
const OTHER_FORMATS: readonly (readonly [bytes: string, advice: string])[] = [
  ['504b0304', 'is an Excel workbook or a ZIP file: unpack it, or save the sheet as CSV'],
  ['d0cf11e0', 'is an Excel workbook: save the sheet as CSV'],
  ['1f8b', 'is compressed with gzip: unpack it'],
  ['25504446', 'is a PDF file'],
];

const HEAD_BYTES = 65_536;
const CHUNK_BYTES = 1_048_576;

/**
 * Detects the encoding of a file. Spreadsheets write UTF-16 with a byte order mark, or, without one, the encoding of Windows; a
 * file that is valid UTF-8 is in UTF-8.
 *
 * @throws UsageError if it is not a text file
 */
export function textFile(file: string): TextFile {
  const { size } = statSync(file);
  const { head, isUtf8 } = examine(file);
  const [, advice] = OTHER_FORMATS.find(([bytes]) => head.toString('hex', 0, 4).startsWith(bytes)) ?? [];
  if (advice !== undefined) throw new UsageError(`${file} ${advice}`);
  const encoding = utf16In(head) ?? (isUtf8 ? 'utf-8' : 'windows-1252');
  if (!encoding.startsWith('utf-16') && head.includes(0)) throw new UsageError(`${file} is not a text file`);
  return {
    file,
    encoding,
    head: new TextDecoder(encoding).decode(head, { stream: true }),
    open() {
      const source = createReadStream(file);
      const share = () => (size > 0 ? source.bytesRead / size : 1);
      return { streams: encoding === 'utf-8' ? [source] : [source, decoderOf(encoding)], share };
    },
  };
}

function utf16In(head: Buffer): Encoding | undefined {
  if (head.toString('hex', 0, 2) === 'fffe') return 'utf-16le';
  return head.toString('hex', 0, 2) === 'feff' ? 'utf-16be' : undefined;
}

function examine(file: string): { readonly head: Buffer; readonly isUtf8: boolean } {
  const descriptor = openSync(file, 'r');
  try {
    const chunk = Buffer.alloc(CHUNK_BYTES);
    const utf8 = new TextDecoder('utf-8', { fatal: true });
    let bytes = readSync(descriptor, chunk);
    const head = Buffer.from(chunk.subarray(0, Math.min(bytes, HEAD_BYTES)));
    try {
      for (; bytes > 0; bytes = readSync(descriptor, chunk)) utf8.decode(chunk.subarray(0, bytes), { stream: true });
      utf8.decode();
      return { head, isUtf8: true };
    } catch (error) {
      if (!(error instanceof TypeError)) throw error;
      return { head, isUtf8: false };
    }
  } finally {
    closeSync(descriptor);
  }
}

function decoderOf(encoding: Encoding): Transform {
  const decoder = new TextDecoder(encoding);
  return new Transform({
    transform: (chunk: Buffer, _encoding, done) => done(null, decoder.decode(chunk, { stream: true })),
    flush: (done) => done(null, decoder.decode()),
  });
}
