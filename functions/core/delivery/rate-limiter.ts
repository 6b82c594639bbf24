/** Keeps calls spaced below a rate, and holds them back when the other side says so. Times in epoch ms. */
export interface RateLimiter {
  /** Takes the next free slot and says how long to wait for it; 0 is now. Infinite waits are the caller's to refuse. */
  next(nowMs: number): number;
  /** How long the next slot is away, without taking it. */
  ahead(nowMs: number): number;
  /** No slot before this time. */
  holdUntil(untilMs: number): void;
  /** What `X-HubSpot-RateLimit-*` said: never faster than our share of the limit in force. */
  learn(limit: RateLimit, nowMs: number): void;
}

export interface RateLimit {
  readonly max: number;
  readonly remaining: number;
  readonly intervalMs: number;
}

export interface Share {
  /** The configured limit of all instances together. */
  readonly ratePer10Seconds: number;
  /** How many instances share it. */
  readonly instances: number;
}

/** Parts of an interval. */
const LATE = 0.05; // by so much a call may be late without losing its place: there is a gap from one batch to the next
const MARGIN = 0.02; // what a call may take longer to HubSpot than the one before
const PAUSE = 0.05; // when others have used up what was left

/**
 * HubSpot counts a rolling window over all instances. Each of them spaces its calls by `interval × instances / rate` and
 * never makes more than its share within an interval, which stays below the limit without the instances knowing of each
 * other, and close to it.
 */
export function createRateLimiter({ ratePer10Seconds, instances }: Share): RateLimiter {
  const shareOf = (max: number, intervalMs: number) => {
    const calls = Math.max(1, Math.floor(max / instances));
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
  const ahead = (nowMs: number) => {
    const leavesMs = (slots.at(-share.calls) ?? Number.NEGATIVE_INFINITY) + share.withinMs;
    return Math.max(0, nextFreeMs - nowMs, leavesMs - nowMs);
  };
  return {
    next(nowMs) {
      const waitMs = ahead(nowMs);
      nextFreeMs = Math.max(nextFreeMs, nowMs + waitMs - share.lateMs) + share.spacingMs;
      slots.push(nowMs + waitMs);
      if (slots.length > 2 * share.calls) slots.splice(0, share.calls);
      return waitMs;
    },
    ahead,
    holdUntil,
    learn({ max, remaining, intervalMs }, nowMs) {
      if (!(max > 0 && intervalMs > 0)) return;
      const learned = shareOf(max, intervalMs);
      share = learned.spacingMs > configured.spacingMs ? learned : configured;
      if (remaining < instances) holdUntil(nowMs + intervalMs * PAUSE);
    },
  };
}
