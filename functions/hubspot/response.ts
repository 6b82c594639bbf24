import * as z from 'zod/mini';
import type { ContactResponse, HubSpotResponse, StatusReport } from '../core/delivery/hubspot.ts';
import type { RateLimit } from '../core/delivery/rate-limiter.ts';
import { parseEmailAddress } from '../core/model/email-address.ts';

/** A text or a number, read as text; anything else is as good as missing. */
const text = z.catch(
  z.optional(
    z.pipe(
      z.union([z.string(), z.number()]),
      z.transform((value) => String(value)),
    ),
  ),
  undefined,
);

const row = z.catch(
  z.object({
    channel: text,
    source: text,
    status: text,
    subscriberIdString: text,
    subscriptionId: text,
    subscriptionName: text,
    timestamp: text,
    businessUnitId: text,
    legalBasis: text,
    legalBasisExplanation: text,
    setStatusSuccessReason: text,
    wideStatusType: text,
  }),
  {},
);

/** The answer about many addresses has the rows of each in a group of its own. */
const group = z.pipe(
  z.object({ subscriberIdString: text, wideStatuses: z.array(row) }),
  z.transform(({ subscriberIdString, wideStatuses }) => wideStatuses.map((each) => ({ subscriberIdString, ...each }))),
);

const problem = z.catch(z.object({ category: text, status: text }), {});

/** Every field of HubSpot's answer; unknown words, nulls and missing fields are data, not faults. */
const report = z.object({
  status: text,
  results: z.array(z.union([group, row])),
  errors: z.catch(z.array(problem), []),
  numErrors: text,
  startedAt: text,
  completedAt: text,
  requestedAt: text,
  links: z.catch(z.optional(z.record(z.string(), z.string())), undefined),
});

/** HubSpot's error body; a 429 says `errorType` where the others say `category`. */
const fault = z.object({ category: text, errorType: text, policyName: text, message: text, correlationId: text });

const contact = z.object({ properties: z.object({ email: text }) });

/** Reads an answer. `body` may be empty, cut or garbage: a 2xx then simply proves nothing. */
export function readResponse(response: Response, body: string, now: Date): HubSpotResponse {
  const json = parse(body);
  const failure = response.ok ? undefined : read(fault, json);
  return {
    status: response.status,
    report: response.ok ? reportOf(json) : undefined,
    category: only(CONSTANT, failure?.category ?? failure?.errorType),
    policyName: only(CONSTANT, failure?.policyName),
    correlationId: only(UUID, response.headers.get('x-hubspot-correlation-id') ?? failure?.correlationId),
    retryAfterSeconds: retryAfterOf(response.headers.get('retry-after'), now),
    saysAlreadyOptedOut: response.status < 500 && saysAlreadyOptedOut(failure?.message),
  };
}

/** Reads the answer to a contact's `email` being asked for. A 2xx that shows no contact says nothing of its address. */
export function readContact(response: Response, body: string, now: Date): ContactResponse {
  const answer = readResponse(response, body, now);
  const shown = response.ok ? read(contact, parse(body)) : undefined;
  if (!shown) return answer;
  try {
    return { ...answer, email: parseEmailAddress(shown.properties.email) };
  } catch {
    return { ...answer, category: 'NO_ADDRESS' };
  }
}

/** The limit in force, from the headers on every answer. */
export function readRateLimit(headers: Headers): RateLimit | undefined {
  const number = (name: string) => Number(headers.get(`x-hubspot-ratelimit-${name}`) ?? Number.NaN);
  const limit = { max: number('max'), remaining: number('remaining'), intervalMs: number('interval-milliseconds') };
  return Object.values(limit).every(Number.isFinite) ? limit : undefined;
}

/** Undefined where the body is none: nothing can be said of what it does not show. */
function reportOf(json: unknown): StatusReport | undefined {
  const known = read(report, json);
  if (!known) return undefined;
  const { numErrors, errors, results, ...rest } = known;
  return { ...rest, results: results.flat(), errors, numErrors: Math.max(Number(numErrors ?? 0) || 0, errors.length) };
}

function read<Value>(schema: z.ZodMiniType<Value>, json: unknown): Value | undefined {
  const result = z.safeParse(schema, json);
  return result.success ? result.data : undefined;
}

function parse(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return undefined;
  }
}

/** `RATE_LIMITS`, `MISSING_SCOPES`, `TEN_SECONDLY_ROLLING`. */
const CONSTANT = /^[A-Z][A-Z\d_]{0,63}$/;

const UUID = /^[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}$/i;

/** These reach the log: of HubSpot's form or nothing, so that no address and no token of ours can travel in them. */
function only(form: RegExp, value: string | undefined): string | undefined {
  return value !== undefined && form.test(value) ? value : undefined;
}

/** HubSpot promises its statuses, not its messages; here the message only leads to a look at the record. */
function saysAlreadyOptedOut(message: string | undefined): boolean {
  return message !== undefined && /already/i.test(message) && /unsubscribed|opted out/i.test(message);
}

/** Seconds, or an HTTP date; what is more than two days away is no answer to wait for. */
function retryAfterOf(header: string | null, now: Date): number | undefined {
  const text = header?.trim() ?? '';
  if (/^\d{1,6}$/.test(text)) return Number(text);
  const seconds = text.endsWith(' GMT') ? (Date.parse(text) - now.getTime()) / 1000 : Number.NaN;
  return seconds >= 0 && seconds <= 172_800 ? seconds : undefined;
}
