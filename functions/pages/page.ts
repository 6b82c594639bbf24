import type { HttpResponse } from '../core/payload/http.ts';
import type { Html } from './html.ts';
import { html, joined } from './html.ts';
import { languages } from './languages.ts';
import type { Reader } from './reader.ts';
import { translate, translateWith } from './reader.ts';
import type { Style } from './style.ts';
import { DEFAULT_COLOR, hashSource, styleOf } from './style.ts';
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
<title>${titleOf(title, theme)}</title>
<link rel="icon" href="${icon(theme.color)}">
<style>${{ markup: style.css }}</style>
</head>
<body>${masthead(theme)}
<main>
${body}
</main>${footer(reader, otherLanguages)}${script === undefined ? undefined : { markup: `\n<script>${script}</script>` }}
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

/** Without soft hyphens, which are for line breaks in headings. */
function titleOf(title: string, { name }: Theme): string {
  return (name === undefined ? title : `${title} – ${name}`).replaceAll('\u00ad', '');
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

/** The links of the theme, and the list of languages. */
function footer(reader: Reader, otherLanguages: string | undefined): Html | undefined {
  const { privacyUrl, legalUrl } = reader.theme;
  const links = joined([
    link(privacyUrl, translate(reader, 'privacyPolicy')),
    link(legalUrl, translate(reader, 'legalNotice')),
  ]);
  const list = otherLanguages === undefined ? undefined : languageList(reader, otherLanguages);
  if (links.markup === '' && list === undefined) return undefined;
  return html`
<footer>${
    links.markup === ''
      ? undefined
      : html`
<p>${links}</p>`
  }${list}
</footer>`;
}

function link(url: string | undefined, text: string): Html {
  return url === undefined
    ? { markup: '' }
    : html`<a href="${url}">${text}</a>
`;
}

const GLOBE: Html = {
  markup:
    '<svg viewBox="0 0 24 24" stroke-width="1.5" aria-hidden="true"><circle cx="12" cy="12" r="9"/><ellipse cx="12" cy="12" rx="4" ry="9"/><path d="M3 12h18"/></svg>',
};

/** Collapsed, since most readers already see their own language. */
function languageList(reader: Reader, query: string): Html {
  const label = translateWith(reader, 'language', { name: html`${languages[reader.language].name}` });
  const links = LANGUAGES.map((language) => {
    return html`<a href="?lang=${language}${query}" lang="${language}" hreflang="${language}">${languages[language].name}</a>
`;
  });
  return html`
<nav aria-labelledby="language"><details><summary id="language">${GLOBE}${label}</summary>
${joined(links)}</details></nav>`;
}

/** An envelope in the brand's color, inline: browsers request `/favicon.ico` from a page without an icon. */
function icon(color = DEFAULT_COLOR): string {
  const shapes = `<rect y="2" width="16" height="12" rx="2" fill="${color}"/><path d="m2 4 6 5 6-5" fill="none" stroke="#fff" stroke-width="1.5"/>`;
  return `data:image/svg+xml,${encodeURIComponent(`<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 16 16">${shapes}</svg>`)}`;
}

/** Builds the content security policy, which allows only what this page contains. aws/http-api.ts sets the common headers. */
function policyOf(style: Style, { logoUrl }: Theme, script: string | undefined): string {
  return [
    "default-src 'none'",
    `style-src ${style.source}`,
    ['img-src data:', ...(logoUrl === undefined ? [] : [new URL(logoUrl).origin])].join(' '),
    ...(script === undefined ? [] : [`script-src ${hashSource(script)}`, "connect-src 'self'"]),
    "form-action 'self'",
    "base-uri 'none'",
    "frame-ancestors 'none'",
  ].join('; ');
}
