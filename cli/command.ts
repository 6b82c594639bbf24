import type { Readable, Writable } from 'node:stream';

/** One word behind `relay`. */
export interface Command {
  /** For the list of commands. */
  readonly summary: string;
  /** The whole page, with examples. */
  readonly help: string;
  /** Resolves to the exit code. Throws Usage when it was called in a way that it does not know. */
  readonly run: (args: readonly string[], streams: Streams) => Promise<number>;
}

/** Where a command reads and writes: the process's own streams, or what stands for them. */
export interface Streams {
  readonly stdin: Input;
  readonly stdout: Writable & { readonly isTTY?: boolean; readonly columns?: number };
  readonly stderr: Writable & { readonly isTTY?: boolean };
}

export interface Input extends Readable {
  readonly isTTY?: boolean;
  /** Of a process's own. */
  readonly fd?: number;
  readonly bytesRead?: number;
}

/** All went well; some of it failed; nothing was tried. */
export const EXIT = { ok: 0, failed: 1, usage: 2 } as const;

/** The command was called in a way that cannot work; the message says what to change. */
export class UsageError extends Error {
  override readonly name = 'Usage';
}
