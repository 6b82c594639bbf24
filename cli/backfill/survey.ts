import type { SurgeLimit } from '../../functions/core/delivery/surge-limit.ts';
import { formatCount, formatDuration } from '../terminal/format.ts';
import { tableOf } from '../terminal/table.ts';
import type { Quota } from './quota.ts';
import { durationMs } from './quota.ts';
import type { OptOutFile } from './rows.ts';
import { readRows } from './rows.ts';

/** What a file contains. */
export interface Survey {
  readonly optOuts: number;
  /** Rows that cannot be read. */
  readonly unreadable: number;
  /** An invalid row spans several lines, so rows may have been lost. */
  readonly isTorn: boolean;
  /** Time of the oldest opt-out; ISO 8601. */
  readonly oldest: string | undefined;
  readonly newest: string | undefined;
}

/** Reads a whole file. Calls `onFault` for every row that cannot be read. */
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

/** A table of a file's contents and of what sending them takes. */
export function surveyTable(
  { optOuts, unreadable, oldest, newest }: Omit<Survey, 'isTorn'>,
  quota: Quota,
  surgeLimit: SurgeLimit,
): string {
  const period = oldest === undefined ? '' : `, from ${dayOf(oldest)} to ${dayOf(newest)}`;
  const rows: readonly (readonly [string, string])[] = [
    ['opt-outs', `${optOuts.toLocaleString('en')}${period}`],
    ['unreadable', formatCount(unreadable, 'row')],
    ['rate', `${rateText(quota)}: ${formatDuration(durationMs(optOuts, quota))}`],
    ['HubSpot calls', `at most ${(optOuts * MAX_CALLS_EACH).toLocaleString('en')}`],
    ['surge limit', surgeText(optOuts, quota, surgeLimit)],
  ];
  return tableOf({ rows });
}

/** An old opt-out takes up to two reads and one write. */
const MAX_CALLS_EACH = 3;

/** Nine tenths of the surge limit, at most one a second. Without a limit, one a second, which leaves room in HubSpot's smallest rate limit. */
export function defaultPerSecond({ perSourceAndHour }: SurgeLimit): number {
  return perSourceAndHour === false ? 1 : Math.min(1, (perSourceAndHour * 0.9) / 3600);
}

function rateText({ perSecond, daily }: Quota): string {
  const interval = formatDuration(1000 / perSecond);
  const rate = perSecond < 1 ? `one every ${interval}` : `${perSecond.toLocaleString('en')} a second`;
  return `${rate}, at most ${daily.toLocaleString('en')} a day`;
}

function surgeText(optOuts: number, { perSecond, daily }: Quota, { perSourceAndHour }: SurgeLimit): string {
  if (perSourceAndHour === false) return 'off';
  const peak = Math.min(optOuts, perSecond * 3600, daily);
  const limit = `${perSourceAndHour.toLocaleString('en')} an hour`;
  if (peak <= perSourceAndHour) return `${limit}: not reached`;
  return `${limit}: EXCEEDED; the excess is held. Raise "surgeLimit" in relay.config.ts and deploy, or send more slowly`;
}

function dayOf(iso = ''): string {
  return iso.slice(0, 'yyyy-mm-dd'.length);
}
