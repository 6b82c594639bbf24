import type { HubSpotResponse } from './hubspot.ts';

export interface BackoffState {
  /** Counts from 1. */
  readonly attempt: number;
  readonly now: Date;
  /** In [0, 1). */
  readonly random: number;
}

/** SQS hides a message for at most 12 hours from its receipt. */
const MAX_WAIT_SECONDS = 43_000;
const MAX_BACKOFF_SECONDS = 300;
const QUARTER_HOUR_SECONDS = 900;

/** The minimum wait in seconds by response status. */
const MIN_SECONDS: Readonly<Record<number, number>> = {
  401: 30, // an operator must act
  403: 30, // an operator must act
  423: 2, // "Locks will last for 2 seconds": https://developers.hubspot.com/docs/api-reference/error-handling
  477: 3600, // the account is being moved to another data center; HubSpot normally sends Retry-After
};

/**
 * Returns the seconds until a deferred command is attempted again. HubSpot's `Retry-After` takes precedence. A spent daily
 * limit waits for the next quarter of an hour: it is reset at midnight in the account's time zone, and all time zones differ by
 * quarters of an hour. Everything else backs off exponentially, by half to all of 2, 4, 8, … 300 seconds.
 */
export function retryAfterSeconds(response: HubSpotResponse, { attempt, now, random }: BackoffState): number {
  const backoff = Math.min(MAX_BACKOFF_SECONDS, 2 ** Math.min(attempt, 12)) * (0.5 + random / 2);
  const min = Math.max(backoff, MIN_SECONDS[response.status] ?? 0, response.pauseSeconds ?? 0);
  const wait = response.retryAfterSeconds ?? (isDailyLimit(response) ? untilQuarterHour(now) + backoff : min);
  return Math.min(MAX_WAIT_SECONDS, Math.max(1, Math.ceil(wait)));
}

function isDailyLimit({ status, policyName }: HubSpotResponse): boolean {
  return status === 429 && policyName === 'DAILY';
}

function untilQuarterHour(now: Date): number {
  const seconds = now.getTime() / 1000;
  return QUARTER_HOUR_SECONDS - (seconds % QUARTER_HOUR_SECONDS);
}
