import type { ErrorCode } from '../core/model/errors.ts';
import type { HttpResponse } from '../core/payload/http.ts';
import type { Html } from './html.ts';
import { html } from './html.ts';
import { page } from './page.ts';
import type { Reader } from './reader.ts';
import { translate, translateWith, waitPhrase } from './reader.ts';
import type { MessageName } from './wording.ts';

/** Options of the form page. */
export interface FormOptions {
  /** A configured brand. */
  readonly brand?: string | undefined;
  /** The error of the previous request, shown above the form. */
  readonly errorCode?: Exclude<ErrorCode, 'alreadyRecorded'> | undefined;
  /** With `tooMany`: when the form can be sent again. */
  readonly retryAfterSeconds?: number | undefined;
  /** With `badAddress`: what was entered, to be corrected. */
  readonly entered?: string | undefined;
}

/** Renders the form for people without a valid link. It keeps the brand and a mistyped address of the previous request. */
export function formPage(status: number, reader: Reader, options: FormOptions = {}): HttpResponse {
  const { brand, errorCode } = options;
  const heading = translate(reader, headingOf(errorCode));
  const title = errorCode === 'badAddress' ? `${translate(reader, errorCode)} – ${heading}` : heading;
  const body = html`<h1>${heading}</h1>
<p>${introduction(reader, options)}</p>
${form(reader, options)}`;
  return page(status, reader, { title, body, otherLanguages: brand === undefined ? '' : `&brand=${brand}` });
}

/** Renders the page of an address over its rate limit. It has no form, since the request is recorded. */
export function alreadyRecordedPage(status: number, reader: Reader, retryAfterSeconds: number): HttpResponse {
  const title = translate(reader, 'alreadyRecordedTitle');
  const wait = waitPhrase(reader, retryAfterSeconds);
  const body = html`<h1>${title}</h1>
<p>${translateWith(reader, 'alreadyRecordedText', { wait })}</p>`;
  return page(status, reader, { title, body });
}

function headingOf(errorCode: FormOptions['errorCode']): MessageName {
  if (errorCode === undefined || errorCode === 'badAddress') return 'formTitle';
  return errorCode === 'tooMany' ? 'tooManyTitle' : errorCode;
}

function introduction(reader: Reader, { errorCode, retryAfterSeconds = 0 }: FormOptions): Html {
  if (errorCode === 'tooMany') {
    return translateWith(reader, 'tooManyText', { wait: waitPhrase(reader, retryAfterSeconds) });
  }
  const unchanged = errorCode === undefined || errorCode === 'failure' ? '' : translate(reader, 'nothingChanged');
  return html`${joinSentences(unchanged, translate(reader, 'formText'))}`;
}

/** Adds a space between two sentences, except after the full-width stop of Chinese and Japanese. */
function joinSentences(first: string, second: string): string {
  return first === '' || first.endsWith('。') ? first + second : `${first} ${second}`;
}

/** The longest address that can be entered. */
export const MAX_ADDRESS_LENGTH = 254;

/** `novalidate`: browsers reject some valid addresses, and show their error in the browser's language, not the page's. */
function form(reader: Reader, { brand, errorCode, entered }: FormOptions): Html {
  const isInvalid = errorCode === 'badAddress';
  const error = isInvalid ? errorLine(translate(reader, errorCode)) : undefined;
  const errorAttributes = isInvalid ? html` aria-invalid="true" aria-describedby="email-error" autofocus` : undefined;
  const value = entered === undefined ? undefined : html` value="${entered}"`;
  return html`<form method="post" action="/unsubscribe?lang=${reader.language}" novalidate>
<label for="email">${translate(reader, 'emailLabel')}</label>${error}
<input id="email" name="email" type="email" dir="ltr" autocomplete="email" maxlength="${`${MAX_ADDRESS_LENGTH}`}" required${value}${errorAttributes}>
<div class="trap" aria-hidden="true"><label for="website">${translate(reader, 'leaveEmpty')}</label><input id="website" name="website" tabindex="-1" autocomplete="off"></div>${brand === undefined ? undefined : brandField(brand)}
<button>${translate(reader, 'unsubscribe')}</button>
</form>`;
}

function errorLine(text: string): Html {
  return html`
<p class="error" id="email-error">${text}</p>`;
}

function brandField(brand: string): Html {
  return html`
<input type="hidden" name="brand" value="${brand}">`;
}
