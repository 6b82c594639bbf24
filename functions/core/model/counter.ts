import { hash } from 'node:crypto';

/** What a counter counts: submissions of an address or from a client, or the recipients of a source. */
export type CounterKind = 'address' | 'client' | 'source';

/** Counts events within one hour of the clock and has an upper limit. */
export interface Counter {
  readonly kind: CounterKind;
  /**
   * The key in the ledger's table: `limit#` and a digest. It does not show the counted address or client, but a reader of the
   * table can test a guess.
   */
  readonly key: string;
  readonly limit: number;
  /** The key of the item that marks a value as counted. A marked value is within the limit and not counted again. */
  readonly markerKey?: string;
  /** Seconds until the next hour begins, at least 1. */
  readonly retryAfterSeconds: number;
  /** When the counter is no longer used, in seconds since 1970. */
  readonly expiresAt: number;
}

/** Counts in the ledger's table. */
export interface Counters {
  /** Increments each counter in turn until one is full. Returns the full one, or undefined. */
  count(counters: readonly Counter[]): Promise<Counter | undefined>;
  /** Decrements each counter, for a counted event that then failed. */
  uncount(counters: readonly Counter[]): Promise<void>;
}

const HOUR_SECONDS = 3600;

/**
 * Returns the counter of a value for the hour that contains `at`, or an empty list if there is no limit. With `once`, such as a
 * recipient, it counts different values of that and not events.
 */
export function hourlyCounter(
  kind: CounterKind,
  value: string,
  { limit, at, once }: { readonly limit: number | false; readonly at: Date; readonly once?: string },
): readonly Counter[] {
  if (limit === false) return [];
  const seconds = at.getTime() / 1000;
  const expiresAt = (Math.floor(seconds / HOUR_SECONDS) + 1) * HOUR_SECONDS;
  const hour = at.toISOString().slice(0, 'yyyy-mm-ddThh'.length);
  const keyOf = (text: string) => `limit#${hash('sha256', text, 'hex')}`;
  const marker = once === undefined ? {} : { markerKey: keyOf(`${kind}\n${value}\n${hour}\n${once}`) };
  const key = keyOf(`${kind}\n${value}\n${hour}`);
  return [{ kind, key, limit, ...marker, retryAfterSeconds: Math.ceil(expiresAt - seconds), expiresAt }];
}
