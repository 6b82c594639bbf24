import { hash } from 'node:crypto';
import { isIPv6 } from 'node:net';
import type { EmailAddress } from '../model/email-address.ts';

/** How many submissions of the form are taken within an hour of the clock; `false` for any number. */
export interface Limits {
  readonly perAddressAndHour: number | false;
  readonly perClientAndHour: number | false;
}

/** Enough for a person who doubts, and for the people of an office behind one network address. */
export const defaultLimits: Limits = { perAddressAndHour: 5, perClientAndHour: 30 };

/** What counts against a limit. */
export interface Submitted {
  readonly email: EmailAddress;
  /** Left out: of all. */
  readonly brand?: string | undefined;
  /** `RawRequest.client`. */
  readonly client?: string | undefined;
  readonly receivedAt: Date;
}

/** One count within one window. */
export interface Counter {
  /**
   * The place in the ledger's table: `limit#` and a digest. Neither the address nor the client can be read in it; whoever
   * reads the table could still check a guess.
   */
  readonly key: string;
  readonly limit: number;
  /** To the next window, at least 1. */
  readonly retryAfterSeconds: number;
  /** Nobody asks for it from then on. Seconds since 1970. */
  readonly expiresAt: number;
}

/**
 * The counters that a submission has to pass, in this order: who is over the limit spends no other people's counters. An
 * address has one for each brand: a stranger who sends it in for one keeps nobody from leaving the others.
 */
export function countersFor({ email, brand, client, receivedAt }: Submitted, limits: Limits): readonly Counter[] {
  const network = networkOf(client);
  return [
    ...(network === undefined
      ? []
      : hourCounter('client', network, { limit: limits.perClientAndHour, at: receivedAt })),
    ...hourCounter('address', brand === undefined ? email : `${email} ${brand}`, {
      limit: limits.perAddressAndHour,
      at: receivedAt,
    }),
  ];
}

const HOUR_SECONDS = 3600;

interface Counted {
  readonly limit: number | false;
  readonly at: Date;
}

/** The counter of something within its hour of the clock; none where there is no limit. */
export function hourCounter(
  kind: 'address' | 'client' | 'source',
  value: string,
  { limit, at }: Counted,
): readonly Counter[] {
  if (limit === false) return [];
  const seconds = at.getTime() / 1000;
  const expiresAt = (Math.floor(seconds / HOUR_SECONDS) + 1) * HOUR_SECONDS;
  const window = at.toISOString().slice(0, 'yyyy-mm-ddThh'.length);
  const key = `limit#${hash('sha256', `${kind}\n${value}\n${window}`, 'hex')}`;
  return [{ key, limit, retryAfterSeconds: Math.ceil(expiresAt - seconds), expiresAt }];
}

/**
 * What counts as one client: an IPv4 address, or the /64 of an IPv6 one, all of which a single line has to itself.
 * Undefined for a loopback address. That is no client of API Gateway's: whoever sits at the machine on which the relay runs
 * for trial stands there for everybody.
 */
function networkOf(client = ''): string | undefined {
  const address = client.replace(/%.*/s, '').replace(/^::ffff:(?=[\d.]+$)/i, '');
  if (address === '' || address === '::1' || /^127\.[\d.]+$/.test(address)) return undefined;
  return isIPv6(address) ? `${groupsOf(address).slice(0, 4).join(':')}::/64` : address;
}

/** All eight groups, each as it is written shortest. */
function groupsOf(address: string): readonly string[] {
  const sides = new URL(`http://[${address}]`).hostname
    .slice(1, -1)
    .split('::')
    .map((side) => side.split(':').filter((group) => group !== ''));
  const zeros = Array.from({ length: 8 - sides.flat().length }, () => '0');
  return sides.flatMap((side, index) => (index === 0 ? side : [...zeros, ...side]));
}
