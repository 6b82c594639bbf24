import type { Readable, Writable } from 'node:stream';

/** One command of `relay`. */
export interface Command {
  readonly name: string;
  /** One line for `relay help`. */
  readonly summary: string;
  /** The page that `relay help <name>` prints. */
  readonly help: string;
  /** Names of its options, without `--`. */
  readonly options: readonly string[];
  /**
   * Resolves to the exit code.
   * @throws UsageError if the arguments are wrong
   */
  readonly run: (args: readonly string[], streams: Streams) => Promise<number>;
}

/** Where a command reads and writes. */
export interface Streams {
  readonly stdin: Input;
  readonly stdout: Writable & { readonly isTTY?: boolean; readonly columns?: number };
  readonly stderr: Writable & { readonly isTTY?: boolean };
}

export interface Input extends Readable {
  readonly isTTY?: boolean;
  /** Set if the input is the process's own standard input. */
  readonly fd?: number;
  readonly bytesRead?: number;
}

export const EXIT = { ok: 0, failed: 1, usage: 2 } as const;

/** The arguments are wrong. The message is shown to the operator and never contains an address. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}
