import type { EmailAddress } from '../model/email-address.ts';
import type { OptOut } from '../model/opt-out.ts';
import type { Outcome } from '../model/outcome.ts';
import type { Kind, Recipient, Scope } from '../model/signal.ts';
import type { State } from '../model/state.ts';

/** What the ledger says when a command is opened for an attempt. */
export type Claim =
  | {
      /** The command is ours until the lease ends. */
      readonly kind: 'claimed';
      /** Counts from 1. */
      readonly attempt: number;
      readonly claimedAt: Date;
      /** The command as it was first heard of, and stands in the ledger; the one at hand may be the sender's second try. */
      readonly stored: OptOut;
      /** As far as it is known: that of a contact is only once an attempt has found it. */
      readonly email?: EmailAddress | undefined;
      /** A person, the look for drift, or an attempt that was deferred since: it is not held, or not again. */
      readonly isReleased?: boolean;
    }
  /** Another delivery of the same command holds it, or held it when its machine died. */
  | { readonly kind: 'leased'; readonly retryAfterSeconds: number }
  | { readonly kind: 'closed' };

/** How far a command is. Times are ISO 8601 UTC. */
export interface Progress {
  readonly id: string;
  readonly state: State;
  readonly receivedAt: string;
  readonly claimedAt: string;
  readonly closedAt?: string;
  readonly attempts: number;
}

/** All that is known of one command. Times are ISO 8601 UTC. */
export interface Entry extends Progress {
  readonly source: string;
  readonly kind: Kind;
  readonly scope: Scope;
  readonly brand?: string;
  /** The address; once it is forgotten, its keyed hash; absent where it was never known. */
  readonly email?: string;
  readonly contactId?: string;
  /** The command was to be held from the first; once it is let go on, that means nothing more. */
  readonly hold?: 'ambiguous';
  readonly occurredAt: string;
  /** Why it is held. */
  readonly reason?: string;
  readonly evidence?: string;
  readonly changed?: boolean;
  /** HubSpot's last answer. */
  readonly lastStatus?: number;
  readonly lastCategory?: string;
  readonly correlationId?: string;
  /** Epoch ms. While it is open, the queue brings it again by then; long after that its message is lost. */
  readonly dueAt?: number;
  /** When a person, or the look for drift, let it go on. */
  readonly reopenedAt?: string;
  /** When a person said of a held one that it is wrong. */
  readonly discardedAt?: string;
  /** When the look for drift found that the person had opted in again after it was confirmed. */
  readonly optedInAt?: string;
  /** Since it was closed: compact JWS, see core/ledger/receipt.ts. */
  readonly signedReceipt?: string;
  /** When the address was replaced by its hash, and the contact went out of it. */
  readonly erasedAt?: string;
}

/** How an attempt that the ledger let begin has ended. */
export interface Completion {
  readonly attempt: number;
  readonly outcome: Exclude<Outcome, { kind: 'duplicate' }>;
  /** Of the contact that the command is about, where this attempt has found it. */
  readonly email?: EmailAddress;
  /** Left out when the outcome is deferred, or when it could not be signed. */
  readonly signedReceipt?: string | undefined;
  /** Some time after it the ledger no longer knows the command; never when it is left out. Until it is opened again. */
  readonly expiresAt?: Date | undefined;
}

/** Every command is opened before HubSpot is called and closed when it has ended; both exactly once, by condition. */
export interface Ledger {
  claim(optOut: OptOut, now: Date): Promise<Claim>;
  /**
   * Closes the command, or gives its lease back when it is deferred. Changes nothing when another attempt has begun or
   * ended it meanwhile. Of a person who was forgotten after it was received, it is closed without the address, and all else
   * that was received of the address until then is forgotten.
   */
  complete(optOut: OptOut, settled: Completion, now: Date): Promise<void>;
  /**
   * Replaces the address by its keyed hash, and takes the contact out, in every entry of an address, or of the addresses
   * that are known for a contact; an open entry, and a command that has none yet, keep them until it is closed. What is left
   * proves what was done, and keeps the same event a duplicate. Gives how many entries that changed; the second time none.
   * Events come in any order and the indexes may lag a moment behind the table, so a contact of whom nothing is found is no
   * error: nothing is known, and nothing is to be forgotten. What was received after `until` is a new matter; now, when that is
   * left out. Rejects when there is no key.
   */
  erase(recipient: Recipient, now: Date, until?: Date): Promise<number>;
  find(id: string): Promise<Entry | undefined>;
}

/** The command of an entry, for the queue; undefined when its address is forgotten. */
export function commandOf(entry: Entry): OptOut | undefined {
  const { id, source, kind, scope, brand, hold, email, contactId, occurredAt, receivedAt, erasedAt } = entry;
  const recipient = contactId === undefined ? { email } : { contactId };
  if (erasedAt !== undefined || (contactId ?? email) === undefined) return undefined;
  return {
    version: 1,
    id,
    ...(recipient as Recipient),
    source,
    kind,
    scope,
    ...(brand === undefined ? {} : { brand }),
    ...(hold === undefined ? {} : { hold }),
    occurredAt,
    receivedAt,
  };
}
