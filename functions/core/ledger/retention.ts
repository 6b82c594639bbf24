import type { Completion } from './ledger.ts';

type End = Completion['outcome']['kind'];

/** After these nothing is left to do, by us or by a person. */
const DONE: ReadonlySet<End> = new Set<End>(['confirmed', 'superseded']);

const DAY_MS = 86_400_000;

/** When an entry that was closed then may be deleted; undefined: never, by default and as long as something is left to do. */
export function expiryOf({ kind }: Completion['outcome'], closedAt: Date, days: number | undefined): Date | undefined {
  return days !== undefined && DONE.has(kind) ? new Date(closedAt.getTime() + days * DAY_MS) : undefined;
}
