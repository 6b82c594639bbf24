/** The result of one delivery attempt. */
export type Outcome =
  /** HubSpot confirmed the opt-out. `changed`: HubSpot's response shows that this command made the change. */
  | {
      readonly kind: 'confirmed';
      readonly evidence: 'response' | 'read-back';
      readonly changed: boolean;
      readonly correlationId?: string;
    }
  /** The ledger shows that the command has already ended. */
  | { readonly kind: 'duplicate' }
  /** HubSpot has a newer opt-in. */
  | { readonly kind: 'superseded' }
  /** An operator must release it. */
  | { readonly kind: 'held'; readonly reason: 'surge-limit' | 'ambiguous' }
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
