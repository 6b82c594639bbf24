import { rowOf } from '../core/payload/fields.ts';
import type { Language, Texts } from './wording.ts';

/** Under whose name a page is shown. */
export interface Look {
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

/** The looks of the pages: the common one, and what each brand has of its own. */
export interface Looks {
  readonly common: Look;
  /** By brand name, already completed with the common one. */
  readonly brands: Readonly<Record<string, Look>>;
}

/** A brand's look; the common one for no brand and for one that nobody knows. */
export function lookOf({ common, brands }: Looks, brand: string | undefined): Look {
  return rowOf(brands, brand) ?? common;
}

/** A brand's own look over the common one. A name and a logo belong together: whoever has one of them inherits neither. */
export function completed(own: Look, { name, logoUrl, ...common }: Look): Look {
  const inherited = own.name === undefined && own.logoUrl === undefined ? { name, logoUrl } : {};
  return { ...common, ...inherited, ...present(own), texts: mergedTexts(common.texts, own.texts) };
}

function present(look: Look): Look {
  return Object.fromEntries(Object.entries(look).filter(([, value]) => value !== undefined));
}

function mergedTexts(common: Texts = {}, own: Texts = {}): Texts {
  const languages = new Set([...Object.keys(common), ...Object.keys(own)]) as ReadonlySet<Language>;
  return Object.fromEntries([...languages].map((each) => [each, { ...common[each], ...own[each] }]));
}
