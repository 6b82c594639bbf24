import { setTimeout as sleep } from 'node:timers/promises';
import type { CircuitBreaker } from '../core/delivery/circuit-breaker.ts';
import type { ApiVersion, ContactResponse, HubSpotResponse } from '../core/delivery/hubspot.ts';
import type { RateLimiter } from '../core/delivery/rate-limiter.ts';
import { RelayError } from '../core/model/errors.ts';
import type { Report } from '../core/model/telemetry.ts';
import type { readContact } from './response.ts';
import { readRateLimit, readResponse } from './response.ts';
import type { TokenProvider } from './token.ts';

/** Shared by all calls of a process. */
export interface HubSpotPorts {
  readonly baseUrl: URL;
  readonly version: ApiVersion;
  readonly tokens: TokenProvider;
  readonly rateLimiter: RateLimiter;
  readonly circuitBreaker: CircuitBreaker;
  readonly fetch: typeof fetch;
  readonly clock: () => Date;
  readonly report: Report;
  readonly limits?: TimeLimits;
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

export interface Call {
  readonly method: 'GET' | 'POST';
  readonly path: string;
  /** Sent as JSON. */
  readonly body?: unknown;
  /** Parses the response. @default readResponse */
  readonly read?: typeof readContact;
}

/**
 * Makes one call to HubSpot. Resolves with status 0 if the call was not made or got no response. The result never contains the
 * address, the URL or the token.
 */
export function request(call: Call, attempt: Attempt): Promise<ContactResponse> {
  return withTimeout(attempt.deadline, async () => {
    const notSent = (await waitForSlot(attempt)) ?? enterCircuit(attempt);
    if (notSent) return notSent;
    const response = await authorize(attempt, (token) => send(call, token, attempt));
    recordResponse(response, attempt);
    return response;
  });
}

/** Applies the attempt's time limit to a whole call, including the wait for a slot and for the token. */
function withTimeout(deadline: AbortSignal, run: () => Promise<ContactResponse>): Promise<ContactResponse> {
  const timedOut = new Promise<ContactResponse>((resolve) => {
    deadline.addEventListener('abort', () => resolve({ status: 0, category: 'TIME_OUT' }), { once: true });
  });
  return Promise.race([run(), timedOut]);
}

/** Longer waits go back to the queue as a deferred command. */
const MAX_WAIT_MS = 5_000;

/** Waits for a slot of the rate limiter. Takes no slot, and returns a response, if no call can be made soon. */
async function waitForSlot({ rateLimiter, circuitBreaker, clock }: Attempt): Promise<HubSpotResponse | undefined> {
  const nowMs = clock().getTime();
  const pauseMs = circuitBreaker.pauseMs(nowMs);
  if (pauseMs > 0) return paused(pauseMs);
  const aheadMs = rateLimiter.waitMs(nowMs);
  if (aheadMs > MAX_WAIT_MS) return { status: 0, category: 'HELD_BACK', retryAfterSeconds: Math.ceil(aheadMs / 1000) };
  const waitMs = rateLimiter.reserve(nowMs);
  if (waitMs >= 1) await sleep(waitMs);
  return undefined;
}

/** Returns a response if the circuit breaker has stopped calls. The first call after a pause is its trial. */
function enterCircuit({ circuitBreaker, clock }: Attempt): HubSpotResponse | undefined {
  const pauseMs = circuitBreaker.enter(clock().getTime());
  return pauseMs > 0 ? paused(pauseMs) : undefined;
}

function paused(pauseMs: number): HubSpotResponse {
  return { status: 0, category: 'HUBSPOT_DOWN', pauseSeconds: Math.ceil(pauseMs / 1000) };
}

/** Adds the token. A 401 may mean that the token was rotated, so the call is repeated once with a fresh one. */
async function authorize(
  { tokens, report }: Attempt,
  run: (token: string) => Promise<ContactResponse>,
): Promise<ContactResponse> {
  try {
    const token = await tokens.get();
    const response = await run(token);
    return response.status === 401 ? await run(await tokens.refresh(token)) : response;
  } catch (error) {
    if (!(error instanceof RelayError)) throw error;
    report({ event: 'credentials.unusable', reason: error.message });
    return { status: 0, category: 'NO_TOKEN' };
  }
}

/** Fetches and parses. Follows no redirect. */
async function send({ method, path, body, read = readResponse }: Call, token: string, attempt: Attempt) {
  const { baseUrl, limits, deadline, rateLimiter, clock } = attempt;
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

/** Passes the response on to the circuit breaker and the rate limiter. */
function recordResponse(
  { status, policyName, retryAfterSeconds = BURST_HOLD_SECONDS }: HubSpotResponse,
  { rateLimiter, circuitBreaker, clock, report }: Attempt,
): void {
  const nowMs = clock().getTime();
  const pauseMs = circuitBreaker.record(isUp(status), nowMs);
  if (pauseMs !== undefined) report({ event: 'circuit.opened', status, pauseSeconds: pauseMs / 1000 });
  if (status === 429 && policyName !== 'DAILY') {
    rateLimiter.holdUntil(nowMs + Math.min(retryAfterSeconds, MAX_BURST_HOLD_SECONDS) * 1000);
  }
}

/** HubSpot responded and accepted the token. 477: the account is being moved to another data center. */
function isUp(status: number): boolean {
  return !(status === 0 || status === 401 || status === 477 || status >= 500);
}
