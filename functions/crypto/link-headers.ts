import { base64url } from 'jose';
import type { LinkOptions, ReadyLink } from '../../infra/links.d.ts';
import { MAILBOX, readyLink } from '../core/links/list-unsubscribe.ts';
import type { Link } from '../core/links/sealed-link.ts';
import { parseEmailAddress } from '../core/model/email-address.ts';
import { Misconfigured, Unreadable } from '../core/model/errors.ts';
import { createTokenSealer } from './sealed-links.ts';

/** Implements `optout-relay/links`. Its public types and documentation are in infra/links.d.ts. */
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
