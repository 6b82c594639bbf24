import { isIPv6 } from 'node:net';
import type { Counter } from '../model/counter.ts';
import { hourlyCounter } from '../model/counter.ts';
import type { EmailAddress } from '../model/email-address.ts';

/** How many submissions of the form are accepted in a clock hour; `false` for no limit. */
export interface Limits {
  readonly perAddressAndHour: number | false;
  readonly perClientAndHour: number | false;
}

/** Enough for a person who submits again to be sure, and for an office that shares one IP address. */
export const defaultLimits: Limits = { perAddressAndHour: 5, perClientAndHour: 30 };

/** A submission of the form. */
export interface Submission {
  readonly email: EmailAddress;
  /** @default all brands */
  readonly brand?: string | undefined;
  /** `RawRequest.client`: the caller's IP address. */
  readonly client?: string | undefined;
  readonly receivedAt: Date;
}

/**
 * Returns the counters for a submission, in the order in which they are checked: a client over its limit does not use up the
 * counters of email addresses. An email address has a counter per brand, so a stranger who submits it for one brand does not
 * block opt-outs from the others.
 */
export function countersFor({ email, brand, client, receivedAt }: Submission, limits: Limits): readonly Counter[] {
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
 * Returns the network that counts as one client: an IPv4 address, or the /64 prefix of an IPv6 address, which belongs to a
 * single line. Returns undefined for loopback addresses, which occur only in the local stack.
 */
function networkOf(client = ''): string | undefined {
  const address = client.replace(/%.*/s, '').replace(/^::ffff:(?=[\d.]+$)/i, '');
  if (address === '' || address === '::1' || /^127\.[\d.]+$/.test(address)) return undefined;
  return isIPv6(address) ? `${groupsOf(address).slice(0, 4).join(':')}::/64` : address;
}

/** All eight groups of an IPv6 address, without leading zeros. */
function groupsOf(address: string): readonly string[] {
  const sides = new URL(`http://[${address}]`).hostname
    .slice(1, -1)
    .split('::')
    .map((side) => side.split(':').filter((group) => group !== ''));
  const zeros = Array.from({ length: 8 - sides.flat().length }, () => '0');
  return sides.flatMap((side, index) => (index === 0 ? side : [...zeros, ...side]));
}
