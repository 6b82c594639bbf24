import type { Link } from '../core/links/sealed-link.ts';
import { TooLarge } from '../core/model/errors.ts';
import type { HttpResponse, RawRequest, Routes } from '../core/payload/http.ts';
import { jsonResponse, wantsJson } from '../core/payload/http.ts';
import { brandAmong, MAX_BYTES } from './form-fields.ts';
import { html } from './html.ts';
import { maskedAddress } from './masked-address.ts';
import { page } from './page.ts';
import type { Reader } from './reader.ts';
import { leftToRight, readerOf, translate, translateWith } from './reader.ts';
import { inSeconds, receiptPage } from './receipt-page.ts';
import type { PagePorts } from './record.ts';
import { record } from './record.ts';

/** Routes of the sealed link, `/u/{token}`. GET changes nothing; POST opts out. */
export function confirmRoutes(ports: PagePorts): Routes {
  const handleGet = async (request: RawRequest, { token = '' }: Readonly<Record<string, string>>) => {
    const link = await ports.sealer.unsealLink(token, request.receivedAt);
    ports.report({ event: 'link.opened' });
    return confirmPage(readerOf(request, ports.themes, link), link);
  };
  return {
    'GET /u/{token}': handleGet,
    'HEAD /u/{token}': handleGet,
    'POST /u/{token}': (request, parameters) => optOut(request, parameters, ports),
  };
}

/**
 * Handles RFC 8058 one-click requests and the page's own button. The token alone identifies the recipient, so any body
 * is tolerated.
 * @throws {TooLarge} if the body exceeds {@link MAX_BYTES}
 * @see https://www.rfc-editor.org/rfc/rfc8058#section-3.2
 */
async function optOut(
  request: RawRequest,
  { token = '' }: Readonly<Record<string, string>>,
  ports: PagePorts,
): Promise<HttpResponse> {
  if (request.body.length > MAX_BYTES) throw new TooLarge('the body is too large');
  const { receivedAt } = request;
  const link = await ports.sealer.unsealLink(token, receivedAt);
  const reader = readerOf(request, ports.themes, link);
  // The brand may have been removed since the link was sealed. The opt-out then applies to all brands.
  const brand = brandAmong(ports.themes.brands, link.brand);
  const source = isPageButton(request) ? 'page' : 'one-click';
  const act = { source, email: link.email, brand, language: reader.language, receivedAt } as const;
  const { id, receiptPath } = await record(act, ports);
  const status = { id, state: 'received', receivedAt: inSeconds(receivedAt.toISOString()), brand } as const;
  const response = wantsJson(request)
    ? jsonResponse(200, { receipt: new URL(receiptPath, request.url).href })
    : receiptPage(reader, status, { receiptPath });
  return { ...response, headers: { ...response.headers, 'content-location': receiptPath } };
}

/** Returns whether the body is the one posted by the button of the confirm page. */
function isPageButton({ body }: RawRequest): boolean {
  return Buffer.from(body).toString('latin1') === 'confirm=1';
}

/** The form's action carries the language, so an error page after the button is shown in it too. */
function confirmPage(reader: Reader, { email, lang }: Link): HttpResponse {
  const title = translate(reader, 'formTitle');
  const body = html`<h1>${title}</h1>
<p>${translateWith(reader, 'confirmText', { address: leftToRight(maskedAddress(email)) })}</p>
<form method="post" action="?lang=${reader.language}"><button name="confirm" value="1">${translate(reader, 'unsubscribe')}</button></form>`;
  // A language sealed in the link overrides `?lang=`, so no other language is offered.
  return page(200, reader, { title, body, otherLanguages: lang === undefined ? '' : undefined });
}
