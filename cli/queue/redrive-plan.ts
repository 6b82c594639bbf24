import type { Entry } from '../../functions/core/ledger/ledger.ts';
import { commandOf } from '../../functions/core/ledger/ledger.ts';
import type { Command } from '../../functions/core/model/opt-out.ts';
import type { Context } from '../context.ts';
import type { Choice } from '../entries/select.ts';
import { chosen } from '../entries/select.ts';
import { inOrder } from '../map-concurrently.ts';
import type { DeadLetter, DeadLetters } from './dead-letters.ts';
import { reopenAll } from './reopen.ts';

/** What the ledger says of a dead letter; `foreign` is none of ours. */
export type Verdict = 'unopened' | 'open' | 'closed' | 'foreign';

export interface PlannedMessage {
  readonly verdict: Verdict;
  readonly letter: DeadLetter;
  /** Where there is one. */
  readonly entry?: Entry;
}

/** What is to be tried again. */
export interface Plan {
  readonly judged: readonly PlannedMessage[];
  readonly refused: readonly Entry[];
}

export type Through = Context & { readonly letters: DeadLetters };

const AT_ONCE = 16;

/** Changes nothing but that nobody else sees the dead letters for a while. Whoever names ids means refused ones. */
export async function planOf(choice: Pick<Choice, 'ids' | 'source'>, through: Through): Promise<Plan> {
  const refused = await chosen(through.operatorLedger, 'rejected', choice);
  if ((choice.ids ?? []).length > 0) return { judged: [], refused };
  const judged = await judgeAll(through);
  return { refused, judged: judged.filter(({ letter }) => isOf(letter.command, choice.source)) };
}

/** Every dead letter; nobody else sees them for a while. */
export function judgeAll(through: Through): Promise<PlannedMessage[]> {
  return Array.fromAsync(inOrder(through.letters.receive(), AT_ONCE, (letter) => judge(letter, through)));
}

function isOf(command: Command | undefined, source: string | undefined): boolean {
  return source === undefined || (command !== undefined && 'source' in command && command.source === source);
}

async function judge(letter: DeadLetter, { ledger }: Through): Promise<PlannedMessage> {
  const { command } = letter;
  if (command === undefined) return { letter, verdict: 'foreign' };
  const entry = 'id' in command ? await ledger.find(command.id) : undefined;
  if (entry === undefined) return { letter, verdict: 'unopened' };
  return { letter, verdict: entry.state === 'open' ? 'open' : 'closed', entry };
}

/** Gives how many of the refused were passed over: in another state by now, or forgotten. */
export async function carryOut({ judged, refused }: Plan, through: Through): Promise<number> {
  for await (const _done of inOrder(judged, AT_ONCE, (each) => settle(each, through)));
  return refused.length - (await reopenAll(refused, 'rejected', through));
}

/** It is removed after it was sent: cut off between the two, it is there twice, which does no harm. */
async function settle(
  { letter, verdict, entry }: PlannedMessage,
  { operatorLedger, queue, letters }: Through,
): Promise<void> {
  const { command } = letter;
  if (command === undefined) return;
  const isMoved =
    verdict === 'unopened' || (verdict === 'open' && entry && (await operatorLedger.requeue(entry, new Date())));
  // As it was heard of first: the sender may have sent it more than once.
  if (isMoved) await queue.send([(entry && commandOf(entry)) ?? command]);
  await letters.remove(letter);
}
