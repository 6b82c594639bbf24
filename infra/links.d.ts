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
export function sealedLink(options: LinkOptions): Promise<ReadyLink>;
