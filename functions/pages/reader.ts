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

/** Determines the reader of the response. An unknown brand gets the common theme. */
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
  return { language, theme };
}

/**
 * Returns a message in the reader's language, in the configured wording if there is one. The hyphen of "e-mail" becomes
 * non-breaking.
 */
export function translate({ language, theme }: Reader, message: MessageName): string {
  const wording = theme.texts?.[language]?.[message] ?? languages[language].messages[message];
  return wording.replace(/(?<=\be)-/gi, '\u2011');
}

/** Returns a message with its `{time}` formatted for the reader. `isoTime` is ISO 8601 in UTC. */
export function translateTime(reader: Reader, message: MessageName, isoTime: string): Html {
  return filled(translate(reader, message), { time: timeElement(reader, isoTime) });
}

function timeElement({ language }: Reader, isoTime: string): Html {
  return html`<time datetime="${isoTime}">${formatOf(language).format(new Date(isoTime))}</time>`;
}

/** Cached, since creating a format takes longer than rendering a page. */
const formats = new Map<Language, Intl.DateTimeFormat>();

function formatOf(language: Language): Intl.DateTimeFormat {
  const format = formats.get(language) ?? new Intl.DateTimeFormat(language, MINUTES_IN_UTC);
  formats.set(language, format);
  return format;
}

const MINUTES_IN_UTC: Intl.DateTimeFormatOptions = {
  year: 'numeric',
  month: 'long',
  day: 'numeric',
  hour: 'numeric',
  minute: '2-digit',
  timeZone: 'UTC',
  timeZoneName: 'short',
};
