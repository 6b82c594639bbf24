import type { Trouble } from '../core/model/errors.ts';
import type { Answer, RawRequest } from '../core/payload/http.ts';
import { jsonError, mediaType, wantsJson } from '../core/payload/http.ts';
import { brandAmong, fieldsOf } from './form-fields.ts';
import { formPage } from './form-page.ts';
import { html } from './html.ts';
import { page } from './page.ts';
import type { Reader } from './reader.ts';
import { readerOf, say } from './reader.ts';
import type { Looks } from './theme.ts';

/** An error as it may be shown. The message holds no values; programs get it, people the words for the trouble. */
export interface Shown {
  readonly status: number;
  readonly message: string;
  readonly trouble: Trouble;
}

/** What a person, or a landing page's script, sees when a request cannot be taken: what is wrong, and the way on. */
export function errorPage(looks: Looks): (error: Shown, request: RawRequest) => Answer {
  return (error, request) => {
    if (wantsJson(request) || mediaType(request) === 'application/json') return jsonError(error);
    const { status, trouble } = error;
    const { brand, lang } = isSubmission(request) ? readableFieldsOf(request) : {};
    const known = brandAmong(looks.brands, brand);
    const reader = readerOf(request, looks, { brand: known, field: lang });
    if (trouble === 'failure' && !isSubmission(request)) return failurePage(status, reader);
    return formPage(status, reader, { brand: known, trouble });
  };
}

function isSubmission({ method, url }: RawRequest): boolean {
  return method === 'POST' && url.pathname === '/unsubscribe';
}

/** What is wrong with the rest is being told already. */
function readableFieldsOf(request: RawRequest): Readonly<Record<string, unknown>> {
  try {
    return fieldsOf(request);
  } catch {
    return {};
  }
}

/** The empty reference is this very address, asked for without what was sent to it. */
function failurePage(status: number, reader: Reader): Answer {
  const title = say(reader, 'failure');
  const body = html`<h1>${title}</h1>
<p><a href="">${say(reader, 'reload')}</a></p>`;
  return page(status, reader, { title, body });
}
