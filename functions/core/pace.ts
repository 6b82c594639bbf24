/** Keeps calls evenly spaced below a rate, and holds them back when the other side says so. Times in epoch ms. */
export interface Pace {
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

/**
 * HubSpot counts a rolling window over all instances; spacing the calls by `interval × instances / rate` stays below it
 * without the instances knowing of each other.
 */
export function createPace({ ratePer10Seconds, instances }: Share): Pace {
  let spacingMs = 10_000 / Math.max(1, Math.floor(ratePer10Seconds / instances));
  let nextFreeMs = 0;
  const configuredSpacingMs = spacingMs;
  return {
    next(nowMs) {
      const slotMs = Math.max(nowMs, nextFreeMs);
      nextFreeMs = slotMs + spacingMs;
      return slotMs - nowMs;
    },
    ahead: (nowMs) => Math.max(0, nextFreeMs - nowMs),
    holdUntil(untilMs) {
      nextFreeMs = Math.max(nextFreeMs, untilMs);
    },
    learn({ max, remaining, intervalMs }, nowMs) {
      if (!(max > 0 && intervalMs > 0)) return;
      spacingMs = Math.max(configuredSpacingMs, intervalMs / Math.max(1, Math.floor(max / instances)));
      if (remaining < instances) nextFreeMs = Math.max(nextFreeMs, nowMs + intervalMs / 2);
    },
  };
}
