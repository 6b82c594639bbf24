import type { Entry } from '../ledger/ledger.ts';
import type { OperatorLedger } from '../ledger/operator-ledger.ts';
import type { Overdue, Report } from '../model/telemetry.ts';
import type { Run } from './run.ts';

/** The age limits of open and held commands. By law an opt-out must be carried out within 48 hours. */
export interface Deadline {
  readonly warnAfterHours: number;
  readonly pageAfterHours: number;
}

export const defaultDeadline: Deadline = { warnAfterHours: 24, pageAfterHours: 36 };

export interface BacklogPorts {
  readonly operatorLedger: Pick<OperatorLedger, 'unfinished'>;
  readonly report: Report;
  readonly deadline: Deadline;
}

/** The deadline counts for held commands too, although they wait for an operator. */
const WAITING = ['open', 'held'] as const;
/** How many overdue commands are listed, oldest first. The others are only counted. */
const MAX_LISTED = 100;

/** Reports the age of the oldest open or held command of each source, and the commands that are overdue. */
export async function measureBacklog(
  { now, hasTime }: Run,
  { operatorLedger, report, deadline }: BacklogPorts,
): Promise<void> {
  const oldest = new Map<string, number>();
  const overdue: Overdue[] = [];
  for await (const entry of waitingEntries(operatorLedger)) {
    if (!hasTime()) break;
    const ageSeconds = ageOf(entry, now);
    oldest.set(entry.source, Math.max(ageSeconds, oldest.get(entry.source) ?? 0));
    if (ageSeconds > deadline.warnAfterHours * 3600) overdue.push(overdueOf(entry, ageSeconds, deadline));
  }
  // An empty backlog is reported too: without a data point an alarm could not distinguish it from a sweep that does not run.
  if (oldest.size === 0) report({ event: 'backlog.measured', ageSeconds: 0 });
  for (const [source, ageSeconds] of oldest) report({ event: 'backlog.measured', source, ageSeconds });
  if (overdue.length > 0) report({ event: 'optout.overdue', ...listed(overdue) });
}

async function* waitingEntries(operatorLedger: BacklogPorts['operatorLedger']): AsyncGenerator<Entry> {
  for (const state of WAITING) yield* operatorLedger.unfinished(state);
}

function ageOf({ receivedAt }: Entry, now: Date): number {
  return Math.max(0, Math.round((now.getTime() - Date.parse(receivedAt)) / 1000));
}

function overdueOf({ id, source, kind, state }: Entry, ageSeconds: number, { pageAfterHours }: Deadline): Overdue {
  return { optOut: { id, source, kind }, state, ageSeconds, isPaging: ageSeconds > pageAfterHours * 3600 };
}

function listed(overdue: readonly Overdue[]) {
  const oldestFirst = overdue.toSorted((one, two) => two.ageSeconds - one.ageSeconds);
  return { overdue: oldestFirst.slice(0, MAX_LISTED), more: Math.max(0, overdue.length - MAX_LISTED) };
}
