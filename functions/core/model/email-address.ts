import { Unreadable } from './errors.ts';

declare const parsed: unique symbol;

/** An address that may stand in a URL path and be told to HubSpot. Only `parseEmailAddress` makes one. */
export type EmailAddress = string & { readonly [parsed]: true };

/** RFC 5321 §4.5.3.1.3: a path is 256 octets with its angle brackets. */
const MAX_LENGTH = 254;

/** RFC 5322 atext and dots anywhere (some carriers' addresses have them at the end), letters beyond ASCII by RFC 6531. */
const LOCAL_PART = /^[\p{L}\p{M}\p{N}\p{S}!#$%&'*+/=?^_`{|}~.-]+$/u;
const DOMAIN = /^[\p{L}\p{M}\p{N}_-]+(?:\.[\p{L}\p{M}\p{N}_-]+)+$/u;
/** Markup, and the mark a decoder leaves for bytes it could not read: what is left is somebody else's address. */
const NEVER = /[<>\uFFFD]/;

/**
 * Reads an address as people and senders write it: trimmed, lower-cased, `+` and international names kept.
 * Throws Unreadable for everything that could reach another HubSpot endpoint or no mailbox at all.
 */
export function parseEmailAddress(text: unknown): EmailAddress {
  if (typeof text !== 'string' || text.length > MAX_LENGTH * 2) throw notAnAddress();
  const address = text.trim().toLowerCase();
  const [local, domain, ...more] = address.split('@');
  if (!local || !domain || more.length > 0) throw notAnAddress();
  if (address.length > MAX_LENGTH) throw notAnAddress();
  if (!LOCAL_PART.test(local) || NEVER.test(local) || !DOMAIN.test(domain)) throw notAnAddress();
  return address as EmailAddress;
}

/** Reads an address that may have a name before it: `Ada <ada@example.com>`. Throws Unreadable as `parseEmailAddress` does. */
export function parseMailbox(text: unknown): EmailAddress {
  const bare = typeof text === 'string' ? /<([^<>]*)>\s*$/.exec(text)?.[1] : undefined;
  return parseEmailAddress(bare ?? text);
}

function notAnAddress(): Unreadable {
  return new Unreadable('the e-mail address is not valid');
}
