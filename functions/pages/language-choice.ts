import type { Language } from './wording.ts';
import { LANGUAGES } from './wording.ts';

/** Where a reader's language may be told, the strongest first. What is unknown or no text is passed over. */
export interface LanguageHints {
  /** In the sealed link: what the sender of the mail knows. */
  readonly link?: string | undefined;
  /** `?lang=`. */
  readonly query?: string | null | undefined;
  /** The field `lang` of a form. */
  readonly field?: unknown;
  readonly acceptLanguage?: string | undefined;
  /** The configured one. */
  readonly fallback?: Language | undefined;
}

/** The language to speak: always one of ours. */
export function chooseLanguage({ link, query, field, acceptLanguage, fallback = 'en' }: LanguageHints): Language {
  return languageOf(link) ?? languageOf(query) ?? languageOf(field) ?? acceptedLanguage(acceptLanguage) ?? fallback;
}

/** Old tags, macrolanguages, and the regions that write Chinese in the traditional way. */
const OTHER_TAGS: Readonly<Record<string, Language>> = {
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
  ...Object.entries(OTHER_TAGS),
]);

/** The longest tag that BCP 47 calls for (RFC 5646 §4.4.1). */
const MAX_TAG_LENGTH = 35;

/** Shortens the tag from its end until it is one of ours (RFC 4647 §3.4): `pt-BR` is `pt`, `zh-Hant-HK` is `zh-Hant`. */
function languageOf(tag: unknown): Language | undefined {
  if (typeof tag !== 'string' || tag.length > MAX_TAG_LENGTH) return undefined;
  const parts = tag.trim().toLowerCase().split(/[-_]/);
  const prefixes = parts.map((_part, index) => parts.slice(0, parts.length - index).join('-'));
  return prefixes.map((prefix) => BY_TAG.get(prefix)).find((language) => language !== undefined);
}

const MAX_HEADER_LENGTH = 1_024;
const RANGE = /^\s*([a-z\d-]+)\s*(?:;\s*q=(0(?:\.\d{0,3})?|1(?:\.0{0,3})?)\s*)?$/i;

/** The first of the ranges in their order of preference (RFC 9110 §12.5.4) that is one of ours. */
function acceptedLanguage(header = ''): Language | undefined {
  const ranges = header
    .slice(0, MAX_HEADER_LENGTH)
    .split(',')
    .flatMap((range) => {
      const [, tag, quality = '1'] = RANGE.exec(range) ?? [];
      return tag === undefined || Number(quality) === 0 ? [] : [{ tag, quality: Number(quality) }];
    });
  const preferred = ranges.toSorted((one, two) => two.quality - one.quality);
  return preferred.map(({ tag }) => languageOf(tag)).find((language) => language !== undefined);
}
