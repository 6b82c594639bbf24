import { base64url } from 'jose';
import { MAILBOX, readyLink } from '../core/links/list-unsubscribe.ts';
import type { Link } from '../core/links/sealed-link.ts';
import { parseEmailAddress } from '../core/model/email-address.ts';
import { Misconfigured, Unreadable } from '../core/model/errors.ts';
import { createTokenSealer } from './sealed-links.ts';

/** The contents of an unsubscribe link and the relay that it belongs to. */
export interface LinkOptions {
  /** The public origin of the relay, such as `https://optout.example.com`. */
  readonly publicUrl: string | URL;
  /** The first entry of `keys` in the `links` secret. The key is 32 bytes, or their base64url. */
  readonly key: { readonly kid: string; readonly key: string | Uint8Array };
  /** The recipient's address. */
  readonly email: string;
  /** The language of the page, a BCP 47 tag. @default the language of the recipient's browser */
  readonly lang?: string | undefined;
  /**
   * A brand in the relay's `relay.config.ts`. The link is not checked against that file: an opt-out through a link with an
   * unknown brand covers all brands.
   *
   * @default all brands
   */
  readonly brand?: string | undefined;
  /** @default never */
  readonly expiresAt?: Date | undefined;
  /** `mailbox` in the relay's `relay.config.ts`. The headers then also offer a `mailto:`. @default none */
  readonly mailbox?: string | undefined;
}

/** The link, and the headers of the message. The DKIM signature must cover both headers. */
export interface ReadyLink {
  readonly url: string;
  readonly headers: { readonly 'List-Unsubscribe': string; readonly 'List-Unsubscribe-Post': string };
}

/**
 * Seals an unsubscribe link without a call to the relay. Runs wherever Web Crypto is available.
 *
 * @throws an error whose `name` is `Unreadable` if the address, `lang`, `brand` or `expiresAt` is not valid, or
 * `Misconfigured` if `publicUrl`, `key` or `mailbox` is not. The messages do not contain the values.
 * @see https://www.rfc-editor.org/rfc/rfc8058
 *
 * @example
 * ```ts
 * // send-newsletter.ts
 * import { sealedLink } from 'optout-relay/links';
 *
 * const { url, headers } = await sealedLink({
 *   publicUrl: 'https://optout.example.com',
 *   key: { kid: '2026-11', key: 'AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8' },
 *   email: 'ada@example.com',
 *   lang: 'de',
 * });
 *
 * url.startsWith('https://optout.example.com/u/'); //=> true
 * headers['List-Unsubscribe'] === `<${url}>`; //=> true
 * headers['List-Unsubscribe-Post']; //=> 'List-Unsubscribe=One-Click'
 * ```
 */
export async function sealedLink({ publicUrl, key, mailbox, ...options }: LinkOptions): Promise<ReadyLink> {
  const { email, lang, brand, expiresAt } = options;
  const keys = [{ kid: kidOf(key), key: bytesOf(key) }];
  const { sealLink } = createTokenSealer({ get: async () => keys, refresh: async () => keys });
  if (expiresAt !== undefined && !(expiresAt.getTime() > Date.now()))
    throw new Unreadable('expiresAt is not in the future');
  const link: Link = {
    email: parseEmailAddress(email),
    ...(lang === undefined ? {} : { lang }),
    ...(brand === undefined ? {} : { brand }),
    ...(expiresAt === undefined ? {} : { expiresAt }),
  };
  if (mailbox !== undefined && !MAILBOX.test(mailbox)) throw new Misconfigured('mailbox is not an email address');
  return readyLink(originOf(publicUrl), await sealLink(link), mailbox);
}

function originOf(publicUrl: string | URL): URL {
  const url = URL.canParse(`${publicUrl}`) ? new URL(publicUrl) : undefined;
  if (!url || !/^https?:$/.test(url.protocol) || url.href !== `${url.origin}/`) {
    throw new Misconfigured('publicUrl is not an origin such as https://optout.example.com');
  }
  return url;
}

function kidOf({ kid }: LinkOptions['key']): string {
  if (typeof kid !== 'string' || kid === '') throw new Misconfigured('key.kid is not a non-empty string');
  return kid;
}

function bytesOf({ key }: LinkOptions['key']): Uint8Array {
  const bytes = typeof key === 'string' && /^[\w-]{43}$/.test(key) ? base64url.decode(key) : key;
  if (!(bytes instanceof Uint8Array) || bytes.length !== 32) throw new Misconfigured('key.key is not 32 bytes');
  return bytes;
}
