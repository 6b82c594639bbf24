/** What a sealed link is made of. */
export interface LinkOptions {
  /** The relay's public origin: `https://optout.example.com`. */
  readonly publicUrl: string | URL;
  /** The first of `keys` in the `links` secret, as it stands there: 32 bytes, or their base64url. */
  readonly key: { readonly kid: string; readonly key: string | Uint8Array };
  readonly email: string;
  /** BCP 47: the language of the page. Left out: the reader's own. */
  readonly lang?: string | undefined;
  /** A brand's name in the relay's `relay.config.ts`; one that is not there is found out only when somebody opts out. */
  readonly brand?: string | undefined;
  /** Left out: never. */
  readonly expiresAt?: Date | undefined;
  /** `mailbox` of the relay's `relay.config.ts`: the headers then offer a `mailto:` as well. */
  readonly mailbox?: string | undefined;
}

/** The link, and the headers of the message; DKIM must sign both. */
export interface ReadyLink {
  readonly url: string;
  readonly headers: { readonly 'List-Unsubscribe': string; readonly 'List-Unsubscribe-Post': string };
}

/**
 * Seals a link without a call to the relay, wherever Web Crypto is. Rejects with an error whose `name` is `Unreadable` when the
 * address, `lang`, `brand` or `expiresAt` is not valid, and `Misconfigured` for `publicUrl`, `key` and `mailbox`; the
 * messages quote none of them.
 */
export function sealedLink(options: LinkOptions): Promise<ReadyLink>;
