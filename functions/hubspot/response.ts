import * as z from 'zod/mini';
import type { BatchResponse } from '../core/delivery/batch-lane.ts';
import type { DailyUsage } from '../core/delivery/daily-limit.ts';
import type {
  ContactResponse,
  DefinitionsResponse,
  HubSpotResponse,
  StatusReport,
  StatusRow,
  SubscriptionType,
} from '../core/delivery/hubspot.ts';
import type { RateLimit } from '../core/delivery/rate-limiter.ts';
import type { EmailAddress } from '../core/model/email-address.ts';
import { parseEmailAddress } from '../core/model/email-address.ts';
import { parseJson } from '../core/payload/json.ts';

/** A string, or a number as a string. Any other value counts as missing. */
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
    status: text,
    subscriberIdString: text,
    subscriptionId: text,
    timestamp: text,
    businessUnitId: text,
    setStatusSuccessReason: text,
    wideStatusType: text,
  }),
  {},
);

/** Batch responses group the rows by address. */
const rows = z.optional(z.array(row));
const group = z.pipe(
  z
    .object({ subscriberIdString: text, statuses: rows, wideStatuses: rows })
    .check(z.refine(({ statuses, wideStatuses }) => (statuses ?? wideStatuses) !== undefined)),
  z.transform(({ subscriberIdString, statuses, wideStatuses = statuses ?? [] }) =>
    wideStatuses.map((each) => ({ ...each, subscriberIdString: each.subscriberIdString ?? subscriberIdString })),
  ),
);
/** The addresses in a batch response, including those without rows. */
const listed = z.object({ results: z.array(z.catch(z.object({ subscriberIdString: text }), {})) });

/** A 2xx body. Unknown values, nulls and missing fields are accepted. */
const statusReport = z.object({
  status: text,
  results: z.array(z.union([group, row])),
  errors: z.catch(z.array(z.unknown()), []),
  numErrors: text,
});

/** An error body. A 429 has `errorType` instead of `category`. */
const errorBody = z.object({
  status: text,
  category: text,
  errorType: text,
  policyName: text,
  message: text,
  correlationId: text,
});

const contact = z.object({ id: text, properties: z.record(z.string(), text) });

/** One subscription type. HubSpot omits `businessUnitId` in some accounts without brands. */
const definition = z.pipe(
  z.object({ id: z.union([z.string(), z.number()]), businessUnitId: text }),
  z.transform(({ id, businessUnitId = '0' }) => ({ id: String(id), businessUnitId })),
);
const definitionList = z.object({ results: z.array(definition) });

/** Reads a response. The body may be empty, truncated or not JSON; a 2xx then has no report. */
export function readResponse(response: Response, body: string, now: Date): HubSpotResponse {
  const error = response.ok ? undefined : parse(errorBody, parseJson(body));
  return {
    status: response.status,
    report: response.ok ? readReport(body) : undefined,
    category: matching(CONSTANT, error?.category ?? error?.errorType),
    policyName: matching(CONSTANT, error?.policyName),
    correlationId: matching(UUID, response.headers.get('x-hubspot-correlation-id') ?? error?.correlationId),
    retryAfterSeconds: readRetryAfter(response.headers.get('retry-after'), now),
    hasErrorBody: error?.category !== undefined || error?.status === 'error',
    saysAlreadyOptedOut: response.status < 500 && saysAlreadyOptedOut(error?.message),
  };
}

/**
 * Reads a contact with its addresses and one of its properties. A 2xx body without a contact yields no address and no category.
 * HubSpot separates additional addresses by semicolons.
 */
export function readContact(
  property: string | undefined,
  response: Response,
  body: string,
  now: Date,
): ContactResponse {
  const read = readResponse(response, body, now);
  const found = response.ok ? parse(contact, parseJson(body)) : undefined;
  if (!found) return read;
  const { email, hs_additional_emails: others = '' } = found.properties;
  const value = property === undefined ? undefined : found.properties[property];
  const all = { ...read, contactId: found.id, value, additionalEmails: others.split(';').flatMap(validAddress) };
  const [address] = validAddress(email);
  return address === undefined ? { ...all, category: 'NO_ADDRESS' } : { ...all, email: address };
}

function validAddress(address: string | undefined): readonly EmailAddress[] {
  try {
    return [parseEmailAddress(address)];
  } catch {
    return [];
  }
}

/** Reads the subscription types. */
export function readDefinitions(response: Response, body: string, now: Date): DefinitionsResponse {
  return { ...readResponse(response, body, now), types: response.ok ? readTypes(body) : undefined };
}

/** Reads the subscription types in a body. Returns undefined if it is not a list of them. */
export function readTypes(body: string): readonly SubscriptionType[] | undefined {
  return parse(definitionList, parseJson(body))?.results;
}

/** Reads a batch response. Its rows are also grouped by address; an address that the relay cannot read is left out. */
export function readBatch(response: Response, body: string, now: Date): BatchResponse {
  const read = readResponse(response, body, now);
  if (!read.report) return read;
  const addressed = (texts: readonly { readonly subscriberIdString?: string | undefined }[]) =>
    texts.flatMap((each) => validAddress(each.subscriberIdString).map((email) => ({ email, each })));
  const addresses = new Map<EmailAddress, StatusRow[]>();
  for (const { email } of addressed(parse(listed, parseJson(body))?.results ?? [])) addresses.set(email, []);
  for (const { email, each } of addressed(read.report.results)) {
    addresses.set(email, [...(addresses.get(email) ?? []), each]);
  }
  return { ...read, addresses };
}

/**
 * Reads the current rate limit from the headers. Returns undefined if one is missing.
 * @see https://developers.hubspot.com/docs/developer-tooling/platform/usage-guidelines
 */
export function readRateLimit(headers: Headers): RateLimit | undefined {
  const number = (name: string) => Number(headers.get(`x-hubspot-ratelimit-${name}`) ?? Number.NaN);
  const limit = { max: number('max'), remaining: number('remaining'), intervalMs: number('interval-milliseconds') };
  return Object.values(limit).every(Number.isFinite) ? limit : undefined;
}

/** Reads the daily limit from the headers. Returns undefined if one is missing, as for OAuth apps. */
export function readDailyUsage(headers: Headers): DailyUsage | undefined {
  const number = (name: string) => Number(headers.get(`x-hubspot-ratelimit-daily${name}`) ?? Number.NaN);
  const usage = { max: number(''), left: number('-remaining') };
  return Object.values(usage).every(Number.isFinite) ? usage : undefined;
}

/** Reads the statuses in the body of a 2xx response. Returns undefined if there are none. */
export function readReport(body: string): StatusReport | undefined {
  const report = parse(statusReport, parseJson(body));
  if (!report) return undefined;
  const { status, results, errors, numErrors } = report;
  return { status, results: results.flat(), numErrors: Math.max(Number(numErrors ?? 0) || 0, errors.length) };
}

function parse<Value>(schema: z.ZodMiniType<Value>, json: unknown): Value | undefined {
  const result = z.safeParse(schema, json);
  return result.success ? result.data : undefined;
}

/** `RATE_LIMITS`, `MISSING_SCOPES`, `TEN_SECONDLY_ROLLING`. */
const CONSTANT = /^[A-Z][A-Z\d_]{0,63}$/;

const UUID = /^[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}$/i;

/** These fields are logged. Any other format is dropped, because it could contain an address or a token. */
function matching(format: RegExp, value: string | undefined): string | undefined {
  return value !== undefined && format.test(value) ? value : undefined;
}

/** HubSpot does not document its messages, so a match only leads to a read of the status. */
function saysAlreadyOptedOut(message: string | undefined): boolean {
  return message !== undefined && /already/i.test(message) && /unsubscribed|opted out/i.test(message);
}

/** Seconds or an HTTP date. A date more than two days ahead is ignored. */
function readRetryAfter(header: string | null, now: Date): number | undefined {
  const value = header?.trim() ?? '';
  if (/^\d{1,6}$/.test(value)) return Number(value);
  const seconds = value.endsWith(' GMT') ? (Date.parse(value) - now.getTime()) / 1000 : Number.NaN;
  return seconds >= 0 && seconds <= 172_800 ? seconds : undefined;
}
