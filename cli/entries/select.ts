import type { Entry } from '../../functions/core/ledger/ledger.ts';
import type { OperatorLedger } from '../../functions/core/ledger/operator-ledger.ts';
import type { Unfinished } from '../../functions/core/model/state.ts';
import { UsageError } from '../command.ts';

/** Which entries are meant. */
export interface Choice {
  /** Ids, or how they begin. Left out or empty: all. */
  readonly ids?: readonly string[];
  readonly source?: string | undefined;
  /** By our clock. */
  readonly after?: Date | undefined;
  readonly before?: Date | undefined;
}

/** Shorter beginnings are no choice but a mistake; and nothing that could be an address is repeated. */
const ID = /^[\w-]{6,43}$/;

/** What is chosen of the unfinished, the oldest first. Throws Usage for an id that no entry has, or several begin with. */
export async function chosen(
  operatorLedger: OperatorLedger,
  state: Unfinished,
  choice: Choice,
): Promise<readonly Entry[]> {
  const { ids = [] } = choice;
  const entries: Entry[] = [];
  for await (const entry of operatorLedger.unfinished(state)) if (isMeant(entry, choice)) entries.push(entry);
  for (const id of ids) checkOne(id, state, entries);
  return entries;
}

function checkOne(id: string, state: Unfinished, entries: readonly Entry[]): void {
  if (!ID.test(id)) throw new UsageError('an id is six letters, digits, "-" or "_" at least');
  const count = entries.filter((entry) => entry.id.startsWith(id)).length;
  if (count === 0) throw new UsageError(`nothing that is ${state} has the id ${id}`);
  if (count > 1) throw new UsageError(`${count} ids begin with ${id}`);
}

function isMeant({ id, source, receivedAt }: Entry, { ids = [], ...choice }: Choice): boolean {
  const at = Date.parse(receivedAt);
  const isAfter = choice.after === undefined || at >= choice.after.getTime();
  const isBefore = choice.before === undefined || at < choice.before.getTime();
  const isOfSource = choice.source === undefined || choice.source === source;
  return isAfter && isBefore && isOfSource && (ids.length === 0 || ids.some((each) => id.startsWith(each)));
}
