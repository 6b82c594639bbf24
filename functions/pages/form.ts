import { parseEmailAddress } from '../core/email-address.ts';
import { TooLarge, Unreadable, UnsupportedBody } from '../core/errors.ts';
import { anyFormOf } from '../core/form.ts';
import type { Answer, RawRequest, Routes } from '../core/http.ts';
import { jsonAnswer, mediaType, wantsJson } from '../core/http.ts';
import { jsonOf, objectOf } from '../core/payload.ts';
import { html } from './html.ts';
import { page } from './page.ts';
import type { PagePorts } from './record.ts';
import { record } from './record.ts';

const MAX_BYTES = 16_384;

/** `/unsubscribe`: the form, for everyone without a link. */
export function formRoutes(through: PagePorts): Routes {
  const look = (request: RawRequest) => formPage(request.url.searchParams.get('brand') ?? undefined, through);
  return {
    'GET /unsubscribe': look,
    'HEAD /unsubscribe': look,
    'POST /unsubscribe': (request) => submit(request, through),
    'OPTIONS /unsubscribe': () => ({ status: 204 }),
  };
}

async function submit(request: RawRequest, through: PagePorts): Promise<Answer> {
  if (request.body.length > MAX_BYTES) throw new TooLarge('the body is too large');
  const fields = fieldsOf(request);
  if (fields.website) throw new Unreadable('the field "website" must stay empty');
  const email = parseEmailAddress(fields.email);
  const brand = typeof fields.brand === 'string' && fields.brand !== '' ? fields.brand : undefined;
  const { receiptPath } = await record({ source: 'form', email, brand, receivedAt: request.receivedAt }, through);
  if (mediaType(request) === 'application/json' || wantsJson(request)) {
    return jsonAnswer(202, { receipt: new URL(receiptPath, request.url).href });
  }
  return { status: 303, headers: { location: receiptPath } };
}

function fieldsOf(request: RawRequest): Readonly<Record<string, unknown>> {
  const type = mediaType(request);
  if (type === 'application/json') return objectOf(jsonOf(request.body), 'the body');
  if (type !== 'application/x-www-form-urlencoded' && type !== 'multipart/form-data') {
    throw new UnsupportedBody('the body must be a form or JSON');
  }
  return Object.fromEntries([...anyFormOf(request)].map(([name, [value]]) => [name, value]));
}

function formPage(brand: string | undefined, { brands }: PagePorts): Answer {
  const hidden = brand !== undefined && brands.includes(brand) ? brandField(brand) : undefined;
  const body = html`<p>Give the address that should get no more marketing e-mail.</p>
<form method="post">
<label for="email">E-mail address</label>
<input id="email" name="email" type="email" autocomplete="email" maxlength="254" required>
<div class="trap" aria-hidden="true"><label for="website">Leave this empty</label><input id="website" name="website" tabindex="-1" autocomplete="off"></div>${hidden}
<button>Unsubscribe</button>
</form>`;
  return page(200, { title: 'Unsubscribe', body });
}

function brandField(brand: string) {
  return html`<input type="hidden" name="brand" value="${brand}">`;
}
