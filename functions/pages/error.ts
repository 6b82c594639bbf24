import type { Answer, RawRequest } from '../core/http.ts';
import { jsonError, mediaType, wantsJson } from '../core/http.ts';
import { html } from './html.ts';
import { page } from './page.ts';

/** What a person, or a landing page's script, sees when a request cannot be taken. The messages hold no values. */
export function errorPage(
  { status, message }: { readonly status: number; readonly message: string },
  request: RawRequest,
): Answer {
  if (wantsJson(request) || mediaType(request) === 'application/json') return jsonError({ status, message });
  const body = html`<p>Nothing was changed: ${message}.</p>
<p><a href="/unsubscribe">Unsubscribe with your e-mail address instead</a></p>`;
  return page(status, { title: status >= 500 ? 'Please try again in a moment' : 'That did not work', body });
}
