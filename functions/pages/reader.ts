import type { RawRequest } from '../core/payload/http.ts';
import type { Html } from './html.ts';
import { filled, html } from './html.ts';
import { chooseLanguage } from './language-choice.ts';
import { languages } from './languages.ts';
import type { Theme, Themes } from './theme.ts';
import { themeOf } from './theme.ts';
import type { Language, MessageName } from './wording.ts';

/** The reader of a page: the language to use and the theme to show. */
export interface Reader {
  readonly language: Language;
  readonly theme: Theme;
}

/** The hints about the reader in a sealed link, a receipt or a form. */
export interface ReaderHints {
  readonly brand?: string | undefined;
  /** The language sealed in the link. */
  readonly lang?: string | undefined;
  /** The form field `lang`. */
  readonly field?: unknown;
}

/** Determines the reader of the response. An unknown brand gets the common theme, and a theme without a name gets the host. */
export function readerOf(
  { url, headers }: RawRequest,
  themes: Themes,
  { brand, lang, field }: ReaderHints = {},
): Reader {
  const theme = themeOf(themes, brand);
  const language = chooseLanguage({
    link: lang,
    query: url.searchParams.get('lang'),
    field,
    acceptLanguage: headers['accept-language'],
    fallback: theme.defaultLanguage,
  });
  return { language, theme: { ...theme, name: theme.name ?? url.host } };
}

/**
 * Returns a message in the reader's language, in the configured wording if there is one. The hyphen of "e-mail" becomes
 * non-breaking.
 */
export function translate({ language, theme }: Reader, message: MessageName): string {
  const wording = theme.texts?.[language]?.[message] ?? languages[language].messages[message];
  return wording.replace(/(?<=\be)-/gi, '\u2011');
}

/** Returns a message with its placeholders replaced. */
export function translateWith(reader: Reader, message: MessageName, values: Readonly<Record<string, Html>>): Html {
  return filled(translate(reader, message), values);
}

/** Returns a time for the reader. `isoTime` is ISO 8601 in UTC. */
export function timeElement({ language }: Reader, isoTime: string): Html {
  return html`<time datetime="${isoTime}">${timeFormat(language).format(new Date(isoTime))} UTC</time>`;
}

/** Returns a phrase such as "in 23 minutes". At least 2 minutes, since some languages write one minute without its digit. */
export function waitPhrase({ language }: Reader, seconds: number): Html {
  const minutes = Math.max(2, Math.ceil(seconds / 60));
  return html`${new Intl.RelativeTimeFormat(language, { numeric: 'always' }).format(minutes, 'minute')}`;
}

/** Returns text that is left-to-right in every language, such as an address. Without it, a leading symbol changes its place. */
export function leftToRight(text: string): Html {
  return html`<bdi dir="ltr">${text}</bdi>`;
}

/** Cached, since creating a format takes longer than rendering a page. */
const timeFormats = new Map<Language, Intl.DateTimeFormat>();

/** Without the time zone, whose place in the text is wrong in some languages. */
function timeFormat(language: Language): Intl.DateTimeFormat {
  const format =
    timeFormats.get(language) ??
    new Intl.DateTimeFormat(language, { dateStyle: 'long', timeStyle: 'short', timeZone: 'UTC' });
  timeFormats.set(language, format);
  return format;
}
