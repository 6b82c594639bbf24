/**
 * Why a command is held. `contact-changed`: the HubSpot contact was merged, or no longer has the property value that caused the
 * event.
 */
export type HoldReason = 'surge-limit' | 'ambiguous' | 'contact-changed';

/** The result of one delivery attempt. */
export type Outcome =
  /** HubSpot confirmed the opt-out. `changed`: HubSpot's response shows that this command made the change. */
  | {
      readonly kind: 'confirmed';
      readonly evidence: 'response' | 'read-back';
      readonly changed: boolean;
      /** The HubSpot business units that confirmed it. Absent for an account without the Brands add-on. */
      readonly businessUnits?: readonly string[];
      /** Ids of the subscription types that the recipient opted into after the opt-out. They were not changed. */
      readonly kept?: readonly string[];
      /** HubSpot could not be checked for a newer opt-in, although the signal is old. */
      readonly unchecked?: true;
      readonly correlationId?: string;
    }
  /** The ledger shows that the command has already ended. */
  | { readonly kind: 'duplicate' }
  /** HubSpot has newer opt-ins, and nothing else is left to unsubscribe. `kept`: ids of their subscription types. */
  | { readonly kind: 'superseded'; readonly kept?: readonly string[] }
  /** Observe mode: nothing was written. `changed`: live mode would have changed HubSpot, which has not recorded it. */
  | {
      readonly kind: 'observed';
      readonly changed: boolean;
      /** The business units that would have been unsubscribed. Absent for an account without the Brands add-on. */
      readonly businessUnits?: readonly string[];
      /** Ids of the subscription types that would have been kept, since the recipient opted into them later. */
      readonly kept?: readonly string[];
      readonly correlationId?: string;
    }
  /** An operator must release it. */
  | { readonly kind: 'held'; readonly reason: HoldReason }
  /** HubSpot rejects the opt-out permanently. An operator must check it. */
  | {
      readonly kind: 'rejected';
      readonly status: number;
      readonly category?: string;
      readonly correlationId?: string;
    }
  /** The command is retried later. */
  | {
      readonly kind: 'deferred';
      readonly status?: number;
      readonly category?: string;
      readonly correlationId?: string;
      readonly retryAfterSeconds: number;
    };
