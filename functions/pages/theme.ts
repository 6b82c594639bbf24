import { rowOf } from '../core/payload/fields.ts';
import type { Language, Texts } from './wording.ts';

/** How the pages present a sender: name, logo, color, default language and wording. */
export interface Theme {
  /** The name shown to the public. @default the host of `PUBLIC_URL` */
  readonly name?: string | undefined;
  /** An https URL. The content security policy allows its origin. */
  readonly logoUrl?: string | undefined;
  /** `#rrggbb`, dark enough for white text. */
  readonly color?: string | undefined;
  /** The privacy policy: an https URL. */
  readonly privacyUrl?: string | undefined;
  /** The legal notice: an https URL. */
  readonly legalUrl?: string | undefined;
  /** Where a person can subscribe again: an https URL. */
  readonly resubscribeUrl?: string | undefined;
  /** How to reach the sender: an https or `mailto:` URL. */
  readonly contactUrl?: string | undefined;
  /** For readers whose languages are not supported. @default 'en' */
  readonly defaultLanguage?: Language | undefined;
  readonly texts?: Texts | undefined;
}

/** The common theme, and the theme of each brand. */
export interface Themes {
  readonly common: Theme;
  /** By brand name, with the defaults of the common theme applied. */
  readonly brands: Readonly<Record<string, Theme>>;
}

/** Returns the theme of a brand, or the common theme if the brand is undefined or unknown. */
export function themeOf({ common, brands }: Themes, brand: string | undefined): Theme {
  return rowOf(brands, brand) ?? common;
}

/**
 * Applies the common theme as the defaults of a brand's own. Name and logo belong together: a brand that sets either inherits
 * neither.
 */
export function withDefaults(own: Theme, { name, logoUrl, ...common }: Theme): Theme {
  const inherited = own.name === undefined && own.logoUrl === undefined ? { name, logoUrl } : {};
  return { ...common, ...inherited, ...present(own), texts: mergedTexts(common.texts, own.texts) };
}

function present(theme: Theme): Theme {
  return Object.fromEntries(Object.entries(theme).filter(([, value]) => value !== undefined));
}

function mergedTexts(common: Texts = {}, own: Texts = {}): Texts {
  const languages = new Set([...Object.keys(common), ...Object.keys(own)]) as ReadonlySet<Language>;
  return Object.fromEntries([...languages].map((language) => [language, { ...common[language], ...own[language] }]));
}
