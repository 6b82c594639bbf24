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

/** An error that is safe to show. Programs get `message`, which contains no values; people get the text for `errorCode`. */
export interface PublicError {
  readonly status: number;
  readonly message: string;
  readonly errorCode: ErrorCode;
}

/** Creates the error response of the public pages: JSON for programs, and for people a page with the error and the form. */
export function errorPage(themes: Themes): (error: PublicError, request: RawRequest) => HttpResponse {
  return (error, request) => {
    if (wantsJson(request) || mediaType(request) === 'application/json') return jsonError(error);
    const { status, errorCode } = error;
    const { brand, lang } = isSubmission(request) ? readableFieldsOf(request) : {};
    const configuredBrand = brandAmong(themes.brands, brand);
    const reader = readerOf(request, themes, { brand: configuredBrand, field: lang });
    if (errorCode === 'failure' && !isSubmission(request)) return failurePage(status, reader);
    return formPage(status, reader, { brand: configuredBrand, errorCode });
  };
}

function isSubmission({ method, url }: RawRequest): boolean {
  return method === 'POST' && url.pathname === '/unsubscribe';
}

/** Returns no fields for an unreadable body, since the page already reports that error. */
function readableFieldsOf(request: RawRequest): Readonly<Record<string, unknown>> {
  try {
    return fieldsOf(request);
  } catch {
    return {};
  }
}

/** The empty `href` is the current URL: the link reloads the page without the posted body. */
function failurePage(status: number, reader: Reader): HttpResponse {
  const title = translate(reader, 'failure');
  const body = html`<h1>${title}</h1>
<p><a href="">${translate(reader, 'reload')}</a></p>`;
  return page(status, reader, { title, body });
}
