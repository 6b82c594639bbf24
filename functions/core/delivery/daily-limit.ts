/** Stops calls once HubSpot's daily limit is spent, and allows one probe per quarter hour. Times are in epoch milliseconds. */
export interface DailyLimit {
  /** Milliseconds until the next call is allowed, or 0 if it is allowed now. */
  pauseMs(nowMs: number): number;
  /** The same, for a caller about to make the call. The first call after a pause is the probe; others wait for its result. */
  enter(nowMs: number): number;
  /** Records the result of a call. `isSpent`: HubSpot rejected it because the daily limit is spent. */
  record(isSpent: boolean, nowMs: number): void;
  /** Records what HubSpot reports in a response. */
  learn(usage: DailyUsage): void;
  /** Returns what HubSpot last reported, or undefined before the first report. OAuth apps have no daily limit. */
  usage(): DailyUsage | undefined;
}

/** The `X-HubSpot-RateLimit-Daily` headers. All private apps of an account share the limit. */
export interface DailyUsage {
  readonly max: number;
  readonly left: number;
}

/** The limit is reset at midnight in the account's time zone, and all time zones differ by quarters of an hour. */
const QUARTER_HOUR_MS = 900_000;
/** Allows another probe if the first one never ended. Longer than any call takes. */
const PROBE_MS = 15_000;

/** Returns the milliseconds until the next quarter of an hour. */
export function untilQuarterHourMs(nowMs: number): number {
  return QUARTER_HOUR_MS - (nowMs % QUARTER_HOUR_MS);
}

/** `reserve`: the fraction of the limit that is left to more urgent calls; below it, the limit counts as spent. */
export function createDailyLimit(reserve = 0): DailyLimit {
  let isSpent = false;
  let pausedUntilMs = 0;
  let reported: DailyUsage | undefined;
  const pauseMs = (nowMs: number) => Math.max(0, pausedUntilMs - nowMs);
  return {
    pauseMs,
    enter(nowMs) {
      const leftMs = pauseMs(nowMs);
      if (leftMs === 0 && isSpent) pausedUntilMs = nowMs + PROBE_MS;
      return leftMs;
    },
    record(spent, nowMs) {
      isSpent = spent || (reported !== undefined && reported.left < reported.max * reserve);
      pausedUntilMs = isSpent ? nowMs + untilQuarterHourMs(nowMs) : 0;
    },
    learn(usage) {
      reported = usage;
    },
    usage: () => reported,
  };
}
