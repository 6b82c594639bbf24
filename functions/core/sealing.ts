import type { EmailAddress } from './email-address.ts';

/** What a sealed unsubscribe link says. */
export interface Link {
  readonly email: EmailAddress;
  readonly brand?: string;
  readonly lang?: string;
  /** Links do not expire unless they are made to. */
  readonly expiresAt?: Date;
}

/** What a sealed receipt says: which command, and when we took it. Never the address. */
export interface Receipt {
  readonly id: string;
  readonly receivedAt: string;
}

/** Seals links and receipts: no address can be read from a URL, a log or a header. */
export interface Sealing {
  sealLink(link: Link): Promise<string>;
  /** Throws InvalidToken for everything that is not a link sealed with one of our keys. */
  openLink(token: string, now: Date): Promise<Link>;
  sealReceipt(receipt: Receipt): Promise<string>;
  openReceipt(token: string): Promise<Receipt>;
}
