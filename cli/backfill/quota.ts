/** How fast something may go. */
export interface Quota {
  /** Evenly spaced. */
  readonly perSecond: number;
  /** Within any 24 hours from the first one. */
  readonly daily: number;
}

/** What has been taken of the day at hand. Epoch ms. */
export interface QuotaUsage {
  readonly sinceMs: number;
  readonly count: number;
}

export interface Pacing {
  /** Takes the next place and says how long to wait for it. */
  next(nowMs: number): number;
  taken(): QuotaUsage;
}

const DAY_MS = 86_400_000;

export function pacing({ perSecond, daily }: Quota, before: QuotaUsage): Pacing {
  let { sinceMs, count } = before;
  let freeMs = 0;
  return {
    next(nowMs) {
      if (count >= daily) freeMs = Math.max(freeMs, sinceMs + DAY_MS);
      const placeMs = Math.max(nowMs, freeMs);
      if (count === 0 || placeMs >= sinceMs + DAY_MS) [sinceMs, count] = [placeMs, 0];
      count += 1;
      freeMs = placeMs + 1000 / perSecond;
      return placeMs - nowMs;
    },
    taken: () => ({ sinceMs, count }),
  };
}

/** How long so many take from now on, if nothing else holds them up. */
export function durationMs(count: number, { perSecond, daily }: Quota): number {
  const spacedMs = (Math.max(0, count - 1) / perSecond) * 1000;
  const isWithinDay = perSecond * (DAY_MS / 1000) <= daily;
  if (isWithinDay || count <= daily) return spacedMs;
  const days = Math.floor((count - 1) / daily);
  return days * DAY_MS + (((count - 1) % daily) / perSecond) * 1000;
}
