import { Unreadable } from './errors.ts';

declare const parsed: unique symbol;

/** A normalized email address, safe in a URL path. Only `parseEmailAddress` makes one. */
export type EmailAddress = string & { readonly [parsed]: true };

/** RFC 5321 §4.5.3.1.3: a path is at most 256 octets, with its angle brackets. */
const MAX_LENGTH = 254;

/** RFC 5322 atext, letters beyond ASCII (RFC 6531), and dots anywhere, since some carriers' addresses end with a dot. */
const LOCAL_PART = /^[\p{L}\p{M}\p{N}\p{S}!#$%&'*+/=?^_`{|}~.-]+$/u;
const DOMAIN = /^[\p{L}\p{M}\p{N}_-]+(?:\.[\p{L}\p{M}\p{N}_-]+)+$/u;
/** Markup, and the replacement character for undecodable bytes: the rest would be the address of another person. */
const FORBIDDEN = /[<>\uFFFD]/;

/**
 * Parses an email address: trims it and converts it to lower case. Plus tags and international names are kept.
 *
 * @throws {Unreadable} if it is not an address, or could change the path of a HubSpot URL.
 */
export function parseEmailAddress(text: unknown): EmailAddress {
  if (typeof text !== 'string' || text.length > MAX_LENGTH * 2) throw notAnAddress();
  const address = text.trim().toLowerCase();
  const [local, domain, ...more] = address.split('@');
  if (!local || !domain || more.length > 0) throw notAnAddress();
  if (address.length > MAX_LENGTH) throw notAnAddress();
  if (!LOCAL_PART.test(local) || FORBIDDEN.test(local) || !DOMAIN.test(domain)) throw notAnAddress();
  return address as EmailAddress;
}

/** Parses an address with an optional display name: `Ada <ada@example.com>`. Throws Unreadable as `parseEmailAddress` does. */
export function parseMailbox(text: unknown): EmailAddress {
  const bare = typeof text === 'string' ? /<([^<>]*)>\s*$/.exec(text)?.[1] : undefined;
  return parseEmailAddress(bare ?? text);
}

function notAnAddress(): Unreadable {
  return new Unreadable('the email address is not valid');
}
