/** How one attempt ended. */
export type Outcome =
  /** HubSpot itself said so. `changed`: by this command, as far as HubSpot's answer tells. */
  | {
      readonly kind: 'confirmed';
      readonly evidence: 'response' | 'read-back';
      readonly changed: boolean;
      readonly correlationId?: string;
    }
  /** Already closed in the ledger. */
  | { readonly kind: 'duplicate' }
  /** A newer opt-in exists in HubSpot. */
  | { readonly kind: 'superseded' }
  /** A person must release it. */
  | { readonly kind: 'held'; readonly reason: 'surge-limit' | 'ambiguous' }
  /** The same answer for ever: a person must look. */
  | {
      readonly kind: 'rejected';
      readonly status: number;
      readonly category?: string;
      readonly correlationId?: string;
    }
  /** Worth another try. */
  | {
      readonly kind: 'deferred';
      readonly status?: number;
      readonly category?: string;
      readonly correlationId?: string;
      readonly retryAfterSeconds: number;
    };
