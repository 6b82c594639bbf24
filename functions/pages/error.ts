import type { PublicError } from '../core/model/errors.ts';
import type { HttpResponse, RawRequest } from '../core/payload/http.ts';
import { jsonResponse, mediaType, wantsJson } from '../core/payload/http.ts';
import { brandAmong, fieldsOf } from './form-fields.ts';
import { alreadyRecordedPage, formPage, MAX_ADDRESS_LENGTH } from './form-page.ts';
import { html } from './html.ts';
import { page } from './page.ts';
import type { Reader } from './reader.ts';
import { readerOf, translate } from './reader.ts';
import type { Themes } from './theme.ts';

/** Creates the error response of the public pages: JSON for programs, and for people a page with the error and the form. */
export function errorPage(themes: Themes): (error: PublicError, request: RawRequest) => HttpResponse {
  return (error, request) => {
    const { status, message, errorCode } = error;
    const isProgram = wantsJson(request) || mediaType(request) === 'application/json';
    return isProgram ? jsonResponse(status, { error: message, code: errorCode }) : pageFor(error, request, themes);
  };
}

function pageFor({ status, errorCode, retryAfterSeconds = 0 }: PublicError, request: RawRequest, themes: Themes) {
  const { brand, lang, email } = isSubmission(request) ? readableFieldsOf(request) : {};
  const configuredBrand = brandAmong(themes.brands, brand);
  const reader = readerOf(request, themes, { brand: configuredBrand, field: lang });
  if (errorCode === 'failure' && !isSubmission(request)) return failurePage(status, reader);
  if (errorCode === 'alreadyRecorded') return alreadyRecordedPage(status, reader, retryAfterSeconds);
  const entered = errorCode === 'badAddress' ? enteredText(email) : undefined;
  return formPage(status, reader, { brand: configuredBrand, errorCode, retryAfterSeconds, entered });
}

/** Returns a text that a person may have entered. The field takes no longer one. */
function enteredText(value: unknown): string | undefined {
  return typeof value === 'string' && value.length <= MAX_ADDRESS_LENGTH ? value : undefined;
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
