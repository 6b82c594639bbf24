import { base64url } from 'jose';
import { parseEmailAddress } from '../core/email-address.ts';
import { Misconfigured, Unreadable } from '../core/errors.ts';
import type { ReadyLink } from '../core/list-unsubscribe.ts';
import { MAILBOX, readyLink } from '../core/list-unsubscribe.ts';
import type { Link } from '../core/sealing.ts';
import { openSealing } from './jose.ts';

/** What a link is made of by whoever imports `optout-relay/links`; `infra/links.d.ts` tells them. */
export interface LinkOptions {
  /** The relay's public origin: `https://optout.example.com`. */
  readonly publicUrl: string | URL;
  /** The first of `keys` in the `links` secret, as it stands there. */
  readonly key: { readonly kid: string; readonly key: string | Uint8Array };
  readonly email: string;
  /** BCP 47: the language of the page. Left out: the reader's own. */
  readonly lang?: string | undefined;
  /** A brand's name in `relay.config.ts`; one that is not there is found out only when somebody opts out. */
  readonly brand?: string | undefined;
  /** Left out: never. */
  readonly expiresAt?: Date | undefined;
  /** `mailbox` of `relay.config.ts`: the headers then offer a `mailto:` as well. */
  readonly mailbox?: string | undefined;
}

/**
 * Seals a link without a call to the relay, wherever Web Crypto is. Rejects with Unreadable when the address, `lang`, `brand` or
 * `expiresAt` is not valid, and with Misconfigured for `publicUrl`, `key` and `mailbox`; the messages quote none of them.
 */
export async function sealedLink({ publicUrl, key, mailbox, ...of }: LinkOptions): Promise<ReadyLink> {
  const { email, lang, brand, expiresAt } = of;
  const keys = [{ kid: kidOf(key), key: bytesOf(key) }];
  const { sealLink } = openSealing({ get: async () => keys, refresh: async () => keys });
  if (expiresAt !== undefined && !(expiresAt.getTime() > Date.now())) throw new Unreadable('the expiry is past');
  const link: Link = {
    email: parseEmailAddress(email),
    ...(lang === undefined ? {} : { lang }),
    ...(brand === undefined ? {} : { brand }),
    ...(expiresAt === undefined ? {} : { expiresAt }),
  };
  if (mailbox !== undefined && !MAILBOX.test(mailbox)) throw new Misconfigured('mailbox is not an address');
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
  if (typeof kid !== 'string' || kid === '') throw new Misconfigured('key.kid is not a text');
  return kid;
}

function bytesOf({ key }: LinkOptions['key']): Uint8Array {
  const bytes = typeof key === 'string' && /^[\w-]{43}$/.test(key) ? base64url.decode(key) : key;
  if (!(bytes instanceof Uint8Array) || bytes.length !== 32) throw new Misconfigured('key.key is not 32 bytes');
  return bytes;
}
