import { untilQuarterHourMs } from './daily-limit.ts';
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

/** The minimum wait in seconds by response status. */
const MIN_SECONDS: Readonly<Record<number, number>> = {
  401: 30, // an operator must act
  403: 30, // an operator must act
  423: 2, // "Locks will last for 2 seconds": https://developers.hubspot.com/docs/api-reference/error-handling
  477: 3600, // the account is being moved to another data center; HubSpot normally sends Retry-After
};

/**
 * Returns the seconds until a deferred command is attempted again. Without a free slot of the rate limiter, it waits for one. A
 * spent daily limit waits for the next quarter of an hour. Everything else backs off exponentially, by half to all of 2, 4, 8,
 * … 300 seconds. HubSpot's `Retry-After` can make the wait longer, never shorter.
 */
export function retryAfterSeconds(response: HubSpotResponse, { attempt, now, random }: BackoffState): number {
  const { status, slotInSeconds, pauseSeconds = 0, retryAfterSeconds: required = 0 } = response;
  const backoff = Math.min(MAX_BACKOFF_SECONDS, 2 ** Math.min(attempt, 12)) * (0.5 + random / 2);
  const min = isDailyLimit(response)
    ? untilQuarterHourMs(now.getTime()) / 1000 + backoff
    : Math.max(backoff, MIN_SECONDS[status] ?? 0, pauseSeconds);
  const wait = slotInSeconds ?? Math.max(min, required);
  return Math.min(MAX_WAIT_SECONDS, Math.max(1, Math.ceil(wait)));
}

/** HubSpot rejected a call for its daily limit, or the relay made none because of that. */
export function isDailyLimit({ status, policyName }: HubSpotResponse): boolean {
  return (status === 429 || status === 0) && policyName === 'DAILY';
}
