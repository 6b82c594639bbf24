/** Stops calls while the other side is down, and finds out by single trials when it is back. Times in epoch ms. */
export interface CircuitBreaker {
  /** How long no call may be made; 0 is none. */
  pauseMs(nowMs: number): number;
  /** The same for a call that is about to be made: the first one after a pause is the trial, and the only one. */
  enter(nowMs: number): number;
  /** How a call ended. Gives the pause that this begins, if it does. */
  ended(isUp: boolean, nowMs: number): number | undefined;
}

export interface CircuitBreakerLimits {
  /** So many calls in a row must fail. */
  readonly failures: number;
  /** Doubled with each failed trial, up to the longest. */
  readonly firstPauseMs: number;
  readonly longestPauseMs: number;
  /** Longer than any call takes: what lets the next trial through when one never ended. */
  readonly trialMs: number;
}

const DEFAULTS: CircuitBreakerLimits = { failures: 5, firstPauseMs: 5_000, longestPauseMs: 60_000, trialMs: 15_000 };

export function createCircuitBreaker(limits: CircuitBreakerLimits = DEFAULTS): CircuitBreaker {
  let failed = 0;
  let pausedUntilMs = 0;
  const pauseMs = (nowMs: number) => Math.max(0, pausedUntilMs - nowMs);
  return {
    pauseMs,
    enter(nowMs) {
      const leftMs = pauseMs(nowMs);
      if (leftMs === 0 && failed >= limits.failures) pausedUntilMs = nowMs + limits.trialMs;
      return leftMs;
    },
    ended(isUp, nowMs) {
      failed = isUp ? 0 : failed + 1;
      pausedUntilMs = 0;
      if (failed < limits.failures) return undefined;
      const nextMs = Math.min(limits.longestPauseMs, limits.firstPauseMs * 2 ** (failed - limits.failures));
      pausedUntilMs = nowMs + nextMs;
      return nextMs;
    },
  };
}
