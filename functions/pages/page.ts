import type { HttpResponse } from '../core/payload/http.ts';
import type { Html } from './html.ts';
import { html, joined } from './html.ts';
import { languages } from './languages.ts';
import type { Reader } from './reader.ts';
import { translate } from './reader.ts';
import type { Style } from './style.ts';
import { hashSource, styleOf } from './style.ts';
import type { Theme } from './theme.ts';
import { LANGUAGES } from './wording.ts';

/** What stands on a page. */
export interface Content {
  readonly title: string;
  readonly body: Html;
  /** Inline; the page must do without it. */
  readonly script?: string;
  /** The query of this page without its language, where the reader may choose another one: '' or `&brand=acme`. */
  readonly otherLanguages?: string | undefined;
}

/** A whole page in one response, which asks for nothing more but the brand's logo. */
export function page(status: number, reader: Reader, content: Content): HttpResponse {
  const { language, theme } = reader;
  const style = styleOf(theme.color);
  const { title, body, script, otherLanguages } = content;
  const { markup } = html`<!doctype html>
<html lang="${language}" dir="${languages[language].direction}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${theme.name === undefined ? title : `${title} – ${theme.name}`}</title>
<style>${{ markup: style.css }}</style>
</head>
<body>${masthead(theme)}
<main>
${body}
</main>${otherLanguages === undefined ? undefined : languageList(reader, otherLanguages)}${script === undefined ? undefined : { markup: `\n<script>${script}</script>` }}
</body>
</html>
`;
  const policy = policyOf(style, theme, script);
  return {
    status,
    headers: {
      'content-type': 'text/html; charset=utf-8',
      'content-language': language,
      'content-security-policy': policy,
    },
    body: markup,
  };
}

function masthead({ name, logoUrl }: Theme): Html | undefined {
  if (logoUrl !== undefined)
    return html`
<header><img src="${logoUrl}" alt="${name ?? ''}" height="40"></header>`;
  return name === undefined
    ? undefined
    : html`
<header>${name}</header>`;
}

/** Folded up, since most readers are met in their own language. */
function languageList(reader: Reader, query: string): Html {
  const links = LANGUAGES.map((each) => {
    return html`<a href="?lang=${each}${query}" lang="${each}" hreflang="${each}">${languages[each].name}</a>
`;
  });
  return html`
<footer><nav aria-label="${translate(reader, 'language')}"><details><summary>${languages[reader.language].name}</summary>
${joined(links)}</details></nav></footer>`;
}

/** Nothing but what this very page holds; what every answer of ours has besides is in aws/http-api.ts. */
function policyOf(style: Style, { logoUrl }: Theme, script: string | undefined): string {
  return [
    "default-src 'none'",
    `style-src ${style.source}`,
    ...(logoUrl === undefined ? [] : [`img-src ${new URL(logoUrl).origin}`]),
    ...(script === undefined ? [] : [`script-src ${hashSource(script)}`, "connect-src 'self'"]),
    "form-action 'self'",
    "base-uri 'none'",
    "frame-ancestors 'none'",
  ].join('; ');
}
