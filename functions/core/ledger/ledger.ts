import type { EmailAddress } from '../model/email-address.ts';
import type { OptOut } from '../model/opt-out.ts';
import type { HoldReason, Outcome } from '../model/outcome.ts';
import type { Kind, Recipient, Scope } from '../model/signal.ts';
import type { State } from '../model/state.ts';

/** The result of claiming a command for an attempt. */
export type Claim =
  | {
      /** The attempt may begin. It has the command to itself until the lease ends. */
      readonly kind: 'claimed';
      /** Counts from 1. */
      readonly attempt: number;
      /** When the first attempt began. */
      readonly claimedAt: Date;
      /** The command as it was first received. A sender that retries may send other times. */
      readonly stored: OptOut;
      /** Undefined for a contact until an attempt has found its address. */
      readonly email?: EmailAddress | undefined;
      /** The entry was reopened, or an attempt was deferred after the hold checks. It is not held again. */
      readonly isReleased?: boolean;
      /** The entry was reopened by an operator or by the drift check. */
      readonly isReopened: boolean;
      /** An earlier attempt may have sent a write that HubSpot has not answered. Also true if it was interrupted. */
      readonly wasSent: boolean;
    }
  /** Another attempt has the lease; it may have been interrupted. */
  | { readonly kind: 'leased'; readonly retryAfterSeconds: number }
  | { readonly kind: 'closed' };

/** The progress of a command. Times are ISO 8601 UTC. */
export interface Progress {
  readonly id: string;
  readonly state: State;
  readonly receivedAt: string;
  readonly claimedAt: string;
  readonly closedAt?: string;
  readonly attempts: number;
}

/** What the public may know of an entry, with the id in its hands. */
export type PublicStatus = Pick<Progress, 'state' | 'closedAt'>;

/** Everything the ledger stores about a command. Times are ISO 8601 UTC. */
export interface Entry extends Progress {
  readonly source: string;
  readonly kind: Kind;
  readonly scope: Scope;
  readonly brand?: string;
  /** The address, or its keyed hash once it is erased. Absent for a contact whose address was never found. */
  readonly email?: string;
  readonly contactId?: string;
  /** The property of the HubSpot contact that caused the event. */
  readonly property?: string;
  /** The command must be released by an operator before its first attempt. */
  readonly hold?: 'ambiguous';
  readonly occurredAt: string;
  /** See `OptOut`. */
  readonly isTimeAssumed?: true;
  /** Why the entry is held. */
  readonly reason?: HoldReason;
  readonly evidence?: string;
  readonly changed?: boolean;
  /** The HubSpot business units that confirmed the opt-out. Absent for an account without the Brands add-on. */
  readonly businessUnits?: readonly string[];
  /** The subscription types that the recipient opted into after the opt-out. They were not changed. */
  readonly kept?: readonly string[];
  /** HubSpot could not be checked for a newer opt-in, although the signal was old. */
  readonly unchecked?: true;
  /** The status of HubSpot's last response. */
  readonly lastStatus?: number;
  readonly lastCategory?: string;
  readonly correlationId?: string;
  /** While the entry is open: when the queue delivers the command again at the latest, in epoch milliseconds. */
  readonly dueAt?: number;
  /** When an operator or the drift check last reopened the entry. */
  readonly reopenedAt?: string;
  /** When an operator discarded the held entry. */
  readonly discardedAt?: string;
  /** When an operator reported that the rejected command was dealt with by hand, and what was done. */
  readonly resolvedAt?: string;
  readonly note?: string;
  /** When the drift check found that the recipient had opted in again after the confirmation. */
  readonly optedInAt?: string;
  /** Compact JWS; see core/ledger/receipt.ts. */
  readonly signedReceipt?: string;
  /** When the address was replaced by its hash and the contact id was removed. */
  readonly erasedAt?: string;
}

/** The end of a claimed attempt. */
export interface Completion {
  readonly attempt: number;
  readonly outcome: Exclude<Outcome, { kind: 'duplicate' }>;
  /** The address of the contact, if it is known. */
  readonly email?: EmailAddress | undefined;
  /** A write was sent that HubSpot may have applied without confirming it: the next attempt asks before it writes. */
  readonly isSent?: boolean | undefined;
  /** Omitted if the outcome is deferred, or if the receipt could not be signed. */
  readonly signedReceipt?: string | undefined;
  /** When the entry may be deleted. If omitted, never. Reopening the entry removes it. */
  readonly expiresAt?: Date | undefined;
  /**
   * Set if the recipient was erased after the command was received: the entry is closed without the address and the
   * contact id, and every other entry of the address that was received up to this time is erased too.
   */
  readonly erasedUntil?: Date | undefined;
}

/** Records each command. An attempt is claimed before it calls HubSpot and completed afterwards. */
export interface Ledger {
  claim(optOut: OptOut, now: Date): Promise<Claim>;
  /** Returns when any of these recipients was last erased. Undefined if never, or if the hash key is missing. */
  erasedUntil(recipients: readonly Recipient[]): Promise<Date | undefined>;
  /**
   * Closes the entry, or releases the lease of a deferred one. Changes nothing if another attempt has claimed or closed
   * it. An entry that `erase` has marked is closed as if `erasedUntil` were `now`.
   */
  complete(optOut: OptOut, completion: Completion, now: Date): Promise<void>;
  /**
   * Erases a recipient (GDPR Art. 17): replaces the address by its keyed hash and removes the contact id in every
   * closed entry of the address, or of all addresses known for the contact. Open entries are marked and erased when
   * they are closed; for commands still on the queue, see `erasedUntil`. The rest of the entry stays as proof and keeps
   * the event a duplicate.
   *
   * Covers only commands received up to `until`. Returns how many entries changed; 0 if the recipient is unknown.
   * @default until now
   * @throws {Misconfigured} if the hash key is missing.
   */
  erase(recipient: Recipient, now: Date, until?: Date): Promise<number>;
  find(id: string): Promise<Entry | undefined>;
}

/** Returns the address of an entry, or undefined if it is erased or was never found. */
export function emailOf({ email, erasedAt }: Entry): EmailAddress | undefined {
  return erasedAt === undefined ? (email as EmailAddress | undefined) : undefined;
}

/** Rebuilds the command of an entry for the queue, or returns undefined if the recipient is erased. */
export function commandOf(entry: Entry): OptOut | undefined {
  const { id, source, kind, scope, brand, property, hold, email, contactId, erasedAt } = entry;
  const { occurredAt, receivedAt, isTimeAssumed } = entry;
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
    ...(property === undefined ? {} : { property }),
    ...(hold === undefined ? {} : { hold }),
    occurredAt,
    receivedAt,
    ...(isTimeAssumed ? { isTimeAssumed } : {}),
  };
}
