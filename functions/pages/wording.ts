/** The languages of the pages, by the tag that stands in `<html lang>`. */
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

/** Every message of the pages, and the `{placeholders}` that each of its wordings must hold. */
export const PLACEHOLDERS = {
  /** The heading of the form and of the page behind a link. */
  formTitle: [],
  formText: [],
  emailLabel: [],
  /** The button. */
  unsubscribe: [],
  /** The label of the trap for robots, which nobody sees. */
  leaveEmpty: [],
  confirmText: [],
  /** The command is on the queue; HubSpot has not agreed yet. */
  recordedTitle: [],
  recordedText: [],
  /** HubSpot has agreed. */
  confirmedTitle: [],
  confirmedText: [],
  /** Held, or refused by HubSpot: a person must look. */
  heldText: [],
  /** A newer opt-in was found. */
  supersededTitle: [],
  supersededText: [],
  recordedAt: ['time'],
  confirmedAt: ['time'],
  /** A link that asks for the same page again. */
  reload: [],
  nothingChanged: [],
  badLink: [],
  badAddress: [],
  trapFilled: [],
  unknownBrand: [],
  tooLarge: [],
  unreadable: [],
  tooMany: [],
  /** Ours, and not for sure without effect: it must not say that nothing happened. */
  failure: [],
  /** What the list of languages is called. */
  language: [],
} as const satisfies Readonly<Record<string, readonly string[]>>;

export type MessageName = keyof typeof PLACEHOLDERS;

/** What the pages say in one language. */
export type Messages = Readonly<Record<MessageName, string>>;

/** Wordings of one's own, by language and message; what is not among them is said as delivered. */
export type Texts = {
  readonly [L in Language]?: { readonly [M in MessageName]?: string | undefined } | undefined;
};

/** Whether a wording holds each placeholder of its message and no other. */
export function keepsPlaceholders(message: MessageName, wording: string): boolean {
  const held = new Set([...wording.matchAll(/\{(.*?)\}/g)].map(([, name]) => name));
  const wanted: ReadonlySet<string | undefined> = new Set(PLACEHOLDERS[message]);
  return [...held, ...wanted].every((name) => held.has(name) && wanted.has(name));
}
