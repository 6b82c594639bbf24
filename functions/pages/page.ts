import { createHash } from 'node:crypto';
import type { Answer } from '../core/http.ts';
import type { Html } from './html.ts';
import { html } from './html.ts';

const STYLE = `:root{color-scheme:light dark}
body{font:1.125rem/1.5 system-ui,sans-serif;margin:0 auto;max-width:34rem;padding:3rem 1.25rem}
h1{font-size:1.6rem;line-height:1.25}
label{display:block;font-weight:600;margin-bottom:.25rem}
input,button{font:inherit;border-radius:.4rem;padding:.6rem .9rem;max-width:100%;box-sizing:border-box}
input{width:100%;border:1px solid #767676;margin-bottom:1rem}
button{border:0;background:#0b57d0;color:#fff;font-weight:600;cursor:pointer}
:focus-visible{outline:3px solid #f5a623;outline-offset:2px}
.trap{position:absolute;left:-100vw}`;

const STYLE_HASH = createHash('sha256').update(STYLE).digest('base64');

/** No script, no frame, no other site; what every answer of ours has besides is in adapters/http-api.ts. */
const PAGE_HEADERS = {
  'content-type': 'text/html; charset=utf-8',
  'content-security-policy': `default-src 'none'; style-src 'sha256-${STYLE_HASH}'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'`,
};

/** A whole page in one response, without script. */
export function page(status: number, { title, body }: { readonly title: string; readonly body: Html }): Answer {
  const { markup } = html`<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title}</title>
<style>${{ markup: STYLE }}</style>
<main>
<h1>${title}</h1>
${body}
</main>
</html>
`;
  return { status, headers: PAGE_HEADERS, body: markup };
}
