import { setTimeout as sleep } from 'node:timers/promises';
import type { CircuitBreaker } from '../core/delivery/circuit-breaker.ts';
import type { ApiVersion, ContactResponse } from '../core/delivery/hubspot.ts';
import type { RateLimiter } from '../core/delivery/rate-limiter.ts';
import { RelayError } from '../core/model/errors.ts';
import type { Report } from '../core/model/telemetry.ts';
import type { readContact } from './response.ts';
import { readRateLimit, readResponse } from './response.ts';
import type { TokenProvider } from './token.ts';

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
  /** From the connection to the answer's headers. Default 5 s. */
  readonly headersMs: number;
  /** A whole call. Default 10 s. */
  readonly callMs: number;
  /** All calls of one attempt. Default 12 s. */
  readonly attemptMs: number;
}

const DEFAULT_LIMITS: TimeLimits = { headersMs: 5_000, callMs: 10_000, attemptMs: 12_000 };

/** Longer waits for a free slot are the queue's, not ours. */
const MAX_HOLD_MS = 5_000;
/** After a burst 429 without `Retry-After`: half of HubSpot's ten-second window. */
const BURST_HOLD_SECONDS = 5;
const MAX_BURST_HOLD_SECONDS = 60;

export interface Call {
  readonly method: 'GET' | 'POST';
  readonly path: string;
  readonly body?: unknown;
  /** Default: as a status. */
  readonly read?: typeof readContact;
}

/**
 * Makes the calls of one attempt: one at a time, below the rate limit, none while HubSpot is down, each with a time limit,
 * and without an error that could hold the address, the URL or the token.
 */
export function openCalls(through: HubSpotPorts): () => (what: Call) => Promise<ContactResponse> {
  const limits = through.limits ?? DEFAULT_LIMITS;
  return () => {
    const attempt = AbortSignal.timeout(limits.attemptMs);
    return (what) => within(attempt, paced(what, { ...through, limits, attempt }));
  };
}

/** The limit of an attempt holds for everything in it: the wait for a slot and for the token too. */
function within(attempt: AbortSignal, answer: Promise<ContactResponse>): Promise<ContactResponse> {
  const late = new Promise<ContactResponse>((resolve) => {
    attempt.addEventListener('abort', () => resolve({ status: 0, category: 'TIME_OUT' }), { once: true });
  });
  return Promise.race([answer, late]);
}

type Calling = HubSpotPorts & { readonly limits: TimeLimits; readonly attempt: AbortSignal };

/** Whatever ends without a call takes no slot and no trial. */
async function paced(what: Call, through: Calling): Promise<ContactResponse> {
  const { rateLimiter, circuitBreaker, clock } = through;
  const nowMs = clock().getTime();
  const downMs = circuitBreaker.pauseMs(nowMs);
  if (downMs > 0) return down(downMs);
  const ahead = rateLimiter.ahead(nowMs);
  if (ahead > MAX_HOLD_MS) return { status: 0, category: 'HELD_BACK', retryAfterSeconds: Math.ceil(ahead / 1000) };
  const waitMs = rateLimiter.next(nowMs);
  if (waitMs >= 1) await sleep(waitMs);
  const pauseMs = circuitBreaker.enter(clock().getTime());
  return pauseMs > 0 ? down(pauseMs) : recordResponse(await withToken(what, through), through);
}

function down(pauseMs: number): ContactResponse {
  return { status: 0, category: 'HUBSPOT_DOWN', pauseSeconds: Math.ceil(pauseMs / 1000) };
}

/** What an answer means for the calls after it. */
function recordResponse(
  answer: ContactResponse,
  { rateLimiter, circuitBreaker, clock, report }: Calling,
): ContactResponse {
  const nowMs = clock().getTime();
  const pausedMs = circuitBreaker.ended(isUp(answer), nowMs);
  if (pausedMs !== undefined) report({ event: 'circuit.opened', status: answer.status, pauseSeconds: pausedMs / 1000 });
  if (answer.status === 429 && answer.policyName !== 'DAILY') {
    const holdSeconds = Math.min(answer.retryAfterSeconds ?? BURST_HOLD_SECONDS, MAX_BURST_HOLD_SECONDS);
    rateLimiter.holdUntil(nowMs + holdSeconds * 1000);
  }
  return answer;
}

/** HubSpot was there and knew us, whatever it said. */
function isUp({ status }: ContactResponse): boolean {
  return !(status === 0 || status === 401 || status === 477 || status >= 500);
}

/** A 401 may only mean that the token was rotated: it is read again once, and the call repeated. */
async function withToken(what: Call, through: Calling): Promise<ContactResponse> {
  try {
    const token = await through.tokens.get();
    const answer = await send(what, token, through);
    return answer.status === 401 ? await send(what, await through.tokens.refresh(token), through) : answer;
  } catch (error) {
    if (!(error instanceof RelayError)) throw error;
    through.report({ event: 'credentials.unusable', reason: error.message });
    return { status: 0, category: 'NO_TOKEN' };
  }
}

async function send(what: Call, token: string, through: Calling): Promise<ContactResponse> {
  const { limits, attempt, clock } = through;
  const headers = new AbortController();
  const timer = setTimeout(() => headers.abort(), limits.headersMs);
  const signal = AbortSignal.any([attempt, AbortSignal.timeout(limits.callMs), headers.signal]);
  try {
    const response = await through.fetch(new URL(what.path, through.baseUrl), {
      method: what.method,
      headers: { authorization: `Bearer ${token}`, ...(what.body ? { 'content-type': 'application/json' } : {}) },
      ...(what.body ? { body: JSON.stringify(what.body) } : {}),
      redirect: 'manual',
      signal,
    });
    clearTimeout(timer);
    const limit = readRateLimit(response.headers);
    if (limit) through.rateLimiter.learn(limit, clock().getTime());
    return (what.read ?? readResponse)(response, await response.text(), clock());
  } catch {
    return { status: 0, category: signal.aborted ? 'TIME_OUT' : 'NO_CONNECTION' };
  } finally {
    clearTimeout(timer);
  }
}
