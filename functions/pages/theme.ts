import { rowOf } from '../core/payload/fields.ts';
import type { Language, Texts } from './wording.ts';

/** Under whose name a page is shown. */
export interface Theme {
  /** The brand's name as people know it. */
  readonly name?: string | undefined;
  /** An https URL; its origin is allowed by the page's policy. */
  readonly logoUrl?: string | undefined;
  /** `#rrggbb`, dark enough for white text on it. */
  readonly color?: string | undefined;
  /** For readers whose own languages we do not speak; English without it. */
  readonly defaultLanguage?: Language | undefined;
  readonly texts?: Texts | undefined;
}

/** The themes of the pages: the common one, and what each brand has of its own. */
export interface Themes {
  readonly common: Theme;
  /** By brand name, already completed with the common one. */
  readonly brands: Readonly<Record<string, Theme>>;
}

/** A brand's theme; the common one for no brand and for one that nobody knows. */
export function themeOf({ common, brands }: Themes, brand: string | undefined): Theme {
  return rowOf(brands, brand) ?? common;
}

/** A brand's own theme over the common one. A name and a logo belong together: whoever has one of them inherits neither. */
export function withDefaults(own: Theme, { name, logoUrl, ...common }: Theme): Theme {
  const inherited = own.name === undefined && own.logoUrl === undefined ? { name, logoUrl } : {};
  return { ...common, ...inherited, ...present(own), texts: mergedTexts(common.texts, own.texts) };
}

function present(theme: Theme): Theme {
  return Object.fromEntries(Object.entries(theme).filter(([, value]) => value !== undefined));
}

function mergedTexts(common: Texts = {}, own: Texts = {}): Texts {
  const languages = new Set([...Object.keys(common), ...Object.keys(own)]) as ReadonlySet<Language>;
  return Object.fromEntries([...languages].map((each) => [each, { ...common[each], ...own[each] }]));
}
