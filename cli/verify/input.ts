import { createReadStream, readFileSync, statSync } from 'node:fs';
import { createInterface } from 'node:readline';
import type { Input } from '../command.ts';
import { parseProof } from './proof-file.ts';

/** The entries of an export or a proof. */
export interface Entries {
  read(): AsyncGenerator<Line>;
  /** The part of the input read so far, from 0 to 1, or undefined if its size is unknown. */
  share(): number | undefined;
  /** What `line` counts. */
  readonly noun: 'line' | 'entry';
  /** The keys in a proof, not checked. */
  readonly keys?: unknown;
}

export interface Line {
  /** Counts from 1. */
  readonly line: number;
  /** The entry as JSON. */
  readonly text: string;
}

/** A proof is about one person. A larger file is an export, which is read line by line. */
const MAX_PROOF_BYTES = 10_000_000;

/** Opens a file of `relay export` or `relay proof`, or standard input if it is `-`. */
export function openEntries(file: string, stdin: Input): Entries {
  if (file === '-') return linesOf(stdin, 0);
  const stat = statSync(file);
  const text = stat.isFile() && stat.size < MAX_PROOF_BYTES ? readFileSync(file, 'utf8') : '';
  const proof = parseProof(text);
  return proof === undefined ? linesOf(createReadStream(file), stat.size) : entriesOf(proof);
}

function entriesOf({ entries, keys }: { readonly entries: readonly unknown[]; readonly keys: unknown }): Entries {
  async function* read(): AsyncGenerator<Line> {
    for (const [index, entry] of entries.entries()) yield { line: index + 1, text: JSON.stringify(entry) };
  }
  return { read, share: () => undefined, noun: 'entry', keys };
}

function linesOf(source: Input, size: number): Entries {
  async function* read(): AsyncGenerator<Line> {
    let line = 0;
    for await (const text of createInterface({ input: source, crlfDelay: Number.POSITIVE_INFINITY })) {
      line += 1;
      if (text.trim() !== '') yield { line, text };
    }
  }
  return { read, share: () => (size > 0 ? (source.bytesRead ?? 0) / size : undefined), noun: 'line' };
}
