import type { ContactId } from './contact-id.ts';
import type { EmailAddress } from './email-address.ts';
import type { OptOut } from './opt-out.ts';
import type { Outcome } from './outcome.ts';

export type State = 'open' | 'confirmed' | 'refused' | 'held' | 'superseded';

/** What the ledger says when a command is opened for an attempt. */
export type Opening =
  | {
      /** The command is ours until the lease ends. */
      readonly kind: 'opened';
      /** Counts from 1. */
      readonly attempt: number;
      readonly openedAt: Date;
      /** As far as it is known: that of a contact is only once an attempt has found it. */
      readonly email?: EmailAddress | undefined;
    }
  /** Another delivery of the same command holds it, or held it when its machine died. */
  | { readonly kind: 'leased'; readonly retryAfterSeconds: number }
  | { readonly kind: 'closed' };

/** What is known of one command. Times are ISO 8601 UTC. */
export interface Entry {
  readonly id: string;
  readonly state: State;
  readonly receivedAt: string;
  readonly openedAt: string;
  readonly closedAt?: string;
  readonly attempts: number;
  readonly proof?: string;
  /** When the address and the contact went out of it. */
  readonly forgottenAt?: string;
}

/** How an attempt that the ledger let begin has ended. */
export interface Settled {
  readonly attempt: number;
  readonly outcome: Exclude<Outcome, { kind: 'duplicate' }>;
  /** Of the contact that the command is about, where this attempt has found it. */
  readonly email?: EmailAddress;
}

/** Every command is opened before HubSpot is called and closed when it has ended; both exactly once, by condition. */
export interface Ledger {
  open(optOut: OptOut, now: Date): Promise<Opening>;
  /**
   * Closes the command, or gives its lease back when it is deferred. Changes nothing when another attempt has begun or
   * ended it meanwhile. What is to be forgotten is closed without the address, and all else of the address is forgotten.
   */
  settle(id: string, settled: Settled, now: Date): Promise<void>;
  /**
   * Takes the address, and the contact itself, out of every entry of the addresses that are known for a contact; an open
   * entry keeps them until it is closed. What is left proves what was done, and keeps the same event a duplicate. Gives
   * how many entries that changed; the second time none. Events come in any order and the indexes may lag a moment behind
   * the table, so a contact of whom nothing is found is no error: nothing is known, and nothing is to be forgotten.
   */
  forget(contactId: ContactId, now: Date): Promise<number>;
  find(id: string): Promise<Entry | undefined>;
}
