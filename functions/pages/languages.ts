import { ar } from './languages/ar.ts';
import { cs } from './languages/cs.ts';
import { da } from './languages/da.ts';
import { de } from './languages/de.ts';
import { el } from './languages/el.ts';
import { en } from './languages/en.ts';
import { es } from './languages/es.ts';
import { fi } from './languages/fi.ts';
import { fr } from './languages/fr.ts';
import { he } from './languages/he.ts';
import { hi } from './languages/hi.ts';
import { hu } from './languages/hu.ts';
import { it } from './languages/it.ts';
import { ja } from './languages/ja.ts';
import { ko } from './languages/ko.ts';
import { nb } from './languages/nb.ts';
import { nl } from './languages/nl.ts';
import { pl } from './languages/pl.ts';
import { pt } from './languages/pt.ts';
import { ro } from './languages/ro.ts';
import { sv } from './languages/sv.ts';
import { tr } from './languages/tr.ts';
import { uk } from './languages/uk.ts';
import { zhHans } from './languages/zh-hans.ts';
import { zhHant } from './languages/zh-hant.ts';
import type { Language, Messages } from './wording.ts';

/** A language of the pages. */
export interface Locale {
  /** The language's own name for itself. */
  readonly name: string;
  readonly direction: 'ltr' | 'rtl';
  readonly messages: Messages;
}

/** The supported languages. */
export const languages: Readonly<Record<Language, Locale>> = {
  en: { name: 'English', direction: 'ltr', messages: en },
  fr: { name: 'Français', direction: 'ltr', messages: fr },
  de: { name: 'Deutsch', direction: 'ltr', messages: de },
  es: { name: 'Español', direction: 'ltr', messages: es },
  it: { name: 'Italiano', direction: 'ltr', messages: it },
  pt: { name: 'Português (Brasil)', direction: 'ltr', messages: pt },
  nl: { name: 'Nederlands', direction: 'ltr', messages: nl },
  sv: { name: 'Svenska', direction: 'ltr', messages: sv },
  da: { name: 'Dansk', direction: 'ltr', messages: da },
  nb: { name: 'Norsk', direction: 'ltr', messages: nb },
  fi: { name: 'Suomi', direction: 'ltr', messages: fi },
  pl: { name: 'Polski', direction: 'ltr', messages: pl },
  cs: { name: 'Čeština', direction: 'ltr', messages: cs },
  hu: { name: 'Magyar', direction: 'ltr', messages: hu },
  ro: { name: 'Română', direction: 'ltr', messages: ro },
  el: { name: 'Ελληνικά', direction: 'ltr', messages: el },
  tr: { name: 'Türkçe', direction: 'ltr', messages: tr },
  uk: { name: 'Українська', direction: 'ltr', messages: uk },
  ja: { name: '日本語', direction: 'ltr', messages: ja },
  ko: { name: '한국어', direction: 'ltr', messages: ko },
  'zh-Hans': { name: '简体中文', direction: 'ltr', messages: zhHans },
  'zh-Hant': { name: '繁體中文', direction: 'ltr', messages: zhHant },
  ar: { name: 'العربية', direction: 'rtl', messages: ar },
  he: { name: 'עברית', direction: 'rtl', messages: he },
  hi: { name: 'हिन्दी', direction: 'ltr', messages: hi },
};
