import type { ErrorCode } from '../core/model/errors.ts';
import type { HttpResponse } from '../core/payload/http.ts';
import type { Html } from './html.ts';
import { html } from './html.ts';
import { page } from './page.ts';
import type { Reader } from './reader.ts';
import { translate } from './reader.ts';

/** Options of the form page. */
export interface FormOptions {
  /** A configured brand. */
  readonly brand?: string | undefined;
  /** The error of the previous request, shown above the form. */
  readonly errorCode?: ErrorCode | undefined;
}

/** Renders the form for people without a valid link. Only the brand is kept from the previous request. */
export function formPage(status: number, reader: Reader, options: FormOptions = {}): HttpResponse {
  const { brand, errorCode } = options;
  const heading =
    errorCode === undefined || errorCode === 'badAddress'
      ? translate(reader, 'formTitle')
      : translate(reader, errorCode);
  const title = errorCode === 'badAddress' ? `${translate(reader, errorCode)} – ${heading}` : heading;
  const unchanged = errorCode === undefined || errorCode === 'failure' ? '' : translate(reader, 'nothingChanged');
  const body = html`<h1>${heading}</h1>
<p>${joinSentences(unchanged, translate(reader, 'formText'))}</p>
${form(reader, options)}`;
  return page(status, reader, { title, body, otherLanguages: brand === undefined ? '' : `&brand=${brand}` });
}

/** Adds a space between two sentences, except after the full-width stop of Chinese and Japanese. */
function joinSentences(first: string, second: string): string {
  return first === '' || first.endsWith('。') ? first + second : `${first} ${second}`;
}

/** `novalidate`: browsers reject some valid addresses, and show their error in the browser's language, not the page's. */
function form(reader: Reader, { brand, errorCode }: FormOptions): Html {
  const isInvalid = errorCode === 'badAddress';
  const error = isInvalid ? errorLine(translate(reader, errorCode)) : undefined;
  const errorAttributes = isInvalid ? html` aria-invalid="true" aria-describedby="email-error" autofocus` : undefined;
  return html`<form method="post" action="/unsubscribe?lang=${reader.language}" novalidate>
<label for="email">${translate(reader, 'emailLabel')}</label>${error}
<input id="email" name="email" type="email" dir="ltr" autocomplete="email" maxlength="254" required${errorAttributes}>
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
