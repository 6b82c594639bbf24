import type { Completion } from './ledger.ts';

type Kind = Completion['outcome']['kind'];

/** The outcomes after which neither the relay nor an operator has anything left to do. */
const FINISHED: ReadonlySet<Kind> = new Set<Kind>(['confirmed', 'superseded']);

const DAY_MS = 86_400_000;

/** Returns when an entry may be deleted, or undefined for never: if it is unfinished or no retention is configured. */
export function expiryOf({ kind }: Completion['outcome'], closedAt: Date, days: number | undefined): Date | undefined {
  return days !== undefined && FINISHED.has(kind) ? new Date(closedAt.getTime() + days * DAY_MS) : undefined;
}
