import type { SurgeLimit } from '../../functions/core/delivery/surge-limit.ts';
import type { Policy } from '../../functions/core/intake/policy.ts';
import type { Kind } from '../../functions/core/model/signal.ts';
import { formatCount, formatDuration } from '../terminal/format.ts';
import { tableOf } from '../terminal/table.ts';
import type { Quota } from './quota.ts';
import { durationMs } from './quota.ts';
import type { OptOutFile, SignalRow } from './rows.ts';
import { openRows } from './rows.ts';
import type { StatusColumn, StatusColumns } from './status-columns.ts';
import { countStatusColumns } from './status-columns.ts';

/** What a file contains. */
export interface Survey {
  /** Rows that will be sent. */
  readonly optOuts: number;
  /** Rows that cannot be read. */
  readonly unreadable: number;
  /** Rows that `--only` leaves out. */
  readonly leftOut: number;
  /** Readable rows of each kind, including those that the policy ignores. */
  readonly kinds: Readonly<Partial<Record<Kind, number>>>;
  /** An invalid row spans several lines, so rows may have been lost. */
  readonly isTorn: boolean;
  /** Time of the oldest opt-out; ISO 8601. */
  readonly oldest: string | undefined;
  readonly newest: string | undefined;
  /** What the number of a row counts. */
  readonly noun: 'line' | 'entry';
  readonly format: string;
  readonly statusColumns: readonly StatusColumn[];
}

/** Reads a whole file. Calls `onFault` for every row that cannot be read. */
export async function survey(
  from: OptOutFile,
  policy: Pick<Policy, 'kinds'>,
  onFault: (where: string, fault: string) => void,
): Promise<Survey> {
  const { rows, columns, noun, format } = await openRows(from, new Date());
  let [unreadable, leftOut, isTorn] = [0, 0, false];
  const known = [from.emailColumn ?? 'email', from.timeColumn, from.idColumn, from.kindColumn];
  const status = countStatusColumns(columns, [...known, ...from.only.map(({ column }) => column)]);
  const signals = countSignals(policy, status);
  for await (const row of rows) {
    if ('signal' in row) signals.add(row);
    else if ('isLeftOut' in row) leftOut += 1;
    else {
      unreadable += 1;
      isTorn ||= row.isTorn ?? false;
      onFault(`${noun} ${row.line}`, row.fault);
    }
  }
  return { ...signals.found(), unreadable, leftOut, isTorn, noun, format, statusColumns: status.found() };
}

function countSignals({ kinds }: Pick<Policy, 'kinds'>, status: StatusColumns) {
  const counts: Partial<Record<Kind, number>> = {};
  let [optOuts, oldestMs, newestMs] = [0, Number.POSITIVE_INFINITY, 0];
  const iso = (ms: number) => (optOuts === 0 ? undefined : new Date(ms).toISOString());
  return {
    add({ signal: { kind, occurredAt }, cells }: SignalRow) {
      counts[kind] = (counts[kind] ?? 0) + 1;
      if (kinds[kind] === 'nothing') return;
      status.add(cells);
      optOuts += 1;
      oldestMs = Math.min(oldestMs, occurredAt.getTime());
      newestMs = Math.max(newestMs, occurredAt.getTime());
    },
    found: () => ({ optOuts, kinds: counts, oldest: iso(oldestMs), newest: iso(newestMs) }),
  };
}

/** A table of a file's contents and of what sending them takes. */
export function surveyTable(found: Omit<Survey, 'isTorn'>, quota: Quota, surgeLimit: SurgeLimit): string {
  const { format, optOuts, unreadable, leftOut, kinds, oldest, newest } = found;
  const period = oldest === undefined ? '' : `, from ${dayOf(oldest)} to ${dayOf(newest)}`;
  const isOnlyOptOuts = Object.keys(kinds).every((kind) => kind === 'opt_out');
  const counts = Object.entries(kinds).map(([kind, count]) => `${kind} ${count.toLocaleString('en')}`);
  const ignored = Object.values(kinds).reduce((sum, count) => sum + count, 0) - optOuts;
  const rows: readonly (readonly [string, string])[] = [
    ['file', format],
    ['opt-outs', `${optOuts.toLocaleString('en')}${period}`],
    ...(isOnlyOptOuts ? [] : [['kinds', counts.join(', ')] as const]),
    ...(ignored === 0 ? [] : [['ignored by "policy"', formatCount(ignored, 'row')] as const]),
    ...(leftOut === 0 ? [] : [['left out by --only', formatCount(leftOut, 'row')] as const]),
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
