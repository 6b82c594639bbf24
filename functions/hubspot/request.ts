import { setTimeout as sleep } from 'node:timers/promises';
import { isDailyLimit } from '../core/delivery/backoff.ts';
import type { CircuitBreaker } from '../core/delivery/circuit-breaker.ts';
import type { DailyLimit } from '../core/delivery/daily-limit.ts';
import type { ApiVersion, HubSpotResponse } from '../core/delivery/hubspot.ts';
import type { RateLimiter } from '../core/delivery/rate-limiter.ts';
import { RelayError } from '../core/model/errors.ts';
import type { Report } from '../core/model/telemetry.ts';
import { readDailyUsage, readRateLimit } from './response.ts';
import type { TokenProvider } from './token.ts';

/** Shared by all calls of a process. */
export interface HubSpotPorts {
  readonly baseUrl: URL;
  readonly version: ApiVersion;
  readonly tokens: TokenProvider;
  readonly rateLimiter: RateLimiter;
  readonly circuitBreaker: CircuitBreaker;
  readonly dailyLimit: DailyLimit;
  /** Sent with each write of one status: accounts with data privacy settings require it. */
  readonly legalBasis: LegalBasis;
  readonly fetch: typeof fetch;
  readonly clock: () => Date;
  readonly report: Report;
  readonly limits?: TimeLimits;
}

/** HubSpot's fields of the same names. */
export interface LegalBasis {
  readonly legalBasis: string;
  readonly legalBasisExplanation: string;
}

export interface TimeLimits {
  /** From opening the connection to the end of the response headers. @default 5,000 */
  readonly headersMs: number;
  /** One call. @default 10,000 */
  readonly callMs: number;
  /** All calls of one attempt. @default 12,000 */
  readonly attemptMs: number;
}

const DEFAULT_LIMITS: TimeLimits = { headersMs: 5_000, callMs: 10_000, attemptMs: 12_000 };

/** The ports, with the time limit that the calls of one attempt share. */
export interface Attempt extends HubSpotPorts {
  readonly limits: TimeLimits;
  readonly deadline: AbortSignal;
}

/** Starts the time limit of an attempt. */
export function startAttempt(ports: HubSpotPorts): Attempt {
  const limits = ports.limits ?? DEFAULT_LIMITS;
  return { ...ports, limits, deadline: AbortSignal.timeout(limits.attemptMs) };
}

export interface Call<Read extends HubSpotResponse> {
  readonly method: 'GET' | 'POST';
  readonly path: string;
  /** Sent as JSON. */
  readonly body?: unknown;
  /** Parses the response. */
  readonly read: (response: Response, body: string, now: Date) => Read;
}

/**
 * Makes one call to HubSpot. Resolves with status 0 if the call was not made or got no response. The result never contains the
 * address, the URL or the token.
 */
export function request<Read extends HubSpotResponse>(
  call: Call<Read>,
  attempt: Attempt,
): Promise<Read | HubSpotResponse> {
  return withTimeout(attempt.deadline, async () => {
    const unsent = (await waitForSlot(attempt)) ?? enter(attempt);
    if (unsent) return unsent;
    const response = await authorize(attempt, (token) => send(call, token, attempt));
    recordResponse(response, attempt);
    return response;
  });
}

/** Applies the attempt's time limit to a whole call, including the wait for a slot and for the token. */
function withTimeout<Read>(deadline: AbortSignal, run: () => Promise<Read>): Promise<Read | HubSpotResponse> {
  const timedOut = new Promise<HubSpotResponse>((resolve) => {
    deadline.addEventListener('abort', () => resolve({ status: 0, category: 'TIME_OUT' }), { once: true });
  });
  return Promise.race([run(), timedOut]);
}

/** Longer waits go back to the queue as a deferred command. */
const MAX_WAIT_MS = 5_000;

/** Waits for a slot of the rate limiter. Takes no slot, and returns a response, if no call can be made soon. */
async function waitForSlot({ rateLimiter, circuitBreaker, dailyLimit, clock }: Attempt) {
  const nowMs = clock().getTime();
  const unsent = paused(circuitBreaker.pauseMs(nowMs), dailyLimit.pauseMs(nowMs));
  if (unsent) return unsent;
  const aheadMs = rateLimiter.waitMs(nowMs);
  if (aheadMs > MAX_WAIT_MS) return { ...UNSENT, category: 'HELD_BACK', slotInSeconds: Math.ceil(aheadMs / 1000) };
  const waitMs = rateLimiter.reserve(nowMs);
  if (waitMs >= 1) await sleep(waitMs);
  return undefined;
}

/** Returns a response if calls are stopped. The first call after a pause is its trial. */
function enter({ circuitBreaker, dailyLimit, clock }: Attempt): HubSpotResponse | undefined {
  const nowMs = clock().getTime();
  const downMs = circuitBreaker.enter(nowMs);
  return paused(downMs, downMs > 0 ? 0 : dailyLimit.enter(nowMs));
}

const UNSENT = { status: 0, isUnsent: true } as const;

function paused(downMs: number, spentMs: number): HubSpotResponse | undefined {
  if (downMs > 0) return { ...UNSENT, category: 'HUBSPOT_DOWN', pauseSeconds: Math.ceil(downMs / 1000) };
  return spentMs > 0 ? { ...UNSENT, category: 'DAILY_LIMIT', policyName: 'DAILY' } : undefined;
}

/** Adds the token. A 401 may mean that the token was rotated, so the call is repeated once with a fresh one. */
async function authorize<Read extends HubSpotResponse>(
  { tokens, report }: Attempt,
  run: (token: string) => Promise<Read>,
): Promise<Read | HubSpotResponse> {
  try {
    const token = await tokens.get();
    const response = await run(token);
    return response.status === 401 ? await run(await tokens.refresh(token)) : response;
  } catch (error) {
    if (!(error instanceof RelayError)) throw error;
    report({ event: 'credentials.unusable', reason: error.message });
    return { ...UNSENT, category: 'NO_TOKEN' };
  }
}

/** Fetches and parses. Follows no redirect. */
async function send<Read extends HubSpotResponse>(
  { method, path, body, read }: Call<Read>,
  token: string,
  attempt: Attempt,
): Promise<Read | HubSpotResponse> {
  const { baseUrl, limits, deadline, rateLimiter, dailyLimit, clock } = attempt;
  const headers = new AbortController();
  const timer = setTimeout(() => headers.abort(), limits.headersMs);
  const signal = AbortSignal.any([deadline, AbortSignal.timeout(limits.callMs), headers.signal]);
  try {
    const response = await attempt.fetch(new URL(path, baseUrl), {
      method,
      headers: { authorization: `Bearer ${token}`, ...(body ? { 'content-type': 'application/json' } : {}) },
      ...(body ? { body: JSON.stringify(body) } : {}),
      redirect: 'manual',
      signal,
    });
    clearTimeout(timer);
    const rateLimit = readRateLimit(response.headers);
    if (rateLimit) rateLimiter.learn(rateLimit, clock().getTime());
    const usage = readDailyUsage(response.headers);
    if (usage) dailyLimit.learn(usage);
    return read(response, await response.text(), clock());
  } catch {
    return { status: 0, category: signal.aborted ? 'TIME_OUT' : 'NO_CONNECTION' };
  } finally {
    clearTimeout(timer);
  }
}

/** After a burst 429 without `Retry-After`: half of HubSpot's ten-second window. */
const BURST_HOLD_SECONDS = 5;
const MAX_BURST_HOLD_SECONDS = 60;

/** Passes the response on to the circuit breaker, the daily limit and the rate limiter. */
function recordResponse(response: HubSpotResponse, attempt: Attempt): void {
  const { rateLimiter, circuitBreaker, dailyLimit, clock, report } = attempt;
  const { status, retryAfterSeconds = BURST_HOLD_SECONDS } = response;
  const nowMs = clock().getTime();
  const pauseMs = circuitBreaker.record(isUp(status), nowMs);
  if (pauseMs !== undefined) report({ event: 'circuit.opened', status, pauseSeconds: pauseMs / 1000 });
  const isSpent = status === 429 && isDailyLimit(response);
  if (isSpent || isUp(status)) dailyLimit.record(isSpent, nowMs);
  if (status === 429 && !isSpent) {
    rateLimiter.holdUntil(nowMs + Math.min(retryAfterSeconds, MAX_BURST_HOLD_SECONDS) * 1000);
  }
}

/** HubSpot responded and accepted the token. 477: the account is being moved to another data center. */
function isUp(status: number): boolean {
  return !(status === 0 || status === 401 || status === 477 || status >= 500);
}
