import { TooLarge } from '../core/errors.ts';
import type { Answer, RawRequest, Routes } from '../core/http.ts';
import { jsonAnswer, wantsJson } from '../core/http.ts';
import { html } from './html.ts';
import { page } from './page.ts';
import type { PagePorts } from './record.ts';
import { record } from './record.ts';

const MAX_BYTES = 16_384;

/** `/u/{token}`: the sealed link. Looking at it changes nothing; posting to it opts out. */
export function confirmRoutes(through: PagePorts): Routes {
  const look = async (request: RawRequest, { token = '' }: Readonly<Record<string, string>>) => {
    await through.sealing.openLink(token, request.receivedAt);
    return confirmPage();
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
  const { email, brand } = await through.sealing.openLink(token, request.receivedAt);
  const source = isPageButton(request) ? 'page' : 'one-click';
  const { receiptPath } = await record({ source, email, brand, receivedAt: request.receivedAt }, through);
  const answer = wantsJson(request)
    ? jsonAnswer(200, { receipt: new URL(receiptPath, request.url).href })
    : recordedPage(receiptPath);
  return { ...answer, headers: { ...answer.headers, 'content-location': receiptPath } };
}

/** The button's form is ours and always sent the same way. */
function isPageButton({ body }: RawRequest): boolean {
  return Buffer.from(body).toString('latin1') === 'confirm=1';
}

function confirmPage(): Answer {
  const body = html`<p>You will get no more marketing e-mail at the address this link was sent to.</p>
<form method="post"><button name="confirm" value="1">Unsubscribe</button></form>`;
  return page(200, { title: 'Unsubscribe?', body });
}

function recordedPage(receiptPath: string): Answer {
  const body = html`<p>Your request is recorded and on its way. Nothing more is needed from you.</p>
<p><a href="${receiptPath}">See your receipt</a>: it says when it is confirmed.</p>`;
  return page(200, { title: 'Recorded', body });
}
