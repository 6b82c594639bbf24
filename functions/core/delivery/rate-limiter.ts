/** Spaces calls so that they stay below a rate limit. Times are in epoch milliseconds. */
export interface RateLimiter {
  /** Takes the next free slot and returns the milliseconds until it begins. */
  reserve(nowMs: number): number;
  /** Returns the milliseconds until the next free slot without taking it. */
  waitMs(nowMs: number): number;
  /** Gives out no slot before this time. */
  holdUntil(untilMs: number): void;
  /** Adopts the limit that HubSpot reports, unless the configured one is lower. */
  learn(limit: RateLimit, nowMs: number): void;
}

/** HubSpot's `X-HubSpot-RateLimit-*` headers. */
export interface RateLimit {
  readonly max: number;
  readonly remaining: number;
  readonly intervalMs: number;
}

export interface Share {
  /** The configured limit of all instances together. */
  readonly ratePer10Seconds: number;
  /** The number of instances that share the limit. */
  readonly instances: number;
  /** The fraction of the limit that is left to more urgent calls. @default 0 */
  readonly leaves?: number;
}

/** Fractions of an interval. */
const LATE = 0.05; // how late a call may be without losing its place: there is a gap between two batches
const MARGIN = 0.02; // how much longer a call may take to reach HubSpot than the one before
const PAUSE = 0.05; // the wait after other clients have used up the limit

/**
 * HubSpot counts the calls of all instances in a rolling window. Each instance spaces its calls by `interval × instances / rate`
 * and never exceeds its share within an interval, so the total stays below the limit without coordination. One that leaves a part
 * of the limit also pauses while less than half of that part remains, because more urgent calls then need it.
 */
export function createRateLimiter({ ratePer10Seconds, instances, leaves = 0 }: Share): RateLimiter {
  const shareOf = (max: number, intervalMs: number) => {
    const calls = Math.max(1, Math.floor((max * (1 - leaves)) / instances));
    const withinMs = intervalMs * (1 + MARGIN);
    return { calls, withinMs, spacingMs: withinMs / calls, lateMs: intervalMs * LATE };
  };
  const configured = shareOf(ratePer10Seconds, 10_000);
  let share = configured;
  let nextFreeMs = 0;
  const slots: number[] = [];
  const holdUntil = (untilMs: number) => {
    nextFreeMs = Math.max(nextFreeMs, untilMs);
  };
  const waitMs = (nowMs: number) => {
    const leavesMs = (slots.at(-share.calls) ?? Number.NEGATIVE_INFINITY) + share.withinMs;
    return Math.max(0, nextFreeMs - nowMs, leavesMs - nowMs);
  };
  return {
    reserve(nowMs) {
      const wait = waitMs(nowMs);
      nextFreeMs = Math.max(nextFreeMs, nowMs + wait - share.lateMs) + share.spacingMs;
      slots.push(nowMs + wait);
      if (slots.length > 2 * share.calls) slots.splice(0, share.calls);
      return wait;
    },
    waitMs,
    holdUntil,
    learn({ max, remaining, intervalMs }, nowMs) {
      if (!(max > 0 && intervalMs > 0)) return;
      const learned = shareOf(max, intervalMs);
      share = learned.spacingMs > configured.spacingMs ? learned : configured;
      if (remaining < Math.max(instances, (max * leaves) / 2)) holdUntil(nowMs + intervalMs * PAUSE);
    },
  };
}
