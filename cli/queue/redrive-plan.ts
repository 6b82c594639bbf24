import type { Entry } from '../../functions/core/ledger/ledger.ts';
import { commandOf } from '../../functions/core/ledger/ledger.ts';
import type { Command } from '../../functions/core/model/opt-out.ts';
import type { Context } from '../context.ts';
import type { Selection } from '../entries/select.ts';
import { selectEntries } from '../entries/select.ts';
import { mapConcurrently } from '../map-concurrently.ts';
import type { DeadLetter, DeadLetters } from './dead-letters.ts';
import { reopenAll } from './reopen.ts';

/**
 * The state of a dead letter's opt-out: never attempted, still open, or completed. `unknown`: this relay did not write the
 * message.
 */
export type MessageStatus = 'unattempted' | 'open' | 'closed' | 'unknown';

export interface PlannedMessage {
  readonly status: MessageStatus;
  readonly message: DeadLetter;
  /** The ledger entry, if there is one. */
  readonly entry?: Entry;
}

/** What a redrive would retry. */
export interface RedrivePlan {
  readonly messages: readonly PlannedMessage[];
  readonly rejected: readonly Entry[];
}

export type RedrivePorts = Context & { readonly deadLetters: DeadLetters };

const CONCURRENCY = 16;

/** Plans a redrive. Ids select rejected opt-outs only. Planning only hides the dead letters from other consumers for a while. */
export async function planRedrive(
  selection: Pick<Selection, 'ids' | 'source'>,
  ports: RedrivePorts,
): Promise<RedrivePlan> {
  const rejected = await selectEntries(ports.operatorLedger, 'rejected', selection);
  if ((selection.ids ?? []).length > 0) return { messages: [], rejected };
  const messages = await planMessages(ports);
  return { rejected, messages: messages.filter(({ message }) => isFrom(message.command, selection.source)) };
}

/** Receives every dead letter and looks up its entry. */
export function planMessages(ports: RedrivePorts): Promise<PlannedMessage[]> {
  const messages = ports.deadLetters.receive();
  return Array.fromAsync(mapConcurrently(messages, CONCURRENCY, (message) => planMessage(message, ports)));
}

function isFrom(command: Command | undefined, source: string | undefined): boolean {
  return source === undefined || (command !== undefined && 'source' in command && command.source === source);
}

async function planMessage(message: DeadLetter, { ledger }: RedrivePorts): Promise<PlannedMessage> {
  const { command } = message;
  if (command === undefined) return { message, status: 'unknown' };
  const entry = 'id' in command ? await ledger.find(command.id) : undefined;
  if (entry === undefined) return { message, status: 'unattempted' };
  return { message, status: entry.state === 'open' ? 'open' : 'closed', entry };
}

/** Executes a plan. Resolves to how many rejected opt-outs were skipped, because they changed state or were erased. */
export async function executePlan({ messages, rejected }: RedrivePlan, ports: RedrivePorts): Promise<number> {
  for await (const _done of mapConcurrently(messages, CONCURRENCY, (each) => redriveMessage(each, ports)));
  return rejected.length - (await reopenAll(rejected, 'rejected', ports));
}

/** Sends before it removes. If it is interrupted in between, the message exists twice, which is harmless. */
async function redriveMessage({ message, status, entry }: PlannedMessage, ports: RedrivePorts): Promise<void> {
  const { command } = message;
  if (command === undefined) return;
  const isRequeued = status === 'open' && entry && (await ports.operatorLedger.requeue(entry, new Date()));
  // The sender may have sent the event more than once. The ledger has the first copy.
  if (status === 'unattempted' || isRequeued) await ports.queue.send([(entry && commandOf(entry)) ?? command]);
  await ports.deadLetters.remove(message);
}
