import type { SurgeLimit } from '../../functions/core/delivery/surge-limit.ts';
import { countOf, spanOf } from '../terminal/format.ts';
import { tableOf } from '../terminal/table.ts';
import type { Quota } from './quota.ts';
import { durationMs } from './quota.ts';
import type { OptOutFile } from './rows.ts';
import { readRows } from './rows.ts';

/** What is in a file. */
export interface Survey {
  readonly optOuts: number;
  readonly unreadable: number;
  /** Somewhere one row cannot be told from the next. */
  readonly isTorn: boolean;
  /** When they happened; ISO 8601. */
  readonly oldest: string | undefined;
  readonly newest: string | undefined;
}

/** Reads a whole file; `onFault` hears of every row that cannot be read. */
export async function survey(
  from: OptOutFile,
  now: Date,
  onFault: (line: number, fault: string) => void,
): Promise<Survey> {
  let [optOuts, unreadable, isTorn] = [0, 0, false];
  let [oldestMs, newestMs] = [Number.POSITIVE_INFINITY, 0];
  for await (const row of readRows(from, now)) {
    if ('fault' in row) {
      unreadable += 1;
      isTorn ||= row.isTorn ?? false;
      onFault(row.line, row.fault);
      continue;
    }
    optOuts += 1;
    oldestMs = Math.min(oldestMs, row.signal.occurredAt.getTime());
    newestMs = Math.max(newestMs, row.signal.occurredAt.getTime());
  }
  const iso = (ms: number) => (optOuts === 0 ? undefined : new Date(ms).toISOString());
  return { optOuts, unreadable, isTorn, oldest: iso(oldestMs), newest: iso(newestMs) };
}

/** The same for people, and what sending it means. */
export function surveyTable(
  { optOuts, unreadable, oldest, newest }: Omit<Survey, 'isTorn'>,
  quota: Quota,
  surgeLimit: SurgeLimit,
): string {
  const rows: readonly (readonly [string, string])[] = [
    [
      'opt-outs',
      `${optOuts.toLocaleString('en')}${oldest === undefined ? '' : `, from ${dayOf(oldest)} to ${dayOf(newest)}`}`,
    ],
    ['unreadable', countOf(unreadable, 'row')],
    ['pace', `${paceOf(quota)}: ${spanOf(durationMs(optOuts, quota))}`],
    ['HubSpot calls', `${(optOuts * CALLS_EACH).toLocaleString('en')} at most`],
    ['surge limit', surgeWords(optOuts, quota, surgeLimit)],
  ];
  return tableOf({ rows });
}

/** An old opt-out is asked about twice and told once. */
const CALLS_EACH = 3;

/** Nine tenths of what the brake lets pass; where there is none, one a second, which leaves HubSpot's smallest limit room. */
export function defaultPerSecond({ perSourceAndHour }: SurgeLimit): number {
  return perSourceAndHour === false ? 1 : Math.min(1, (perSourceAndHour * 0.9) / 3600);
}

function paceOf({ perSecond, daily }: Quota): string {
  const each = perSecond < 1 ? `one every ${spanOf(1000 / perSecond)}` : `${perSecond.toLocaleString('en')} a second`;
  return `${each}, at most ${daily.toLocaleString('en')} a day`;
}

function surgeWords(optOuts: number, { perSecond, daily }: Quota, { perSourceAndHour }: SurgeLimit): string {
  if (perSourceAndHour === false) return 'off';
  const most = Math.min(optOuts, perSecond * 3600, daily);
  const limit = `${perSourceAndHour.toLocaleString('en')} an hour`;
  if (most <= perSourceAndHour) return `${limit}: not reached`;
  return `${limit}: REACHED; what is above is held. Raise "surgeLimit" in relay.config.ts and deploy, or go slower`;
}

function dayOf(iso = ''): string {
  return iso.slice(0, 'yyyy-mm-dd'.length);
}
