import { createInterface } from 'node:readline/promises';
import type { Streams } from '../command.ts';
import { UsageError } from '../command.ts';
import { countOf } from './format.ts';

/** So many are done without a question. */
const FEW = 10;

export interface Intended {
  readonly count: number;
  /** `opt-out`, say. */
  readonly what: string;
  /** `--yes`. */
  readonly isAgreed: boolean | undefined;
}

/** Asks before many are changed, and says so when they are not. Throws Usage where nobody is there to answer. */
export async function confirm({ count, what, isAgreed }: Intended, { stdin, stderr }: Streams): Promise<boolean> {
  if (isAgreed || count <= FEW) return true;
  if (!stdin.isTTY) throw new UsageError(`these are ${countOf(count, what)}: say --yes if you mean all of them`);
  const asking = createInterface({ input: stdin, output: stderr });
  const answer = await asking.question(`These are ${countOf(count, what)}. Go on? [y/N] `);
  asking.close();
  const isYes = /^y(es)?$/i.test(answer.trim());
  if (!isYes) stderr.write('Nothing was changed.\n');
  return isYes;
}
