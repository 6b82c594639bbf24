import { createWriteStream } from 'node:fs';
import type { Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';

/**
 * Writes text to a file or to standard output, with backpressure. A reader of standard output may stop early. A new file is
 * readable by its owner only, because anyone who has a sealed link can use it.
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

/** One JSON object per line. */
export function jsonLines(values: readonly unknown[]): readonly string[] {
  return values.map((value) => `${JSON.stringify(value)}\n`);
}
