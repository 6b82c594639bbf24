import type { ErrorCode } from '../core/model/errors.ts';
import type { HttpResponse } from '../core/payload/http.ts';
import type { Html } from './html.ts';
import { html } from './html.ts';
import { page } from './page.ts';
import type { Reader } from './reader.ts';
import { translate } from './reader.ts';

/** What the form page is to say besides. */
export interface FormSetting {
  /** One that is configured. */
  readonly brand?: string | undefined;
  /** What went wrong before; the form is the way on then. */
  readonly errorCode?: ErrorCode | undefined;
}

/** The form for everyone without a link that works. Of what was sent before, nothing stands in it but the brand. */
export function formPage(status: number, reader: Reader, setting: FormSetting = {}): HttpResponse {
  const { brand, errorCode } = setting;
  const heading =
    errorCode === undefined || errorCode === 'badAddress'
      ? translate(reader, 'formTitle')
      : translate(reader, errorCode);
  const title = errorCode === 'badAddress' ? `${translate(reader, errorCode)} – ${heading}` : heading;
  const unchanged = errorCode === undefined || errorCode === 'failure' ? '' : translate(reader, 'nothingChanged');
  const body = html`<h1>${heading}</h1>
<p>${inARow(unchanged, translate(reader, 'formText'))}</p>
${form(reader, setting)}`;
  return page(status, reader, { title, body, otherLanguages: brand === undefined ? '' : `&brand=${brand}` });
}

/** A full stop of Chinese and Japanese has its space within itself. */
function inARow(one: string, other: string): string {
  return one === '' || one.endsWith('。') ? one + other : `${one} ${other}`;
}

/** Checked by us alone: browsers turn away addresses that exist, and in another language than the page's. */
function form(reader: Reader, { brand, errorCode }: FormSetting): Html {
  const isInvalid = errorCode === 'badAddress';
  const error = isInvalid ? errorLine(translate(reader, errorCode)) : undefined;
  const marks = isInvalid ? html` aria-invalid="true" aria-describedby="email-error" autofocus` : undefined;
  return html`<form method="post" action="/unsubscribe?lang=${reader.language}" novalidate>
<label for="email">${translate(reader, 'emailLabel')}</label>${error}
<input id="email" name="email" type="email" dir="ltr" autocomplete="email" maxlength="254" required${marks}>
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
