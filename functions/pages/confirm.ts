import type { Link } from '../core/links/sealed-link.ts';
import { TooLarge } from '../core/model/errors.ts';
import type { Answer, RawRequest, Routes } from '../core/payload/http.ts';
import { jsonAnswer, wantsJson } from '../core/payload/http.ts';
import { brandAmong, MAX_BYTES } from './form-fields.ts';
import { html } from './html.ts';
import { page } from './page.ts';
import type { Reader } from './reader.ts';
import { readerOf, say } from './reader.ts';
import { receiptPage } from './receipt-page.ts';
import type { PagePorts } from './record.ts';
import { record } from './record.ts';

/** `/u/{token}`: the sealed link. Looking at it changes nothing; posting to it opts out. */
export function confirmRoutes(through: PagePorts): Routes {
  const look = async (request: RawRequest, { token = '' }: Readonly<Record<string, string>>) => {
    const link = await through.sealing.openLink(token, request.receivedAt);
    through.report({ event: 'link.opened' });
    return confirmPage(readerOf(request, through.looks, link), link);
  };
  return {
    'GET /u/{token}': look,
    'HEAD /u/{token}': look,
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
): Promise<Answer> {
  if (request.body.length > MAX_BYTES) throw new TooLarge('the body is too large');
  const { receivedAt } = request;
  const link = await through.sealing.openLink(token, receivedAt);
  const reader = readerOf(request, through.looks, link);
  // A link outlives the brand in it: what is left is an opt-out from everything.
  const brand = brandAmong(through.looks.brands, link.brand);
  const source = isPageButton(request) ? 'page' : 'one-click';
  const act = { source, email: link.email, brand, language: reader.language, receivedAt } as const;
  const { receiptPath } = await record(act, through);
  const standing = { state: 'received', receivedAt: receivedAt.toISOString(), brand } as const;
  const answer = wantsJson(request)
    ? jsonAnswer(200, { receipt: new URL(receiptPath, request.url).href })
    : receiptPage(reader, standing, { receiptPath });
  return { ...answer, headers: { ...answer.headers, 'content-location': receiptPath } };
}

/** The button's form is ours and always sent the same way. */
function isPageButton({ body }: RawRequest): boolean {
  return Buffer.from(body).toString('latin1') === 'confirm=1';
}

/** The form keeps the language: should the button fail, the error is told in it too. */
function confirmPage(reader: Reader, { lang }: Link): Answer {
  const title = say(reader, 'formTitle');
  const body = html`<h1>${title}</h1>
<p>${say(reader, 'confirmText')}</p>
<form method="post" action="?lang=${reader.language}"><button name="confirm" value="1">${say(reader, 'unsubscribe')}</button></form>`;
  // The sender knows the reader better than `?lang=` does.
  return page(200, reader, { title, body, otherLanguages: lang === undefined ? '' : undefined });
}
