import { hash } from 'node:crypto';
import type { HttpResponse, RawRequest, Routes } from '../core/payload/http.ts';
import { brandAmong } from './form-fields.ts';
import type { Reader } from './reader.ts';
import { readerOf, translate } from './reader.ts';
import type { Themes } from './theme.ts';
import type { MessageName } from './wording.ts';

/** Route of the script for forms on other sites. `?lang=` and `?brand=` choose its texts. See docs/forms.md. */
export function formScriptRoutes({ themes }: { readonly themes: Themes }): Routes {
  const handleGet = (request: RawRequest) => show(request, themes);
  return { 'GET /unsubscribe-form.js': handleGet, 'HEAD /unsubscribe-form.js': handleGet };
}

/** Browsers ask again after an hour, and get the script only if its content has changed. */
function show(request: RawRequest, themes: Themes): HttpResponse {
  const brand = brandAmong(themes.brands, request.url.searchParams.get('brand'));
  // The texts are for the page with the form, not for the browser.
  const reader = readerOf({ ...request, headers: {} }, themes, { brand });
  const body = scriptFor(reader);
  const etag = `"${hash('sha256', body, 'base64url')}"`;
  const headers = {
    'content-type': 'text/javascript; charset=utf-8',
    'cache-control': 'public, max-age=3600',
    'cross-origin-resource-policy': 'cross-origin',
    etag,
  };
  const isKnown = request.headers['if-none-match']?.split(/,\s*/).some((tag) => tag.replace('W/', '') === etag);
  return isKnown ? { status: 304, headers } : { status: 200, headers, body };
}

/** The messages of each state and error code. Attributes of the form replace them: `data-already-recorded="…"`. */
const TEXTS: Readonly<Record<string, readonly MessageName[]>> = {
  received: ['recordedTitle'],
  confirmed: ['confirmedTitle', 'stillSent'],
  superseded: ['supersededTitle', 'supersededText'],
  status: ['statusLink'],
  badAddress: ['badAddress'],
  trapFilled: ['trapFilled'],
  unknownBrand: ['unknownBrand'],
  tooLarge: ['tooLarge'],
  unreadable: ['unreadable'],
  alreadyRecorded: ['alreadyRecordedTitle', 'alreadyRecordedText'],
  tooMany: ['tooManyTitle', 'tooManyText'],
  failure: ['failure'],
};

function scriptFor(reader: Reader): string {
  const texts = Object.entries(TEXTS).map(([key, names]) => [key, names.map((name) => translate(reader, name))]);
  return SCRIPT.replace('LANGUAGE', reader.language).replace('TEXTS', () => JSON.stringify(Object.fromEntries(texts)));
}

/**
 * Submits each `<form data-unsubscribe>` in the background and shows its status below it. It listens on the document, so forms may
 * be added at any time. It changes nothing that the page's own scripts may own: it adds one element after the form, and hides the
 * form once the request is recorded. If the page removes the form, the element goes too. The receipt is polled with growing
 * intervals for about two minutes. If the relay can be reached and its response cannot be read, CORS blocks it, and the browser
 * submits the form.
 */
const SCRIPT = `(() => {
const texts = TEXTS;
const language = 'LANGUAGE';
const regions = new Map();
const busy = new WeakSet();
const native = new WeakSet();

const requestJson = (url, init) => fetch(url, { ...init, headers: { accept: 'application/json' } });

new MutationObserver(() => {
  for (const [form, region] of regions) if (!form.isConnected) region.remove(), regions.delete(form);
}).observe(document, { childList: true, subtree: true });

const regionOf = (form) => {
  const region = regions.get(form) ?? document.createElement('p');
  if (!region.isConnected) {
    region.setAttribute('role', 'status');
    region.tabIndex = -1;
    form.after(region);
  }
  regions.set(form, region);
  return region;
};

const show = (form, lines, link) => {
  const nodes = lines.flatMap((line, index) => index === 0 ? [line] : [document.createElement('br'), line]);
  regionOf(form).replaceChildren(...nodes, ...(link ? [document.createElement('br'), link] : []));
};

const linesFor = (form, key) => form.dataset[key] === undefined ? texts[key] : [form.dataset[key]];

const showError = async (form, response) => {
  const { code } = await response.json().catch(() => ({}));
  const minutes = Math.max(2, Math.ceil(response.headers.get('retry-after') / 60));
  const wait = new Intl.RelativeTimeFormat(language, { numeric: 'always' }).format(minutes, 'minute');
  const lines = linesFor(form, code) ?? linesFor(form, 'failure');
  show(form, lines.map((line) => line.replace('{wait}', wait)));
  if (code === 'badAddress') form.elements.namedItem('email')?.focus?.();
};

const showState = (form, receipt, state) => {
  const link = document.createElement('a');
  link.href = receipt;
  link.textContent = linesFor(form, 'status')[0];
  show(form, linesFor(form, state) ?? linesFor(form, 'received'), link);
};

const poll = (form, receipt, waitMs) => setTimeout(async () => {
  const response = requestJson(receipt).then((each) => each.json());
  const { state = 'received' } = await response.catch(() => ({}));
  if (!form.isConnected) return;
  if (state !== 'received') showState(form, receipt, state);
  else if (waitMs < 30000) poll(form, receipt, waitMs * 1.5);
}, waitMs);

const showReceipt = (form, receipt) => {
  showState(form, receipt, 'received');
  form.style.setProperty('display', 'none', 'important');
  regionOf(form).focus();
  poll(form, receipt, 1000);
};

const send = async (form, url, body) => {
  const response = await requestJson(url, { method: 'POST', body, keepalive: true });
  if (response.status === 202) showReceipt(form, (await response.json()).receipt);
  else await showError(form, response);
};

const fallBack = async (form, url) => {
  native.add(form);
  const isReachable = await fetch(url, { mode: 'no-cors' }).catch(() => false);
  if (isReachable) HTMLFormElement.prototype.submit.call(form);
  else show(form, linesFor(form, 'failure'));
};

document.addEventListener('submit', async (event) => {
  const form = event.target;
  if (event.defaultPrevented || native.has(form) || !form.matches('form[data-unsubscribe]')) return;
  event.preventDefault();
  if (busy.has(form)) return;
  const url = form.getAttribute('action');
  const body = new URLSearchParams(new FormData(form, event.submitter));
  const missing = [
    !url && 'an action, the URL of the relay',
    form.getAttribute('method')?.toLowerCase() !== 'post' && 'the attribute method="post"',
    !body.has('email') && 'a field with the name "email"',
  ].find(Boolean);
  if (missing) return show(form, ['This form does not have ' + missing + '.']);
  if (!body.has('lang')) body.set('lang', language);
  busy.add(form);
  show(form, [form.dataset.sending ?? '…']);
  await send(form, url, body).catch(() => fallBack(form, url));
  busy.delete(form);
});
})();
`;
