import type { EmailAddress } from '../model/email-address.ts';
import { Unreadable } from '../model/errors.ts';

/** The contents of a sealed unsubscribe link. */
export interface Link {
  readonly email: EmailAddress;
  readonly brand?: string;
  readonly lang?: string;
  /** @default never */
  readonly expiresAt?: Date;
}

/** The contents of the token in a receipt page's URL: the command's id, when it was received, and the brand of the page. */
export interface StatusToken {
  readonly id: string;
  readonly receivedAt: string;
  readonly brand?: string | undefined;
}

/** The format of brand and source names in `relay.config.ts`. */
export const CONFIGURED_NAME = /^[a-z0-9][a-z0-9-]{0,63}$/;
/**
 * The format of a BCP 47 language tag, up to 35 characters.
 * @see https://www.rfc-editor.org/rfc/rfc5646#section-4.4.1
 */
const LANG = /^(?=.{2,35}$)[a-z]{2,8}(?:-[a-z0-9]{1,8})*$/i;

export function isBrand(value: unknown): value is string {
  return typeof value === 'string' && CONFIGURED_NAME.test(value);
}

export function isLang(value: unknown): value is string {
  return typeof value === 'string' && LANG.test(value);
}

/** Checks that a link would be unsealed with the same contents. Throws Unreadable if not. */
export function checkLink({ brand, lang, expiresAt }: Link): void {
  if (brand !== undefined && !isBrand(brand)) throw new Unreadable('brand is not valid');
  if (lang !== undefined && !isLang(lang)) throw new Unreadable('lang is not valid');
  if (expiresAt !== undefined && !(expiresAt.getTime() > 0)) throw new Unreadable('the expiry is not a time');
}

/** A compact JWE, RFC 7516 section 7.1, in base64url: header (begins with `{"`), empty key, 12-byte IV, ciphertext, 16-byte tag. */
const TOKEN = /eyJ[\w-]{1,1024}\.\.[\w-]{16}\.[\w-]+\.[\w-]{22}/;
/** Four times the longest token: enough for two tokens and other text. */
const MAX_TEXT_LENGTH = 8_192;

/** Returns the first token in a header field or a subject. White space from line breaks is removed. */
export function tokenIn(text: string): string | undefined {
  return TOKEN.exec(text.slice(0, MAX_TEXT_LENGTH).replace(/\s+/g, ''))?.[0];
}

/** Encrypts links and status tokens, so that no email address is readable in a URL, a log or a header. */
export interface TokenSealer {
  /** @throws {Unreadable} if `checkLink` rejects the link */
  sealLink(link: Link): Promise<string>;
  /** @throws {InvalidToken} if the token is not a link sealed with one of the relay's keys, or has expired */
  unsealLink(token: string, now: Date): Promise<Link>;
  sealStatusToken(status: StatusToken): Promise<string>;
  /** @throws {InvalidToken} if the token is not a status token sealed with one of the relay's keys */
  unsealStatusToken(token: string): Promise<StatusToken>;
}
