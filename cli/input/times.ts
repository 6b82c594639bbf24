import { Unreadable } from '../../functions/core/model/errors.ts';
import { isoTime, unixSeconds } from '../../functions/core/payload/fields.ts';
import { UsageError } from '../command.ts';
import { option } from '../define-command.ts';

/** How to read times that do not say it themselves. */
export interface TimeFormat {
  /** The zone of times without one, such as `Europe/Berlin`. @default UTC */
  readonly timeZone?: string | undefined;
  /** The order of `01/02/2026`. @default such times are not read */
  readonly dateOrder?: DateOrder | undefined;
}

export type DateOrder = 'dmy' | 'mdy';

/** `--time-zone <zone>`. */
export const TIME_ZONE = option('zone', 'the zone of times without one, such as Europe/Berlin; default: UTC');

/** `--date-order <order>`. */
export const DATE_ORDER = option('dmy|mdy', 'how to read 01/02/2026: day first, or month first; default: not at all');

/** The month names of RFC 5322, section 3.3. */
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/** Spellings of a time that become ISO 8601. Providers' exports use all of them. */
const SPELLINGS: readonly (readonly [RegExp, (...groups: readonly string[]) => string])[] = [
  // RFC 5322: `Tue, 07 Jan 2025 19:25:45 +0000`
  [
    /^(?:[A-Z][a-z]{2}, )?(\d{1,2}) ([A-Z][a-z]{2}) (\d{4}) (\d{2}:\d{2}(?::\d{2})?) (\S+)$/,
    (day, month, year, time, zone) =>
      `${year}-${twoDigits(MONTHS.indexOf(month ?? '') + 1)}-${twoDigits(day)} ${time}${zone}`,
  ],
  // ISO 8601, basic format: `20250107T192545Z`
  [
    /^(\d{4})(\d{2})(\d{2})T(\d{2})(\d{2})(\d{2})(.*)$/,
    (y, mo, d, h, m, s, zone) => `${y}-${mo}-${d} ${h}:${m}:${s}${zone}`,
  ],
  [/^(\d{4}-\d{2}-\d{2})$/, (day) => `${day} 00:00`],
];

/** `01/02/2026`, `1.2.2026 9:05`, `01-02-2026 9:05:07 PM`. */
const DATE_FIRST =
  /^(\d{1,2})[/.-](\d{1,2})[/.-](\d{4})(?:,? (\d{1,2})(:\d{2}(?::\d{2})?)(?: ?([AP])\.?M\.?)?(?: (\S+))?)?$/i;

const UTC = /^(?:UTC|GMT|UT|Z)$/;

/**
 * Reads a time as people and providers' exports write it: ISO 8601 in its extended or basic format, RFC 5322, a day (its
 * start), seconds or milliseconds since 1970, or, with a date order, a date such as `01/02/2026`.
 *
 * @param what names the time in the error, which never quotes it
 * @throws Unreadable if it is not a time
 */
export function readTime(text: string, what: string, format: TimeFormat = {}): Date {
  const trimmed = text.trim();
  if (/^\d{9,10}(?:\.\d+)?$/.test(trimmed)) return unixSeconds(Number(trimmed), what);
  if (/^\d{12,13}$/.test(trimmed)) return unixSeconds(Number(trimmed) / 1000, what);
  const [, day, time, zone = ''] =
    /^(\d{4}-\d{2}-\d{2})[ T](\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?) ?(\S*)$/.exec(extended(trimmed, format.dateOrder)) ??
    [];
  if (!isDay(day)) throw new Unreadable(`${what} is not a time`);
  if (zone === '' && format.timeZone !== undefined) return inZone(isoTime(`${day}T${time}Z`, what), format.timeZone);
  return isoTime(`${day}T${time}${zoneOf(zone)}`, what);
}

/** Whether the month has the day. `Date` reads February 30 as March 2. */
function isDay(day = ''): boolean {
  const at = new Date(`${day}T00:00Z`);
  return !Number.isNaN(at.getTime()) && at.toISOString().startsWith(day);
}

/** Respells a time as `2026-01-02 09:05:07+01:00`, without the parts that it has not. */
function extended(text: string, dateOrder: DateOrder | undefined): string {
  const date = dateOrder && DATE_FIRST.exec(text);
  if (date) return dateFirst(date, dateOrder);
  const spelling = SPELLINGS.find(([pattern]) => pattern.test(text));
  return spelling ? text.replace(spelling[0], (_all, ...groups) => spelling[1](...groups)) : text;
}

function dateFirst([, one, two, year, hour, rest = '', half, zone = '']: readonly string[], order: DateOrder): string {
  const [day, month] = order === 'dmy' ? [one, two] : [two, one];
  const date = `${year}-${twoDigits(month)}-${twoDigits(day)}`;
  if (hour === undefined) return `${date} 00:00`;
  const hours = half === undefined ? Number(hour) : (Number(hour) % 12) + (half.toUpperCase() === 'P' ? 12 : 0);
  return `${date} ${twoDigits(hours)}${rest}${zone}`;
}

/** `UTC` and no zone become `Z`, `+00` and `+0000` become `+00:00`. */
function zoneOf(zone: string): string {
  return zone === '' || UTC.test(zone)
    ? 'Z'
    : zone.replace(/^([+-]\d{2}):?(\d{2})?$/, (_all, hours, minutes = '00') => `${hours}:${minutes}`);
}

/** The instant at which the clocks of a zone show this time of UTC. The first one, if they show it twice. */
function inZone(shown: Date, timeZone: string): Date {
  const before = shown.getTime() - offsetMs(new Date(shown.getTime() - 86_400_000), timeZone);
  const after = shown.getTime() - offsetMs(shown, timeZone);
  const isRight = (instantMs: number) => instantMs + offsetMs(new Date(instantMs), timeZone) === shown.getTime();
  return new Date(!isRight(before) && isRight(after) ? after : before);
}

const FORMATS = new Map<string, Intl.DateTimeFormat>();
/** Formatting is slow. Clocks change only at full quarters of an hour. */
const OFFSETS_MS = new Map<string, number>();
const QUARTER_MS = 900_000;

/** How far the clocks of a zone are ahead of UTC. */
function offsetMs(at: Date, timeZone: string): number {
  const key = `${timeZone} ${Math.floor(at.getTime() / QUARTER_MS)}`;
  const known = OFFSETS_MS.get(key) ?? readOffsetMs(at, timeZone);
  OFFSETS_MS.set(key, known);
  return known;
}

function readOffsetMs(at: Date, timeZone: string): number {
  const format = FORMATS.get(timeZone) ?? new Intl.DateTimeFormat('en', { timeZone, timeZoneName: 'longOffset' });
  FORMATS.set(timeZone, format);
  const { value = '' } = format.formatToParts(at).find(({ type }) => type === 'timeZoneName') ?? {};
  const [, sign, hours = 0, minutes = 0, seconds = 0] = /([+-])(\d{2}):(\d{2})(?::(\d{2}))?/.exec(value) ?? [];
  const ms = (Number(hours) * 3600 + Number(minutes) * 60 + Number(seconds)) * 1000;
  return sign === '-' ? -ms : ms;
}

function twoDigits(number: string | number = ''): string {
  return String(number).padStart(2, '0');
}

/**
 * Reads the value of an option, if it is set.
 * @throws UsageError if it is not a time
 */
export function timeOption(name: string, value: string | undefined, format: TimeFormat = {}): Date | undefined {
  try {
    return value === undefined ? undefined : readTime(value, name, format);
  } catch (error) {
    throw error instanceof Unreadable ? new UsageError(error.message) : error;
  }
}

interface TimeFormatValues {
  readonly 'time-zone'?: string | undefined;
  readonly 'date-order'?: string | undefined;
}

/** @throws UsageError if the zone or the order is unknown */
export function timeFormatOf({ 'time-zone': timeZone, 'date-order': dateOrder }: TimeFormatValues): TimeFormat {
  if (dateOrder !== undefined && dateOrder !== 'dmy' && dateOrder !== 'mdy')
    throw new UsageError('--date-order is dmy or mdy');
  try {
    offsetMs(new Date(0), timeZone ?? 'UTC');
  } catch (error) {
    throw error instanceof RangeError ? new UsageError('--time-zone is not a zone such as Europe/Berlin') : error;
  }
  return { timeZone, dateOrder };
}
