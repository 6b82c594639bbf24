import { isIPv6 } from 'node:net';
import type { Counter } from '../model/counter.ts';
import { hourlyCounter } from '../model/counter.ts';
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

/**
 * The counters that a submission has to pass, in this order: who is over the limit spends no other people's counters. An
 * address has one for each brand: a stranger who sends it in for one keeps nobody from leaving the others.
 */
export function countersFor({ email, brand, client, receivedAt }: Submitted, limits: Limits): readonly Counter[] {
  const network = networkOf(client);
  return [
    ...(network === undefined
      ? []
      : hourlyCounter('client', network, { limit: limits.perClientAndHour, at: receivedAt })),
    ...hourlyCounter('address', brand === undefined ? email : `${email} ${brand}`, {
      limit: limits.perAddressAndHour,
      at: receivedAt,
    }),
  ];
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
