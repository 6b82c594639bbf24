import * as z from 'zod/mini';
import type { Theme, Themes } from '../pages/theme.ts';
import { withDefaults } from '../pages/theme.ts';
import type { MessageName } from '../pages/wording.ts';
import { keepsPlaceholders, LANGUAGES, PLACEHOLDERS } from '../pages/wording.ts';

/** A host that needs no escaping in a content security policy. */
const PLAIN_HOST = /^[a-z0-9.-]+$/;
const logoUrl = z.url({ protocol: /^https$/, error: 'it must be an https URL', abort: true }).check(
  z.refine((value) => {
    const { hostname, username, password } = new URL(value);
    return PLAIN_HOST.test(hostname) && username === '' && password === '';
  }, 'it must be an https URL'),
);

/** The target of a link on a page. User names and passwords in it would be shown to the public. */
const linkOf = (protocol: RegExp, error: string) =>
  z.url({ protocol, error, abort: true }).check(
    z.refine((value) => {
      const { username, password } = new URL(value);
      return username === '' && password === '';
    }, error),
  );
const pageUrl = linkOf(/^https$/, 'it must be an https URL');
const contactUrl = linkOf(/^(https|mailto)$/, 'it must be an https or mailto URL');

/** WCAG 2.2, 1.4.3: minimum contrast of button text. */
const MIN_CONTRAST = 4.5;
const color = z.string().check(
  z.regex(/^#[0-9a-f]{6}$/i, { error: 'it must be #rrggbb', abort: true }),
  z.refine(
    (value) => contrastWithWhite(value) >= MIN_CONTRAST,
    `white text on it must have a contrast of at least ${MIN_CONTRAST}:1`,
  ),
);

const wording = z.string().check(z.minLength(1), z.maxLength(400), z.regex(/\S/));
const messages = z.strictObject(
  tableOf(Object.keys(PLACEHOLDERS) as MessageName[], (message) =>
    z.optional(
      wording.check(
        z.refine(
          (value) => keepsPlaceholders(message, value),
          'it must contain exactly the placeholders of the message',
        ),
      ),
    ),
  ),
);

/** Keys of `theme` and of each brand. A brand overrides `theme`. */
export const themeFields = {
  /** Name of the brand, shown above the page and in its title. @default the host of `PUBLIC_URL` */
  name: z.optional(z.string().check(z.minLength(1), z.maxLength(100), z.regex(/\S/))),
  /** HTTPS URL of a logo, shown 40 pixels high. @default none */
  logoUrl: z.optional(logoUrl),
  /** Color of buttons and links, `#rrggbb`. White text on it needs a contrast of 4.5:1. @default the built-in color */
  color: z.optional(color),
  /** HTTPS URL of the privacy policy, linked below each page. @default none */
  privacyUrl: z.optional(pageUrl),
  /** HTTPS URL of the legal notice (imprint), linked below each page. @default none */
  legalUrl: z.optional(pageUrl),
  /** HTTPS URL where a person can subscribe again, linked on the page of a confirmed opt-out. @default none */
  resubscribeUrl: z.optional(pageUrl),
  /** HTTPS or `mailto:` URL that reaches you, linked where an opt-out takes longer than an hour. @default none */
  contactUrl: z.optional(contactUrl),
  /** Language for readers who accept no supported language. @default 'en' */
  defaultLanguage: z.optional(z.enum(LANGUAGES)),
  /** Your own wordings by language and message. docs/configuration.md lists the messages. @default {} */
  texts: z.optional(z.strictObject(tableOf(LANGUAGES, () => z.optional(messages)))),
};

/** Returns the common theme, and the theme of each brand with the common one as its defaults. */
export function themesOf(common: Theme, brands: Readonly<Record<string, Theme & { businessUnitId: string }>>): Themes {
  const own = Object.entries(brands).map(
    ([name, { businessUnitId: _id, ...theme }]) => [name, withDefaults(theme, common)] as const,
  );
  return { common, brands: Object.fromEntries(own) };
}

function tableOf<Key extends string, Value>(keys: readonly Key[], make: (key: Key) => Value) {
  return Object.fromEntries(keys.map((key) => [key, make(key)])) as Record<Key, Value>;
}

/** @see https://www.w3.org/TR/WCAG22/#dfn-contrast-ratio */
function contrastWithWhite(hex: string): number {
  const [red = 0, green = 0, blue = 0] = [1, 3, 5].map((at) =>
    linear(Number.parseInt(hex.slice(at, at + 2), 16) / 255),
  );
  return 1.05 / (0.2126 * red + 0.7152 * green + 0.0722 * blue + 0.05);
}

function linear(channel: number): number {
  return channel <= 0.04045 ? channel / 12.92 : ((channel + 0.055) / 1.055) ** 2.4;
}
