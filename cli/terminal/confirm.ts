import { createInterface } from 'node:readline/promises';
import type { Streams } from '../command.ts';
import { UsageError } from '../command.ts';
import { formatCount } from './format.ts';

/** Up to this many changes are made without confirmation. */
const MAX_UNCONFIRMED = 10;

export interface Change {
  readonly count: number;
  /** Singular: `opt-out`. */
  readonly noun: string;
  /** `--yes` was given. */
  readonly isConfirmed: boolean | undefined;
}

/**
 * Asks for confirmation if more than ten items change. Resolves to false if the operator declines.
 * @throws UsageError if standard input is not a terminal
 */
export async function confirm({ count, noun, isConfirmed }: Change, { stdin, stderr }: Streams): Promise<boolean> {
  if (isConfirmed || count <= MAX_UNCONFIRMED) return true;
  const effect = `this changes ${formatCount(count, noun)}`;
  if (!stdin.isTTY) throw new UsageError(`${effect}: add --yes to confirm`);
  const prompt = createInterface({ input: stdin, output: stderr });
  const reply = await prompt.question(`${effect.replace('this', 'This')}. Continue? [y/N] `);
  prompt.close();
  const isYes = /^y(es)?$/i.test(reply.trim());
  if (!isYes) stderr.write('Nothing was changed.\n');
  return isYes;
}
