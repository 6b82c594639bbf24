import type { Counter } from '../model/counter.ts';
import { hourlyCounter } from '../model/counter.ts';
import type { OptOut } from '../model/opt-out.ts';

/**
 * How many inferred opt-outs of one source are carried out within an hour of the clock. The rest is held until an operator
 * releases it. `false` turns the limit off.
 */
export interface SurgeLimit {
  readonly perSourceAndHour: number | false;
}

export const defaultSurgeLimit: SurgeLimit = { perSourceAndHour: 1_000 };

/** Returns the counter that an inferred opt-out counts against, or an empty list if the recipient requested the opt-out. */
export function surgeCounters(optOut: OptOut, now: Date, { perSourceAndHour }: SurgeLimit): readonly Counter[] {
  if (!isInferred(optOut)) return [];
  return hourlyCounter('source', optOut.source, { limit: perSourceAndHour, at: now });
}

/** Sources fed by an operator's own lists and programs, where one mistake can cause a thousand opt-outs. */
const PROGRAMMATIC_SOURCES = new Set(['generic', 'backfill', 'eventbridge']);

/** A recipient makes a complaint, and an opt-out at any other source. A mail system reports everything else. */
function isInferred({ kind, source }: OptOut): boolean {
  return kind === 'opt_out' ? PROGRAMMATIC_SOURCES.has(source) : kind !== 'complaint';
}
