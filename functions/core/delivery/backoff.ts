import type { HubSpotResponse } from './hubspot.ts';

/** What decides the wait before the next attempt. `random` is in [0, 1). */
export interface BackoffState {
  readonly attempt: number;
  readonly now: Date;
  readonly random: number;
}

/** SQS keeps a message invisible for 12 hours at most, counted from its receipt. */
const MAX_WAIT_SECONDS = 43_000;
const MAX_BACKOFF_SECONDS = 300;
const QUARTER_HOUR_SECONDS = 900;

/** The least wait in seconds for answers that need more than the back-off. */
const LEAST_SECONDS: Readonly<Record<number, number>> = {
  401: 30, // an operator must act
  403: 30, // an operator must act
  423: 2, // "Locks will last for 2 seconds": https://developers.hubspot.com/docs/api-reference/error-handling
  477: 3600, // the account moves between data centres; its Retry-After is normally there
};

/**
 * Seconds until a deferred command is tried again. HubSpot's own `Retry-After` wins; a spent daily limit waits for the
 * next quarter of an hour, since it is reset at midnight of the account's time zone and all zones differ by quarters;
 * everything else backs off exponentially, between half and all of 2, 4, 8, … 300 seconds.
 */
export function retryAfterSeconds(answer: HubSpotResponse, { attempt, now, random }: BackoffState): number {
  const backoff = Math.min(MAX_BACKOFF_SECONDS, 2 ** Math.min(attempt, 12)) * (0.5 + random / 2);
  const least = Math.max(backoff, LEAST_SECONDS[answer.status] ?? 0, answer.pauseSeconds ?? 0);
  const wait = answer.retryAfterSeconds ?? (isDailyLimit(answer) ? untilQuarterHour(now) + backoff : least);
  return Math.min(MAX_WAIT_SECONDS, Math.max(1, Math.ceil(wait)));
}

export function isDailyLimit({ status, policyName }: HubSpotResponse): boolean {
  return status === 429 && policyName === 'DAILY';
}

function untilQuarterHour(now: Date): number {
  const seconds = now.getTime() / 1000;
  return QUARTER_HOUR_SECONDS - (seconds % QUARTER_HOUR_SECONDS);
}
