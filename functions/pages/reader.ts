import type { RawRequest } from '../core/payload/http.ts';
import type { Html } from './html.ts';
import { filled, html } from './html.ts';
import { chooseLanguage } from './language-choice.ts';
import { languages } from './languages.ts';
import type { Theme, Themes } from './theme.ts';
import { themeOf } from './theme.ts';
import type { Language, MessageName } from './wording.ts';

/** Whoever themes at a page: in which language, under whose name. */
export interface Reader {
  readonly language: Language;
  readonly theme: Theme;
}

/** What a sealed link, a receipt or a form says of its reader. */
export interface Known {
  readonly brand?: string | undefined;
  /** The language in the link. */
  readonly lang?: string | undefined;
  /** The form field. */
  readonly field?: unknown;
}

/** The reader of an answer. A brand that nobody knows has the common theme. */
export function readerOf({ url, headers }: RawRequest, themes: Themes, { brand, lang, field }: Known = {}): Reader {
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

/** A message in the reader's language, in the configured wording where there is one. No line ends after the "e-" of a mail. */
export function translate({ language, theme }: Reader, message: MessageName): string {
  const wording = theme.texts?.[language]?.[message] ?? languages[language].messages[message];
  return wording.replace(/(?<=\be)-/gi, '\u2011');
}

/** A message about a moment, ISO 8601 UTC: the date as its reader writes it. */
export function translateTime(reader: Reader, message: MessageName, isoTime: string): Html {
  return filled(translate(reader, message), { time: timeElement(reader, isoTime) });
}

function timeElement({ language }: Reader, isoTime: string): Html {
  return html`<time datetime="${isoTime}">${formatOf(language).format(new Date(isoTime))}</time>`;
}

/** Making one costs more than a whole page. */
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
