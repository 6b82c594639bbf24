import { createWriteStream } from 'node:fs';
import type { Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';

/**
 * Writes as fast as it is taken, to the file or else to standard output, whose reader may stop early. A link is as good as a
 * signature, so nobody but its owner can read a new file.
 */
export async function write(
  texts: AsyncIterable<string> | Iterable<string>,
  { file, stdout }: { readonly file?: string | undefined; readonly stdout: Writable },
): Promise<void> {
  if (file !== undefined) return pipeline(texts, createWriteStream(file, { mode: 0o600 }));
  try {
    await pipeline(texts, stdout, { end: false });
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EPIPE')) throw error;
  }
}
