import type { Language } from './wording.ts';
import { LANGUAGES } from './wording.ts';

/** The sources of the language, in order of precedence. Unknown languages and values other than text are skipped. */
export interface LanguageHints {
  /** The language sealed in the link by the sender of the email. */
  readonly link?: string | undefined;
  /** The parameter `?lang=`. */
  readonly query?: string | null | undefined;
  /** The form field `lang`. */
  readonly field?: unknown;
  readonly acceptLanguage?: string | undefined;
  /** The configured language. @default 'en' */
  readonly fallback?: Language | undefined;
}

/** Chooses the language of a page. The result is always a supported language. */
export function chooseLanguage({ link, query, field, acceptLanguage, fallback = 'en' }: LanguageHints): Language {
  return languageOf(link) ?? languageOf(query) ?? languageOf(field) ?? acceptedLanguage(acceptLanguage) ?? fallback;
}

/** Deprecated tags, macrolanguages, and the regions that use Traditional Chinese. */
const ALIASES: Readonly<Record<string, Language>> = {
  no: 'nb',
  nn: 'nb',
  iw: 'he',
  zh: 'zh-Hans',
  'zh-tw': 'zh-Hant',
  'zh-hk': 'zh-Hant',
  'zh-mo': 'zh-Hant',
};

const BY_TAG: ReadonlyMap<string, Language> = new Map([
  ...LANGUAGES.map((language) => [language.toLowerCase(), language] as const),
  ...Object.entries(ALIASES),
]);

/** The longest tag that an implementation must support (RFC 5646 §4.4.1). */
const MAX_TAG_LENGTH = 35;

/** Shortens a tag from its end until it matches a supported language (RFC 4647 §3.4): `pt-BR` → `pt`, `zh-Hant-HK` → `zh-Hant`. */
function languageOf(tag: unknown): Language | undefined {
  if (typeof tag !== 'string' || tag.length > MAX_TAG_LENGTH) return undefined;
  const parts = tag.trim().toLowerCase().split(/[-_]/);
  const prefixes = parts.map((_part, index) => parts.slice(0, parts.length - index).join('-'));
  return prefixes.map((prefix) => BY_TAG.get(prefix)).find((language) => language !== undefined);
}

const MAX_HEADER_LENGTH = 1_024;
const RANGE = /^\s*([a-z\d-]+)\s*(?:;\s*q=(0(?:\.\d{0,3})?|1(?:\.0{0,3})?)\s*)?$/i;

/** Returns the most preferred supported language of an Accept-Language header (RFC 9110 §12.5.4). */
function acceptedLanguage(header = ''): Language | undefined {
  const ranges = header
    .slice(0, MAX_HEADER_LENGTH)
    .split(',')
    .flatMap((range) => {
      const [, tag, quality = '1'] = RANGE.exec(range) ?? [];
      return tag === undefined || Number(quality) === 0 ? [] : [{ tag, quality: Number(quality) }];
    });
  const preferred = ranges.toSorted((a, b) => b.quality - a.quality);
  return preferred.map(({ tag }) => languageOf(tag)).find((language) => language !== undefined);
}
