import type { Entry } from '../../functions/core/ledger/ledger.ts';
import type { Unfinished } from '../../functions/core/model/state.ts';
import type { Context } from '../context.ts';

/** More reopened entries than this could delay new opt-outs, so they go to the bulk queue. */
const MANY = 100;
/** Entries reopened before they are enqueued. If the queue fails, the messages of this many are missing. */
const BATCH_SIZE = 40;

/**
 * Reopens entries, sends them to the queue, and resolves to how many it reopened. An entry that has changed state or was erased
 * is skipped. If the queue fails, the last batch is open without messages; the sweep requeues it within minutes.
 */
export async function reopenAll(
  entries: readonly Entry[],
  from: Exclude<Unfinished, 'open'>,
  { operatorLedger, queue, bulkQueue }: Pick<Context, 'operatorLedger' | 'queue' | 'bulkQueue'>,
): Promise<number> {
  const { send } = entries.length > MANY ? bulkQueue : queue;
  let count = 0;
  for (let at = 0; at < entries.length; at += BATCH_SIZE) {
    const batch = entries.slice(at, at + BATCH_SIZE).map(({ id }) => operatorLedger.reopen(id, from, new Date()));
    const optOuts = (await Promise.all(batch)).filter((optOut) => optOut !== undefined);
    await send(optOuts);
    count += optOuts.length;
  }
  return count;
}
