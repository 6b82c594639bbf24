import type { Entry } from '../../functions/core/ledger/ledger.ts';
import type { OperatorLedger } from '../../functions/core/ledger/operator-ledger.ts';
import type { Unfinished } from '../../functions/core/model/state.ts';
import { UsageError } from '../command.ts';

/** Which entries to select. An omitted field does not restrict the selection. */
export interface Selection {
  /** Ids or their first characters, at least six. If empty, all. */
  readonly ids?: readonly string[];
  readonly source?: string | undefined;
  /** Received at or after. */
  readonly after?: Date | undefined;
  /** Received before. */
  readonly before?: Date | undefined;
}

/** Anything else is not repeated in an error, since it may be an address. */
const ID = /^[\w-]{6,43}$/;

/**
 * Selects entries in an unfinished state, oldest first.
 * @throws UsageError if an id matches no entry or several
 */
export async function selectEntries(
  operatorLedger: OperatorLedger,
  state: Unfinished,
  selection: Selection,
): Promise<readonly Entry[]> {
  const { ids = [] } = selection;
  const entries: Entry[] = [];
  for await (const entry of operatorLedger.unfinished(state)) if (isSelected(entry, selection)) entries.push(entry);
  for (const id of ids) requireOneMatch(id, state, entries);
  return entries;
}

function requireOneMatch(id: string, state: Unfinished, entries: readonly Entry[]): void {
  if (!ID.test(id)) throw new UsageError('an id has at least six letters, digits, "-" or "_"');
  const count = entries.filter((entry) => entry.id.startsWith(id)).length;
  if (count === 0) throw new UsageError(`no ${state} opt-out has an id that starts with ${id}`);
  if (count > 1) throw new UsageError(`${count} ${state} opt-outs have an id that starts with ${id}: give more of it`);
}

function isSelected({ id, source, receivedAt }: Entry, { ids = [], ...selection }: Selection): boolean {
  const at = Date.parse(receivedAt);
  const isAfter = selection.after === undefined || at >= selection.after.getTime();
  const isBefore = selection.before === undefined || at < selection.before.getTime();
  const isOfSource = selection.source === undefined || selection.source === source;
  return isAfter && isBefore && isOfSource && (ids.length === 0 || ids.some((each) => id.startsWith(each)));
}
