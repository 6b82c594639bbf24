import type { Submitted } from '../core/intake/rate-limit.ts';
import { countersOf } from '../core/intake/rate-limit.ts';
import type { EmailAddress } from '../core/model/email-address.ts';
import { parseEmailAddress } from '../core/model/email-address.ts';
import { TooMany, Unreadable } from '../core/model/errors.ts';
import type { Answer, RawRequest, Routes } from '../core/payload/http.ts';
import { jsonAnswer, mediaType, wantsJson } from '../core/payload/http.ts';
import type { Fields } from './form-fields.ts';
import { brandAmong, fieldsOf } from './form-fields.ts';
import { formPage } from './form-page.ts';
import { readerOf } from './reader.ts';
import type { PagePorts } from './record.ts';
import { record } from './record.ts';

/** `/unsubscribe`: the form, for everyone without a link. */
export function formRoutes(through: PagePorts): Routes {
  const look = (request: RawRequest) => show(request, through);
  return {
    'GET /unsubscribe': look,
    'HEAD /unsubscribe': look,
    'POST /unsubscribe': (request) => submit(request, through),
    'OPTIONS /unsubscribe': () => ({ status: 204 }),
  };
}

function show(request: RawRequest, { looks }: PagePorts): Answer {
  const brand = brandAmong(looks.brands, request.url.searchParams.get('brand'));
  return formPage(200, readerOf(request, looks, { brand }), { brand });
}

async function submit(request: RawRequest, through: PagePorts): Promise<Answer> {
  const fields = fieldsOf(request);
  if (fields.website) throw new Unreadable('the field "website" must stay empty', 'trapFilled');
  const email = addressIn(fields);
  const brand = brandIn(fields, through);
  const { language } = readerOf(request, through.looks, { brand, field: fields.lang });
  const { client, receivedAt } = request;
  await keepWithin({ email, brand, client, receivedAt }, through);
  const { receiptPath } = await record({ source: 'form', email, brand, language, receivedAt }, through);
  if (mediaType(request) === 'application/json' || wantsJson(request)) {
    return jsonAnswer(202, { receipt: new URL(receiptPath, request.url).href });
  }
  return { status: 303, headers: { location: receiptPath } };
}

/** Asks nobody whether the address is known, so that the answer is the same for every address. */
async function keepWithin(submitted: Submitted, { limits, limit, report }: PagePorts): Promise<void> {
  const retryAfterSeconds = await limit(countersOf(submitted, limits));
  if (retryAfterSeconds === undefined) return;
  report({ event: 'form.too_many' });
  throw new TooMany('too many requests; try again later', retryAfterSeconds);
}

/** Of the fields this is the one that a person fills in: the form says so beside it. */
function addressIn({ email }: Fields): EmailAddress {
  try {
    return parseEmailAddress(email);
  } catch (error) {
    throw error instanceof Unreadable ? new Unreadable(error.message, 'badAddress') : error;
  }
}

function brandIn({ brand }: Fields, { looks }: PagePorts): string | undefined {
  if (typeof brand !== 'string' || brand === '') return undefined;
  const known = brandAmong(looks.brands, brand);
  if (known === undefined) throw new Unreadable('there is no such brand', 'unknownBrand');
  return known;
}
