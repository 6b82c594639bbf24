/** The supported languages, as the tags used in `<html lang>`. */
export const LANGUAGES = [
  'en',
  'fr',
  'de',
  'es',
  'it',
  'pt',
  'nl',
  'sv',
  'da',
  'nb',
  'fi',
  'pl',
  'cs',
  'hu',
  'ro',
  'el',
  'tr',
  'uk',
  'ja',
  'ko',
  'zh-Hans',
  'zh-Hant',
  'ar',
  'he',
  'hi',
] as const;

export type Language = (typeof LANGUAGES)[number];

/** Every message of the pages, with the `{placeholders}` that each wording must contain. */
export const PLACEHOLDERS = {
  /** The heading of the form and of the confirm page. */
  formTitle: [],
  formText: [],
  emailLabel: [],
  /** The label of the button. */
  unsubscribe: [],
  /** The label of the hidden honeypot field. */
  leaveEmpty: [],
  confirmText: [],
  /** The opt-out is on the queue, and not yet confirmed by HubSpot. */
  recordedTitle: [],
  recordedText: [],
  /** HubSpot has confirmed the opt-out. */
  confirmedTitle: [],
  confirmedText: [],
  /** HubSpot has a newer opt-in. */
  supersededTitle: [],
  supersededText: [],
  recordedAt: ['time'],
  confirmedAt: ['time'],
  /** The link that reloads the page. */
  reload: [],
  nothingChanged: [],
  badLink: [],
  badAddress: [],
  trapFilled: [],
  unknownBrand: [],
  tooLarge: [],
  unreadable: [],
  tooMany: [],
  /** A failure of the relay. The request may have had an effect, so the text must not claim otherwise. */
  failure: [],
  /** The label of the list of languages. */
  language: [],
} as const satisfies Readonly<Record<string, readonly string[]>>;

export type MessageName = keyof typeof PLACEHOLDERS;

/** The messages of one language. */
export type Messages = Readonly<Record<MessageName, string>>;

/** Custom wordings, by language and message. Messages that are omitted keep their default wording. */
export type Texts = {
  readonly [L in Language]?: { readonly [M in MessageName]?: string | undefined } | undefined;
};

/** Returns whether a wording contains exactly the placeholders of its message. */
export function keepsPlaceholders(message: MessageName, wording: string): boolean {
  const actual = new Set([...wording.matchAll(/\{(.*?)\}/g)].map(([, name]) => name));
  const expected: ReadonlySet<string | undefined> = new Set(PLACEHOLDERS[message]);
  return [...actual, ...expected].every((name) => actual.has(name) && expected.has(name));
}
