/** Stops calls while HubSpot is down, and allows single trial calls until one succeeds. Times are in epoch milliseconds. */
export interface CircuitBreaker {
  /** Milliseconds until the next call is allowed, or 0 if it is allowed now. */
  pauseMs(nowMs: number): number;
  /** The same, for a caller about to make the call. The first call after a pause is the trial; others wait for its result. */
  enter(nowMs: number): number;
  /** Records the result of a call. Returns the length of the pause in milliseconds if the result starts one. */
  record(isUp: boolean, nowMs: number): number | undefined;
}

export interface CircuitBreakerLimits {
  /** Consecutive failures that start a pause. @default 5 */
  readonly failures: number;
  /** Doubles with each failed trial. @default 5,000 */
  readonly firstPauseMs: number;
  /** @default 60,000 */
  readonly longestPauseMs: number;
  /** Allows another trial if the first one never ended. Must be longer than any call takes. @default 15,000 */
  readonly trialMs: number;
}

const DEFAULTS: CircuitBreakerLimits = { failures: 5, firstPauseMs: 5_000, longestPauseMs: 60_000, trialMs: 15_000 };

export function createCircuitBreaker(limits: CircuitBreakerLimits = DEFAULTS): CircuitBreaker {
  let failures = 0;
  let pausedUntilMs = 0;
  const pauseMs = (nowMs: number) => Math.max(0, pausedUntilMs - nowMs);
  return {
    pauseMs,
    enter(nowMs) {
      const leftMs = pauseMs(nowMs);
      if (leftMs === 0 && failures >= limits.failures) pausedUntilMs = nowMs + limits.trialMs;
      return leftMs;
    },
    record(isUp, nowMs) {
      failures = isUp ? 0 : failures + 1;
      pausedUntilMs = 0;
      if (failures < limits.failures) return undefined;
      const nextMs = Math.min(limits.longestPauseMs, limits.firstPauseMs * 2 ** (failures - limits.failures));
      pausedUntilMs = nowMs + nextMs;
      return nextMs;
    },
  };
}
