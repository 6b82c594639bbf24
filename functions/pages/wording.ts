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
  /** `{address}` is masked: `j•••@example.com`. */
  confirmText: ['address'],
  /** The opt-out is on the queue, and not yet confirmed by HubSpot. */
  recordedTitle: [],
  recordedText: [],
  /** Replaces `recordedText` after an hour. */
  delayedText: [],
  /** HubSpot has confirmed the opt-out. */
  confirmedTitle: [],
  confirmedText: [],
  /** Which emails still come after the opt-out. */
  stillSent: [],
  /** HubSpot has a newer opt-in. */
  supersededTitle: [],
  supersededText: [],
  recordedAt: ['time'],
  confirmedAt: ['time'],
  /** `{reference}` is the beginning of the opt-out's id, for questions to the sender. */
  reference: ['reference'],
  /** The link to the receipt, on other sites. */
  statusLink: [],
  /** The link to `resubscribeUrl`. */
  resubscribe: [],
  /** The link to `contactUrl`. */
  contact: [],
  /** The link that reloads the page. */
  reload: [],
  nothingChanged: [],
  badLink: [],
  badAddress: [],
  trapFilled: [],
  unknownBrand: [],
  tooLarge: [],
  unreadable: [],
  /** The address is over its rate limit, so its request is recorded. `{wait}` is a phrase such as "in 23 minutes". */
  alreadyRecordedTitle: [],
  alreadyRecordedText: ['wait'],
  /** The network is over its rate limit. */
  tooManyTitle: [],
  tooManyText: ['wait'],
  /** A failure of the relay. The request may have had an effect, so the text must not claim otherwise. */
  failure: [],
  /** The label of the list of languages. `{name}` is the name of the page's language. */
  language: ['name'],
  /** The link to `privacyUrl`. */
  privacyPolicy: [],
  /** The link to `legalUrl`. */
  legalNotice: [],
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
