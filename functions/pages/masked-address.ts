import type { EmailAddress } from '../core/model/email-address.ts';

const MASK = '•••';

/** Returns enough of an address for its owner to recognize: `j•••@example.com`. A local part of up to two letters is hidden. */
export function maskedAddress(email: EmailAddress): string {
  const at = email.lastIndexOf('@');
  const letters = [...email.slice(0, at)];
  return `${letters.length > 2 ? letters[0] : ''}${MASK}${email.slice(at)}`;
}
