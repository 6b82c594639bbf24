import type { Counter } from '../model/counter.ts';
import { hourlyCounter } from '../model/counter.ts';
import type { OptOut } from '../model/opt-out.ts';

/**
 * How many recipients of one source are opted out by inference within an hour of the clock. The rest is held until an operator
 * releases it. `false` turns the limit off.
 */
export interface SurgeLimit {
  readonly perSourceAndHour: number | false;
}

export const defaultSurgeLimit: SurgeLimit = { perSourceAndHour: 1_000 };

/** Who causes the opt-outs of a source: people by their own acts, or a program, where one mistake can cause a thousand. */
export type Carries = 'people' | 'program';

/**
 * Returns the counter that an inferred opt-out counts against, or an empty list if the recipient requested the opt-out. Each
 * recipient counts once, so that a sender cannot use up the limit with one address.
 *
 * @param limit.carries from configuration. By default only the sources of an operator's own lists and systems carry a program's.
 */
export function surgeCounters(
  optOut: OptOut,
  now: Date,
  { perSourceAndHour, carries }: SurgeLimit & { readonly carries?: Carries | undefined },
): readonly Counter[] {
  const { source, email, contactId } = optOut;
  if (!isInferred(optOut, carries ?? (PROGRAMS.has(source) ? 'program' : 'people'))) return [];
  return hourlyCounter('source', source, { limit: perSourceAndHour, at: now, once: email ?? contactId });
}

const PROGRAMS = new Set(['generic', 'backfill', 'eventbridge']);

/**
 * A recipient makes a complaint, and an opt-out unless a program does. A mail system reports everything else. Every row
 * of a backfilled file is a program's: one wrong option can turn a whole file into complaints.
 */
function isInferred({ kind, source }: OptOut, carries: Carries): boolean {
  if (source === 'backfill') return true;
  return kind === 'opt_out' ? carries === 'program' : kind !== 'complaint';
}
