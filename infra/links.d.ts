/** Options of `sealedLink`. */
export interface LinkOptions {
  /** The relay's public origin: `https://optout.example.com`. */
  readonly publicUrl: string | URL;
  /** The first of `keys` in the `links` secret. `key` is 32 bytes, or their base64url. */
  readonly key: { readonly kid: string; readonly key: string | Uint8Array };
  readonly email: string;
  /**
   * Language of the page, as a BCP 47 tag.
   * @default the browser's language
   */
  readonly lang?: string | undefined;
  /** A brand configured in `relay.config.ts`. It is not checked here: an unknown brand fails only when the recipient opts out. */
  readonly brand?: string | undefined;
  /** @default the link does not expire */
  readonly expiresAt?: Date | undefined;
  /** `mailbox` from `relay.config.ts`. If set, the header also has a `mailto:`. */
  readonly mailbox?: string | undefined;
}

/** The link and the message headers. DKIM must sign both headers. */
export interface ReadyLink {
  readonly url: string;
  readonly headers: { readonly 'List-Unsubscribe': string; readonly 'List-Unsubscribe-Post': string };
}

/**
 * Creates a sealed unsubscribe link, without calling the relay. Runs on any runtime with Web Crypto.
 *
 * @throws an error named `Unreadable` if `email`, `lang`, `brand` or `expiresAt` is not valid, or `Misconfigured` if `publicUrl`,
 * `key` or `mailbox` is not. Messages never quote the input.
 * @example
 * const { url, headers } = await sealedLink({
 *   publicUrl: 'https://optout.example.com',
 *   key: { kid: '2026-11', key: process.env.LINK_KEY },
 *   email: 'ada@example.com',
 * });
 */
export function sealedLink(options: LinkOptions): Promise<ReadyLink>;
