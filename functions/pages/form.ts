import type { Submitted } from '../core/intake/rate-limit.ts';
import { countersFor } from '../core/intake/rate-limit.ts';
import type { EmailAddress } from '../core/model/email-address.ts';
import { parseEmailAddress } from '../core/model/email-address.ts';
import { RateLimited, Unreadable } from '../core/model/errors.ts';
import type { HttpResponse, RawRequest, Routes } from '../core/payload/http.ts';
import { jsonResponse, mediaType, wantsJson } from '../core/payload/http.ts';
import type { Fields } from './form-fields.ts';
import { brandAmong, fieldsOf } from './form-fields.ts';
import { formPage } from './form-page.ts';
import { readerOf } from './reader.ts';
import type { PagePorts } from './record.ts';
import { record } from './record.ts';

/** `/unsubscribe`: the form, for everyone without a link. */
export function formRoutes(through: PagePorts): Routes {
  const handleGet = (request: RawRequest) => show(request, through);
  return {
    'GET /unsubscribe': handleGet,
    'HEAD /unsubscribe': handleGet,
    'POST /unsubscribe': (request) => submit(request, through),
    'OPTIONS /unsubscribe': () => ({ status: 204 }),
  };
}

function show(request: RawRequest, { themes }: PagePorts): HttpResponse {
  const brand = brandAmong(themes.brands, request.url.searchParams.get('brand'));
  return formPage(200, readerOf(request, themes, { brand }), { brand });
}

async function submit(request: RawRequest, through: PagePorts): Promise<HttpResponse> {
  const fields = fieldsOf(request);
  if (fields.website) throw new Unreadable('the field "website" must stay empty', 'trapFilled');
  const email = addressIn(fields);
  const brand = brandIn(fields, through);
  const { language } = readerOf(request, through.themes, { brand, field: fields.lang });
  const { client, receivedAt } = request;
  await keepWithin({ email, brand, client, receivedAt }, through);
  const { receiptPath } = await record({ source: 'form', email, brand, language, receivedAt }, through);
  if (mediaType(request) === 'application/json' || wantsJson(request)) {
    return jsonResponse(202, { receipt: new URL(receiptPath, request.url).href });
  }
  return { status: 303, headers: { location: receiptPath } };
}

/** Asks nobody whether the address is known, so that the answer is the same for every address. */
async function keepWithin(submitted: Submitted, { limits, limit, report }: PagePorts): Promise<void> {
  const retryAfterSeconds = await limit(countersFor(submitted, limits));
  if (retryAfterSeconds === undefined) return;
  report({ event: 'form.rate_limited' });
  throw new RateLimited('too many requests; try again later', retryAfterSeconds);
}

/** Of the fields this is the one that a person fills in: the form says so beside it. */
function addressIn({ email }: Fields): EmailAddress {
  try {
    return parseEmailAddress(email);
  } catch (error) {
    throw error instanceof Unreadable ? new Unreadable(error.message, 'badAddress') : error;
  }
}

function brandIn({ brand }: Fields, { themes }: PagePorts): string | undefined {
  if (typeof brand !== 'string' || brand === '') return undefined;
  const known = brandAmong(themes.brands, brand);
  if (known === undefined) throw new Unreadable('there is no such brand', 'unknownBrand');
  return known;
}
