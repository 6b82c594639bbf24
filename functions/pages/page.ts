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

/** The content of a page. */
export interface Content {
  readonly title: string;
  readonly body: Html;
  /** An inline script. The page must also work without it. */
  readonly script?: string;
  /** Shows the list of languages. The value is appended to `?lang=…` in its links: '' or `&brand=acme`. */
  readonly otherLanguages?: string | undefined;
}

/** Renders a complete page. The browser loads nothing else except the brand's logo. */
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
  return {
    status,
    headers: {
      'content-type': 'text/html; charset=utf-8',
      'content-language': language,
      'content-security-policy': policyOf(style, theme, script),
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

/** Collapsed, since most readers already see their own language. */
function languageList(reader: Reader, query: string): Html {
  const links = LANGUAGES.map((language) => {
    return html`<a href="?lang=${language}${query}" lang="${language}" hreflang="${language}">${languages[language].name}</a>
`;
  });
  return html`
<footer><nav aria-label="${translate(reader, 'language')}"><details><summary>${languages[reader.language].name}</summary>
${joined(links)}</details></nav></footer>`;
}

/** Builds the content security policy, which allows only what this page contains. aws/http-api.ts sets the common headers. */
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
