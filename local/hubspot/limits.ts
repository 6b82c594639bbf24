import { rateLimited } from './errors.ts';

/** The maximum number of calls. */
export interface Caps {
  readonly per10Seconds: number;
  readonly daily: number;
}

/** Counts the calls of one app in a rolling window of 10 seconds and in a day that ends at midnight in the account's time zone. */
export interface Limits {
  /** Counts a call, or throws a 429 and does not count it. OAuth apps have no daily limit. */
  take(oauth: boolean): void;
  /** @see https://developers.hubspot.com/docs/developer-tooling/platform/usage-guidelines */
  headers(oauth: boolean): Readonly<Record<string, string>>;
  today(): { readonly used: number; readonly limit: number; readonly resetsAt: string };
  /** Changes the given limits only. The calls made before still count. */
  set(caps: { readonly [K in keyof Caps]?: number | null | undefined }): Caps;
  reset(): void;
}

const WINDOW_MS = 10_000;
/** The limits of professional accounts. */
const DEFAULTS: Caps = { per10Seconds: 190, daily: 625_000 };

export function createLimits(timeZone: () => string): Limits {
  let caps = DEFAULTS;
  let used = 0;
  let day = dayIn(timeZone());
  const recent = rollingWindow();

  function today() {
    if (Date.now() >= day.endsAt) used = 0;
    if (Date.now() >= day.endsAt || day.timeZone !== timeZone()) day = dayIn(timeZone());
    return { used, limit: caps.daily, resetsAt: new Date(day.endsAt).toISOString() };
  }

  return {
    take(oauth) {
      if (recent.size() >= caps.per10Seconds) throw rateLimited('TEN_SECONDLY_ROLLING');
      if (!oauth && today().used >= caps.daily) throw rateLimited('DAILY');
      recent.add();
      if (!oauth) used += 1;
    },
    headers: (oauth) => ({
      'X-HubSpot-RateLimit-Max': String(caps.per10Seconds),
      'X-HubSpot-RateLimit-Remaining': String(Math.max(0, caps.per10Seconds - recent.size())),
      'X-HubSpot-RateLimit-Interval-Milliseconds': String(WINDOW_MS),
      ...(!oauth && {
        'X-HubSpot-RateLimit-Daily': String(caps.daily),
        'X-HubSpot-RateLimit-Daily-Remaining': String(Math.max(0, caps.daily - today().used)),
      }),
    }),
    today,
    set(changed) {
      caps = { per10Seconds: changed.per10Seconds ?? caps.per10Seconds, daily: changed.daily ?? caps.daily };
      return caps;
    },
    reset() {
      caps = DEFAULTS;
      used = 0;
      recent.clear();
    },
  };
}

/** Finds the next midnight by bisection, because a day can have 23 to 25 hours. */
function dayIn(timeZone: string) {
  const format = new Intl.DateTimeFormat('en-CA', { timeZone, dateStyle: 'short' });
  let before = Date.now();
  const today = format.format(before);
  let endsAt = before + 26 * 3_600_000;
  while (endsAt - before > 1) {
    const middle = Math.floor((before + endsAt) / 2);
    if (format.format(middle) === today) before = middle;
    else endsAt = middle;
  }
  return { timeZone, endsAt };
}

function rollingWindow() {
  let times: number[] = [];
  let first = 0;
  return {
    add: () => times.push(Date.now()),
    clear() {
      times = [];
      first = 0;
    },
    size() {
      const since = Date.now() - WINDOW_MS;
      while (first < times.length && (times[first] ?? 0) <= since) first += 1;
      // Removed in large pieces, because each shift() would copy the whole array.
      if (first > 10_000) {
        times = times.slice(first);
        first = 0;
      }
      return times.length - first;
    },
  };
}
