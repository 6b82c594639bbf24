import { Unreadable } from '../../functions/core/model/errors.ts';
import { isoTime, unixSeconds } from '../../functions/core/payload/fields.ts';
import { UsageError } from '../command.ts';

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
  [/^(\d{4}-\d{2}-\d{2})$/, (day) => `${day} 00:00Z`],
];

const UTC = /^(?:UTC|GMT|UT|Z)?$/;

/**
 * Reads a time as people and providers' exports write it: ISO 8601 in its extended or basic format, RFC 5322, a day (its
 * start), or seconds or milliseconds since 1970. A time without a zone is UTC.
 * @param what names the time in the error, which never quotes it
 * @throws Unreadable if it is not a time
 */
export function readTime(text: string, what: string): Date {
  const trimmed = text.trim();
  if (/^\d{9,10}(?:\.\d+)?$/.test(trimmed)) return unixSeconds(Number(trimmed), what);
  if (/^\d{12,13}$/.test(trimmed)) return unixSeconds(Number(trimmed) / 1000, what);
  const spelling = SPELLINGS.find(([pattern]) => pattern.test(trimmed));
  const extended = spelling ? trimmed.replace(spelling[0], (_all, ...groups) => spelling[1](...groups)) : trimmed;
  const [, day, time, zone = ''] =
    /^(\d{4}-\d{2}-\d{2})[ T](\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?) ?(\S*)$/.exec(extended) ?? [];
  return isoTime(`${day}T${time}${zoneOf(zone)}`, what);
}

/** `UTC` becomes `Z`, `+00` and `+0000` become `+00:00`. */
function zoneOf(zone: string): string {
  return UTC.test(zone)
    ? 'Z'
    : zone.replace(/^([+-]\d{2}):?(\d{2})?$/, (_all, hours, minutes = '00') => `${hours}:${minutes}`);
}

function twoDigits(number: string | number = ''): string {
  return String(number).padStart(2, '0');
}

/**
 * Reads the value of an option, if it is set.
 * @throws UsageError if it is not a time
 */
export function timeOption(option: string, value: string | undefined): Date | undefined {
  try {
    return value === undefined ? undefined : readTime(value, option);
  } catch (error) {
    throw error instanceof Unreadable ? new UsageError(error.message) : error;
  }
}
