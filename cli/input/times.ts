import { Unreadable } from '../../functions/core/model/errors.ts';
import { isoTime, unixSeconds } from '../../functions/core/payload/fields.ts';
import { UsageError } from '../command.ts';

/**
 * Reads a time as people and files write it: ISO 8601, with a space for the T and UTC if it has no zone, a day (its start), or
 * seconds or milliseconds since 1970.
 * @param what names the time in the error, which never quotes it
 * @throws Unreadable if it is not a time
 */
export function readTime(text: string, what: string): Date {
  const trimmed = text.trim();
  if (/^\d{9,10}$/.test(trimmed)) return unixSeconds(trimmed, what);
  if (/^\d{12,13}$/.test(trimmed)) return unixSeconds(Number(trimmed) / 1000, what);
  const iso = trimmed.replace(' ', 'T').replace(/^(\d{4}-\d{2}-\d{2})$/, '$1T00:00Z');
  return isoTime(/:\d{2}(\.\d+)?$/.test(iso) && !/[+-]\d{2}:\d{2}$/.test(iso) ? `${iso}Z` : iso, what);
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
