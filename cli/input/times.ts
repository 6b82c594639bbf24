import { Unreadable } from '../../functions/core/model/errors.ts';
import { isoTime, unixSeconds } from '../../functions/core/payload/fields.ts';
import { UsageError } from '../command.ts';

/**
 * A time as files and people write it: ISO 8601, with a blank for the T and UTC where it has no zone, a day (its beginning), or
 * seconds or milliseconds since 1970. Throws Unreadable, which says `what` it was to be and never quotes it.
 */
export function readTime(text: string, what: string): Date {
  const trimmed = text.trim();
  if (/^\d{9,10}$/.test(trimmed)) return unixSeconds(trimmed, what);
  if (/^\d{12,13}$/.test(trimmed)) return unixSeconds(Number(trimmed) / 1000, what);
  const iso = trimmed.replace(' ', 'T').replace(/^(\d{4}-\d{2}-\d{2})$/, '$1T00:00Z');
  return isoTime(/:\d{2}(\.\d+)?$/.test(iso) && !/[+-]\d{2}:\d{2}$/.test(iso) ? `${iso}Z` : iso, what);
}

/** That of an option. Throws Usage. */
export function momentOf(option: string, text: string | undefined): Date | undefined {
  try {
    return text === undefined ? undefined : readTime(text, option);
  } catch (error) {
    throw error instanceof Unreadable ? new UsageError(error.message) : error;
  }
}
