import type { Entry } from '../ledger/ledger.ts';
import type { OperatorLedger } from '../ledger/operator-ledger.ts';
import type { Overdue } from '../model/telemetry.ts';
import type { Run, SweepPorts } from './sweep.ts';

/** How old a command may become before somebody hears of it. By law it has 48 hours at most. */
export interface Deadline {
  readonly warnAfterHours: number;
  readonly pageAfterHours: number;
}

export const defaultDeadline: Deadline = { warnAfterHours: 24, pageAfterHours: 36 };

export interface BacklogPorts extends Pick<SweepPorts, 'operatorLedger' | 'report'> {
  readonly deadline: Deadline;
}

/** A held command grows old like an open one: nobody waits in silence, whoever has to act. */
const WAITING = ['open', 'held'] as const;
/** So many are named, the oldest first; the rest is counted. */
const NAMED = 100;

/** Tells the age of the oldest command of each source that waits, and which ones are over a limit. */
export async function measureBacklog(
  { now, hasTime }: Run,
  { operatorLedger, report, deadline }: BacklogPorts,
): Promise<void> {
  const oldest = new Map<string, number>();
  const overdue: Overdue[] = [];
  for await (const entry of waitingIn(operatorLedger)) {
    if (!hasTime()) break;
    const ageSeconds = ageOf(entry, now);
    oldest.set(entry.source, Math.max(ageSeconds, oldest.get(entry.source) ?? 0));
    if (ageSeconds > deadline.warnAfterHours * 3600) overdue.push(overdueOf(entry, ageSeconds, deadline));
  }
  // Without a number an alarm could not tell that all is well from a sweep that does not run.
  if (oldest.size === 0) report({ event: 'backlog.measured', ageSeconds: 0 });
  for (const [source, ageSeconds] of oldest) report({ event: 'backlog.measured', source, ageSeconds });
  if (overdue.length > 0) report({ event: 'optout.overdue', ...shown(overdue) });
}

async function* waitingIn(operatorLedger: OperatorLedger): AsyncGenerator<Entry> {
  for (const state of WAITING) yield* operatorLedger.unfinished(state);
}

function ageOf({ receivedAt }: Entry, now: Date): number {
  return Math.max(0, Math.round((now.getTime() - Date.parse(receivedAt)) / 1000));
}

function overdueOf({ id, source, kind, state }: Entry, ageSeconds: number, { pageAfterHours }: Deadline): Overdue {
  return { optOut: { id, source, kind }, state, ageSeconds, isPaging: ageSeconds > pageAfterHours * 3600 };
}

function shown(overdue: readonly Overdue[]) {
  const oldestFirst = overdue.toSorted((one, two) => two.ageSeconds - one.ageSeconds);
  return { overdue: oldestFirst.slice(0, NAMED), more: Math.max(0, overdue.length - NAMED) };
}
