/** Limits on how fast opt-outs are sent. */
export interface Quota {
  /** Sends are evenly spaced. */
  readonly perSecond: number;
  /** Within 24 hours of the first send. */
  readonly daily: number;
}

/** The part of the daily quota that has been used. */
export interface QuotaUsage {
  /** Start of the current 24 hours. Epoch ms. */
  readonly sinceMs: number;
  readonly count: number;
}

export interface Scheduler {
  /** Reserves the next send and returns how long to wait for it, in ms. */
  next(nowMs: number): number;
  usage(): QuotaUsage;
}

const DAY_MS = 86_400_000;

/** Schedules sends within a quota, of which `initial` has been used. */
export function createScheduler({ perSecond, daily }: Quota, initial: QuotaUsage): Scheduler {
  let { sinceMs, count } = initial;
  let freeMs = 0;
  return {
    next(nowMs) {
      if (count >= daily) freeMs = Math.max(freeMs, sinceMs + DAY_MS);
      const sendMs = Math.max(nowMs, freeMs);
      if (count === 0 || sendMs >= sinceMs + DAY_MS) [sinceMs, count] = [sendMs, 0];
      count += 1;
      freeMs = sendMs + 1000 / perSecond;
      return sendMs - nowMs;
    },
    usage: () => ({ sinceMs, count }),
  };
}

/** How long `count` sends take with an unused quota. */
export function durationMs(count: number, { perSecond, daily }: Quota): number {
  const spacedMs = (Math.max(0, count - 1) / perSecond) * 1000;
  const isWithinDay = perSecond * (DAY_MS / 1000) <= daily;
  if (isWithinDay || count <= daily) return spacedMs;
  const days = Math.floor((count - 1) / daily);
  return days * DAY_MS + (((count - 1) % daily) / perSecond) * 1000;
}
