import type { ErrorCode } from '../core/model/errors.ts';
import type { HttpResponse, RawRequest } from '../core/payload/http.ts';
import { jsonError, mediaType, wantsJson } from '../core/payload/http.ts';
import { brandAmong, fieldsOf } from './form-fields.ts';
import { formPage } from './form-page.ts';
import { html } from './html.ts';
import { page } from './page.ts';
import type { Reader } from './reader.ts';
import { readerOf, translate } from './reader.ts';
import type { Themes } from './theme.ts';

/** An error as it may be shown. The message holds no values; programs get it, people the words for the trouble. */
export interface Shown {
  readonly status: number;
  readonly message: string;
  readonly errorCode: ErrorCode;
}

/** What a person, or a landing page's script, sees when a request cannot be taken: what is wrong, and the way on. */
export function errorPage(themes: Themes): (error: Shown, request: RawRequest) => HttpResponse {
  return (error, request) => {
    if (wantsJson(request) || mediaType(request) === 'application/json') return jsonError(error);
    const { status, errorCode } = error;
    const { brand, lang } = isSubmission(request) ? readableFieldsOf(request) : {};
    const known = brandAmong(themes.brands, brand);
    const reader = readerOf(request, themes, { brand: known, field: lang });
    if (errorCode === 'failure' && !isSubmission(request)) return failurePage(status, reader);
    return formPage(status, reader, { brand: known, errorCode });
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
function failurePage(status: number, reader: Reader): HttpResponse {
  const title = translate(reader, 'failure');
  const body = html`<h1>${title}</h1>
<p><a href="">${translate(reader, 'reload')}</a></p>`;
  return page(status, reader, { title, body });
}
