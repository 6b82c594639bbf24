import type { Entry } from '../../functions/core/ledger/ledger.ts';
import type { Context } from '../context.ts';

/** So many are opened again before the queue is told of them: all that is lost if it cannot be. */
const AT_ONCE = 40;

/**
 * Opens entries again and puts them on the queue; gives how many. Passed over is what is in another state by now, or
 * forgotten. When the queue fails, what was opened last lies open without a message, and the sweep brings it within minutes.
 */
export async function reopenAll(
  entries: readonly Entry[],
  from: 'held' | 'rejected',
  { operatorLedger, queue }: Pick<Context, 'operatorLedger' | 'queue'>,
): Promise<number> {
  let count = 0;
  for (let at = 0; at < entries.length; at += AT_ONCE) {
    const some = entries.slice(at, at + AT_ONCE).map(({ id }) => operatorLedger.reopen(id, from, new Date()));
    const optOuts = (await Promise.all(some)).filter((optOut) => optOut !== undefined);
    await queue.send(optOuts);
    count += optOuts.length;
  }
  return count;
}
