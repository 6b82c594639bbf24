import type { Link } from '../core/links/sealed-link.ts';
import { TooLarge } from '../core/model/errors.ts';
import type { HttpResponse, RawRequest, Routes } from '../core/payload/http.ts';
import { jsonResponse, wantsJson } from '../core/payload/http.ts';
import { brandAmong, MAX_BYTES } from './form-fields.ts';
import { html } from './html.ts';
import { page } from './page.ts';
import type { Reader } from './reader.ts';
import { readerOf, translate } from './reader.ts';
import { receiptPage } from './receipt-page.ts';
import type { PagePorts } from './record.ts';
import { record } from './record.ts';

/** `/u/{token}`: the sealed link. Looking at it changes nothing; posting to it opts out. */
export function confirmRoutes(through: PagePorts): Routes {
  const handleGet = async (request: RawRequest, { token = '' }: Readonly<Record<string, string>>) => {
    const link = await through.sealer.unsealLink(token, request.receivedAt);
    through.report({ event: 'link.opened' });
    return confirmPage(readerOf(request, through.themes, link), link);
  };
  return {
    'GET /u/{token}': handleGet,
    'HEAD /u/{token}': handleGet,
    'POST /u/{token}': (...asked) => optOut(...asked, through),
  };
}

/**
 * RFC 8058 and the page's own button. The token alone says who it is, so whatever stands in the body is tolerated:
 * https://www.rfc-editor.org/rfc/rfc8058#section-3.2
 */
async function optOut(
  request: RawRequest,
  { token = '' }: Readonly<Record<string, string>>,
  through: PagePorts,
): Promise<HttpResponse> {
  if (request.body.length > MAX_BYTES) throw new TooLarge('the body is too large');
  const { receivedAt } = request;
  const link = await through.sealer.unsealLink(token, receivedAt);
  const reader = readerOf(request, through.themes, link);
  // A link outlives the brand in it: what is left is an opt-out from everything.
  const brand = brandAmong(through.themes.brands, link.brand);
  const source = isPageButton(request) ? 'page' : 'one-click';
  const act = { source, email: link.email, brand, language: reader.language, receivedAt } as const;
  const { receiptPath } = await record(act, through);
  const standing = { state: 'received', receivedAt: receivedAt.toISOString(), brand } as const;
  const answer = wantsJson(request)
    ? jsonResponse(200, { receipt: new URL(receiptPath, request.url).href })
    : receiptPage(reader, standing, { receiptPath });
  return { ...answer, headers: { ...answer.headers, 'content-location': receiptPath } };
}

/** The button's form is ours and always sent the same way. */
function isPageButton({ body }: RawRequest): boolean {
  return Buffer.from(body).toString('latin1') === 'confirm=1';
}

/** The form keeps the language: should the button fail, the error is told in it too. */
function confirmPage(reader: Reader, { lang }: Link): HttpResponse {
  const title = translate(reader, 'formTitle');
  const body = html`<h1>${title}</h1>
<p>${translate(reader, 'confirmText')}</p>
<form method="post" action="?lang=${reader.language}"><button name="confirm" value="1">${translate(reader, 'unsubscribe')}</button></form>`;
  // The sender knows the reader better than `?lang=` does.
  return page(200, reader, { title, body, otherLanguages: lang === undefined ? '' : undefined });
}
