import { setTimeout as sleep } from 'node:timers/promises';
import type { ContactId } from '../core/contact-id.ts';
import { RelayError } from '../core/errors.ts';
import type { ApiVersion, ContactAnswer, HubSpot, Subject } from '../core/hubspot.ts';
import type { Pace } from '../core/pace.ts';
import type { Report } from '../core/report.ts';
import { readAnswer, readContact, readRateLimit } from './hubspot-answer.ts';
import type { Token } from './hubspot-token.ts';

export interface HubSpotPorts {
  readonly baseUrl: URL;
  readonly version: ApiVersion;
  readonly token: Token;
  readonly pace: Pace;
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

interface Call {
  readonly method: 'GET' | 'POST';
  readonly path: string;
  readonly body?: unknown;
  /** Default: as a status. */
  readonly read?: typeof readContact;
}

/**
 * Our own client of HubSpot's communication preferences and contacts: one attempt's calls at a time, below the rate limit,
 * each with a time limit, and no error that could hold the address, the URL or the token.
 * https://developers.hubspot.com/docs/api-reference/communication-preferences-subscriptions-v4/guide
 * https://developers.hubspot.com/docs/api/crm/contacts
 */
export function openHubSpot(through: HubSpotPorts): () => HubSpot {
  const limits = through.limits ?? DEFAULT_LIMITS;
  return () => {
    const attempt = AbortSignal.timeout(limits.attemptMs);
    const call = (what: Call) => within(attempt, paced(what, { ...through, limits, attempt }));
    return {
      unsubscribe: (subject) => call(unsubscribeCall(through.version, subject)),
      readStatus: (subject) => call({ method: 'GET', path: statusPath(through.version, subject) }),
      findContact: (contactId) => call(contactCall(through.version, contactId)),
    };
  };
}

function unsubscribeCall(version: ApiVersion, subject: Subject): Call {
  const path = statusPath(version, subject);
  const { subscriptionId } = subject;
  if (subscriptionId === undefined) return { method: 'POST', path };
  const body = { channel: 'EMAIL', statusState: 'UNSUBSCRIBED', subscriptionId: Number(subscriptionId) };
  return { method: 'POST', path, body };
}

/** Without `verbose` HubSpot answers with nothing; without `channel` it answers 400. */
function statusPath(version: ApiVersion, { email, businessUnitId, subscriptionId }: Subject): string {
  const query = new URLSearchParams({ channel: 'EMAIL', verbose: 'true' });
  if (businessUnitId !== undefined) query.set('businessUnitId', businessUnitId);
  const action = subscriptionId === undefined ? '/unsubscribe-all' : '';
  return `/communication-preferences/${version}/statuses/${encodeURIComponent(email)}${action}?${query}`;
}

/** The contacts that belong to v4 of the preferences are at v3. */
function contactCall(version: ApiVersion, contactId: ContactId): Call {
  const root = version === 'v4' ? '/crm/v3/objects/contacts' : `/crm/objects/${version}/contacts`;
  return { method: 'GET', path: `${root}/${contactId}?properties=email`, read: readContact };
}

/** The limit of an attempt holds for everything in it: the wait for a slot and for the token too. */
function within(attempt: AbortSignal, answer: Promise<ContactAnswer>): Promise<ContactAnswer> {
  const late = new Promise<ContactAnswer>((resolve) => {
    attempt.addEventListener('abort', () => resolve({ status: 0, category: 'TIME_OUT' }), { once: true });
  });
  return Promise.race([answer, late]);
}

type Calling = HubSpotPorts & { readonly limits: TimeLimits; readonly attempt: AbortSignal };

async function paced(what: Call, through: Calling): Promise<ContactAnswer> {
  const ahead = through.pace.ahead(through.clock().getTime());
  if (ahead > MAX_HOLD_MS) return { status: 0, category: 'HELD_BACK', retryAfterSeconds: Math.ceil(ahead / 1000) };
  const waitMs = through.pace.next(through.clock().getTime());
  if (waitMs >= 1) await sleep(waitMs);
  const answer = await withToken(what, through);
  if (answer.status === 429 && answer.policyName !== 'DAILY') {
    const holdSeconds = Math.min(answer.retryAfterSeconds ?? BURST_HOLD_SECONDS, MAX_BURST_HOLD_SECONDS);
    through.pace.holdUntil(through.clock().getTime() + holdSeconds * 1000);
  }
  return answer;
}

/** A 401 may only mean that the token was rotated: it is read again once, and the call repeated. */
async function withToken(what: Call, through: Calling): Promise<ContactAnswer> {
  try {
    const token = await through.token.get();
    const answer = await send(what, token, through);
    return answer.status === 401 ? await send(what, await through.token.refresh(token), through) : answer;
  } catch (error) {
    if (!(error instanceof RelayError)) throw error;
    through.report({ event: 'credentials.unusable', reason: error.message });
    return { status: 0, category: 'NO_TOKEN' };
  }
}

async function send(what: Call, token: string, through: Calling): Promise<ContactAnswer> {
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
    if (limit) through.pace.learn(limit, clock().getTime());
    return (what.read ?? readAnswer)(response, await response.text(), clock());
  } catch {
    return { status: 0, category: signal.aborted ? 'TIME_OUT' : 'NO_CONNECTION' };
  } finally {
    clearTimeout(timer);
  }
}
