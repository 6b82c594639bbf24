import { countersFor } from '../core/intake/rate-limit.ts';
import type { Counter } from '../core/model/counter.ts';
import type { EmailAddress } from '../core/model/email-address.ts';
import { parseEmailAddress } from '../core/model/email-address.ts';
import { RateLimited, Unreadable } from '../core/model/errors.ts';
import type { HttpResponse, RawRequest, Routes } from '../core/payload/http.ts';
import { jsonResponse, mediaType, wantsJson } from '../core/payload/http.ts';
import type { Fields } from './form-fields.ts';
import { brandAmong, fieldsOf } from './form-fields.ts';
import { formPage } from './form-page.ts';
import { readerOf } from './reader.ts';
import type { PageOptOut, PagePorts, Recorded } from './record.ts';
import { record } from './record.ts';

/** Routes of the form, `/unsubscribe`, for people without a link. */
export function formRoutes(ports: PagePorts): Routes {
  const handleGet = (request: RawRequest) => show(request, ports);
  return {
    'GET /unsubscribe': handleGet,
    'HEAD /unsubscribe': handleGet,
    'POST /unsubscribe': (request) => submit(request, ports),
    'OPTIONS /unsubscribe': () => ({ status: 204 }),
  };
}

function show(request: RawRequest, { themes }: PagePorts): HttpResponse {
  const brand = brandAmong(themes.brands, request.url.searchParams.get('brand'));
  return formPage(200, readerOf(request, themes, { brand }), { brand });
}

async function submit(request: RawRequest, ports: PagePorts): Promise<HttpResponse> {
  const fields = fieldsOf(request);
  if (fields.website) throw new Unreadable('the field "website" must stay empty', 'trapFilled');
  const email = addressIn(fields);
  const brand = brandIn(fields, ports);
  const { language } = readerOf(request, ports.themes, { brand, field: fields.lang });
  const { client, receivedAt } = request;
  const act = { source: 'form', email, brand, language, receivedAt } as const;
  const { receiptPath } = await recordWithinLimits(act, countersFor({ ...act, client }, ports.limits), ports);
  if (mediaType(request) === 'application/json' || wantsJson(request)) {
    return jsonResponse(202, { receipt: new URL(receiptPath, request.url).href });
  }
  return { status: 303, headers: { location: receiptPath } };
}

/**
 * Counts a submission and records it. Neither the ledger nor HubSpot is queried, so the response is the same for known and
 * unknown addresses. A submission that could not be recorded does not count, so a full counter of an address means that its
 * request is recorded.
 * @throws {RateLimited} if the address or the client has exceeded its limit
 */
async function recordWithinLimits(
  optOut: PageOptOut,
  counters: readonly Counter[],
  ports: PagePorts,
): Promise<Recorded> {
  const full = await ports.counters.count(counters);
  if (full) {
    ports.report({ event: 'form.rate_limited' });
    throw rateLimited(full);
  }
  try {
    return await record(optOut, ports);
  } catch (error) {
    await ports.counters.uncount(counters);
    throw error;
  }
}

function rateLimited({ kind, retryAfterSeconds }: Counter): RateLimited {
  if (kind !== 'address') return new RateLimited('too many requests; try again later', retryAfterSeconds);
  return new RateLimited('this request is already recorded', retryAfterSeconds, 'alreadyRecorded');
}

/** An invalid address has its own error code, which the form shows at the field. */
function addressIn({ email }: Fields): EmailAddress {
  try {
    return parseEmailAddress(email);
  } catch (error) {
    throw error instanceof Unreadable ? new Unreadable(error.message, 'badAddress') : error;
  }
}

function brandIn({ brand }: Fields, { themes }: PagePorts): string | undefined {
  if (typeof brand !== 'string' || brand === '') return undefined;
  const configuredBrand = brandAmong(themes.brands, brand);
  if (configuredBrand === undefined) throw new Unreadable('unknown brand', 'unknownBrand');
  return configuredBrand;
}
