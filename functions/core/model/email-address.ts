import { Unreadable } from './errors.ts';

declare const parsed: unique symbol;

/** A normalized email address, safe in a URL path. Only `parseEmailAddress` makes one. */
export type EmailAddress = string & { readonly [parsed]: true };

/** RFC 5321 §4.5.3.1.3: a path is at most 256 octets, with its angle brackets. */
const MAX_LENGTH = 254;

/** RFC 5322 atext, letters beyond ASCII (RFC 6531), and dots anywhere, since some carriers' addresses end with a dot. */
const LOCAL_PART = /^[\p{L}\p{M}\p{N}\p{S}!#$%&'*+/=?^_`{|}~.-]+$/u;
const DOMAIN = /^[a-z0-9_-]+(?:\.[a-z0-9_-]+)+$/;
/** Markup, the replacement character for undecodable bytes, and invisible characters: the rest would be the address of another person. */
const FORBIDDEN = /[<>\uFFFD\u2800\p{Default_Ignorable_Code_Point}]/u;
/** White space, control and invisible characters, such as a zero-width space or a blank Braille cell that was copied along. */
const INVISIBLE = String.raw`[\s\u2800\p{Cc}\p{Default_Ignorable_Code_Point}]`;
/** A run of them is visited once, so that an address with a mebibyte of spaces in it takes milliseconds. */
const AROUND = new RegExp(`^${INVISIBLE}+|(?<!${INVISIBLE})${INVISIBLE}+$`, 'gu');

/**
 * Parses an email address, and returns the one form in which every spelling of a mailbox is stored and compared: without
 * spaces and invisible characters around it, in lower case and NFC, without quotes, and with the domain as A-labels. Plus tags
 * and international names are kept.
 *
 * - A quoted local part is the same mailbox as the unquoted one (RFC 5322 §3.2.4), so quotes that are not needed are removed.
 *   An address that needs them is rejected, as HubSpot does.
 * - The domain is in ASCII (`xn--…`), as SES, Mailgun and SMTP itself write it, and as Chromium submits an email field.
 *
 * @throws {Unreadable} if it is not an address, could change the path of a HubSpot URL, or has a letter that a system may fold
 * into an ASCII letter, since it would then be the address of another person.
 * @see https://www.rfc-editor.org/rfc/rfc5321#section-4.1.2
 * @see https://legacydocs.hubspot.com/docs/faq/how-does-hubspot-validate-email-addresses
 * @see https://documentation.mailgun.com/docs/mailgun/user-manual/internationalization
 */
export function parseEmailAddress(text: unknown): EmailAddress {
  const address = typeof text === 'string' && text.length <= MAX_LENGTH * 2 ? normalize(text) : undefined;
  if (address === undefined) throw new Unreadable('the email address is not valid');
  return address as EmailAddress;
}

/** Parses an address with an optional display name: `Ada <ada@example.com>`. Throws Unreadable as `parseEmailAddress` does. */
export function parseMailbox(text: unknown): EmailAddress {
  const bare = typeof text === 'string' ? /<([^<>]*)>$/.exec(text.replace(AROUND, ''))?.[1] : undefined;
  return parseEmailAddress(bare ?? text);
}

/** Whether a text is a spelling of the address. */
export function isSameAddress(text: unknown, email: EmailAddress | undefined): boolean {
  try {
    return parseEmailAddress(text) === email;
  } catch {
    return false;
  }
}

function normalize(text: string): string | undefined {
  const [, written = '', host = ''] = /^(.*)@(.*)$/s.exec(text.replace(AROUND, '')) ?? [];
  const unquoted = withoutQuotes(written);
  if (FORBIDDEN.test(unquoted) || foldsIntoAscii(unquoted, LOCAL_FOLDS) || foldsIntoAscii(host, FOLDS))
    return undefined;
  const local = unquoted.normalize('NFC').toLowerCase().normalize('NFC');
  const domain = asciiDomain(host);
  const address = `${local}@${domain}`;
  return LOCAL_PART.test(local) && DOMAIN.test(domain) && address.length <= MAX_LENGTH ? address : undefined;
}

/** `"user\.name"` is `user.name`. */
function withoutQuotes(local: string): string {
  const quoted = /^"((?:[^"\\]|\\.)*)"$/s.exec(local)?.[1];
  return quoted === undefined ? local : quoted.replace(/\\(.)/gs, '$1');
}

const ASCII = /^[\0-\x7f]*$/;
const HAS_ASCII = /[\0-\x7f]/;

/** How a system may fold a letter when it compares addresses. The Kelvin sign is `k` in lower case, `ﬁ` is `fi` in NFKC. */
const FOLDS: readonly ((letter: string) => string)[] = [
  (letter) => letter.toLowerCase(),
  (letter) => letter.normalize('NFKC'),
];
/** `ı` is `I` in upper case, as in Java's `equalsIgnoreCase`. In a domain it is safe, since that is compared as A-labels. */
const LOCAL_FOLDS = [...FOLDS, (letter: string) => (letter.toUpperCase().length === 1 ? letter.toUpperCase() : letter)];

/** Whether a letter beyond ASCII may be folded into ASCII. */
function foldsIntoAscii(text: string, folds: typeof FOLDS): boolean {
  if (ASCII.test(text)) return false;
  const letters = [...text, ...text.normalize('NFC')].filter((letter) => !ASCII.test(letter));
  return letters.some((letter) => folds.some((fold) => HAS_ASCII.test(fold(letter))));
}

/** A domain that a URL parser reads as a host and nothing else. Persian and Indic labels need the two joiners. */
const HOST = /^(?:(?!\p{Default_Ignorable_Code_Point})[\p{L}\p{M}\p{N}\p{S}_.-]|[\u200c\u200d])+$/u;

/** Returns the domain as A-labels, or an empty string if it cannot be converted. Every runtime has this URL parser. */
function asciiDomain(host: string): string {
  if (ASCII.test(host)) return host.toLowerCase();
  const written = host.normalize('NFC').replace(/./gsu, (letter) => letter.toLowerCase()); // a whole word has a final sigma
  const url = `http://${written}`;
  return HOST.test(written) && URL.canParse(url) ? new URL(url).hostname : '';
}
