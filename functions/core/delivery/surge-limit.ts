import type { Counter } from '../intake/rate-limit.ts';
import { hourCounter } from '../intake/rate-limit.ts';
import type { OptOut } from '../model/opt-out.ts';

/** How many inferred opt-outs of one source are carried out within an hour of the clock; the rest a person must release. */
export interface SurgeLimit {
  readonly perSourceAndHour: number | false;
}

export const defaultSurgeLimit: SurgeLimit = { perSourceAndHour: 1_000 };

/** What counts an inferred opt-out; none for one that somebody has asked for. */
export function surgeCounters(optOut: OptOut, now: Date, { perSourceAndHour }: SurgeLimit): readonly Counter[] {
  if (!isInferred(optOut)) return [];
  return hourCounter('source', optOut.source, { limit: perSourceAndHour, at: now });
}

/** Where opt-outs come from lists and programs of one's own: one mistake there is a thousand opt-outs. */
const OF_PROGRAMS = new Set(['generic', 'backfill', 'eventbridge']);

/** A complaint, and an opt-out that a person gave a sender, is that person's own word; a bounce is a machine's. */
function isInferred({ kind, source }: OptOut): boolean {
  return kind === 'opt_out' ? OF_PROGRAMS.has(source) : kind !== 'complaint';
}
