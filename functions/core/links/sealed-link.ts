import type { EmailAddress } from '../model/email-address.ts';
import { Unreadable } from '../model/errors.ts';

/** What a sealed unsubscribe link says. */
export interface Link {
  readonly email: EmailAddress;
  readonly brand?: string;
  readonly lang?: string;
  /** Links do not expire unless they are made to. */
  readonly expiresAt?: Date;
}

/** What a sealed receipt says: which command, when we took it, and whose page to show. Never the address. */
export interface StatusToken {
  readonly id: string;
  readonly receivedAt: string;
  readonly brand?: string | undefined;
}

/** How `relay.config.ts` names brands and sources. */
export const CONFIGURED_NAME = /^[a-z0-9][a-z0-9-]{0,63}$/;
/** The shape of a BCP 47 tag; 35 is as long as one need ever be: https://www.rfc-editor.org/rfc/rfc5646#section-4.4.1 */
const LANG = /^(?=.{2,35}$)[a-z]{2,8}(?:-[a-z0-9]{1,8})*$/i;

export function isBrand(value: unknown): value is string {
  return typeof value === 'string' && CONFIGURED_NAME.test(value);
}

export function isLang(value: unknown): value is string {
  return typeof value === 'string' && LANG.test(value);
}

/** Throws Unreadable for a link that would not say when it is opened what was sealed. */
export function checkLink({ brand, lang, expiresAt }: Link): void {
  if (brand !== undefined && !isBrand(brand)) throw new Unreadable('brand is not valid');
  if (lang !== undefined && !isLang(lang)) throw new Unreadable('lang is not valid');
  if (expiresAt !== undefined && !(expiresAt.getTime() > 0)) throw new Unreadable('the expiry is not a time');
}

/** Header (which begins with `{"`), no key, 12 bytes of IV, what is sealed, 16 bytes of tag: RFC 7516, section 7.1, in base64url. */
const TOKEN = /eyJ[\w-]{1,1024}\.\.[\w-]{16}\.[\w-]+\.[\w-]{22}/;
/** Four times the longest token, since there may be two of them and words around. */
const MAX_TEXT_LENGTH = 8_192;

/** The first token in a text, such as a header field or a subject; blanks in it, from a mailer that broke the line, are taken out. */
export function tokenIn(text: string): string | undefined {
  return TOKEN.exec(text.slice(0, MAX_TEXT_LENGTH).replace(/\s+/g, ''))?.[0];
}

/** Seals links and receipts: no address can be read from a URL, a log or a header. */
export interface TokenSealer {
  /** Throws Unreadable as `checkLink` does. */
  sealLink(link: Link): Promise<string>;
  /** Throws InvalidToken for everything that is not a link sealed with one of our keys. */
  unsealLink(token: string, now: Date): Promise<Link>;
  sealStatusToken(receipt: StatusToken): Promise<string>;
  unsealStatusToken(token: string): Promise<StatusToken>;
}
