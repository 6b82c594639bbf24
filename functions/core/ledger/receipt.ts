import type { EmailAddress } from '../model/email-address.ts';
import type { OptOut } from '../model/opt-out.ts';
import type { Outcome } from '../model/outcome.ts';
import type { Scope } from '../model/signal.ts';
import type { State } from '../model/state.ts';

/**
 * The signed proof of how a command ended; any later change is detectable. Times are ISO 8601 UTC. The ledger stores it
 * as a compact JWS (RFC 7515) with `alg: EdDSA` and the key's id in the header.
 */
export interface Receipt {
  readonly id: string;
  /** HMAC-SHA256 of the address, base64url. Absent for a contact whose address was never found. */
  readonly addressHash?: string;
  readonly source: string;
  readonly kind: string;
  readonly scope: Scope;
  readonly brand?: string;
  readonly occurredAt: string;
  readonly receivedAt: string;
  readonly closedAt: string;
  readonly outcome: Exclude<State, 'open'>;
  /** Why the command is held. */
  readonly reason?: string;
  readonly evidence?: string;
  readonly changed?: boolean;
  /** The HubSpot business units that confirmed it. Absent for an account without the Brands add-on. */
  readonly businessUnits?: readonly string[];
  /** The subscription types that the recipient opted into after the opt-out. They were not changed. */
  readonly kept?: readonly string[];
  /** HubSpot could not be checked for a newer opt-in, although the signal was old. */
  readonly unchecked?: boolean;
  /** HTTP status of HubSpot's rejection. */
  readonly status?: number;
  readonly correlationId?: string;
  /** When an operator reported that a rejected command was dealt with by hand. HubSpot has not confirmed it to the relay. */
  readonly resolvedAt?: string;
  /** What the operator did. */
  readonly note?: string;
}

/** What an operator did about a rejected command, outside the relay. */
export interface Resolution {
  readonly resolvedAt: string;
  readonly note: string;
}

/** How a command ended, for its receipt. */
export interface Ending {
  readonly outcome: Exclude<Outcome, { kind: 'duplicate' | 'deferred' }>;
  readonly email?: EmailAddress | undefined;
  readonly closedAt: Date;
  readonly resolution?: Resolution;
}

/** Signs a receipt. A missing key is reported and returns undefined, so that it never blocks an opt-out. */
export type SignReceipt = (optOut: OptOut, ending: Ending) => Promise<string | undefined>;

/** Builds a receipt, except for the hash of the address. */
export function receiptOf(optOut: OptOut, { outcome, closedAt, resolution }: Ending): Omit<Receipt, 'addressHash'> {
  const { id, source, kind, scope, brand, occurredAt, receivedAt } = optOut;
  const { reason, evidence, changed, businessUnits, kept, unchecked, status, correlationId }: Details = outcome;
  const optional = { brand, reason, evidence, changed, businessUnits, kept, unchecked, status, correlationId };
  return {
    ...{ id, source, kind, scope, occurredAt, receivedAt, closedAt: closedAt.toISOString(), outcome: outcome.kind },
    ...Object.fromEntries(Object.entries(optional).filter(([, value]) => value !== undefined)),
    ...resolution,
  };
}

type Details = Pick<Ending['outcome'], 'kind'> &
  Partial<
    Pick<
      Receipt,
      'reason' | 'evidence' | 'changed' | 'businessUnits' | 'kept' | 'unchecked' | 'status' | 'correlationId'
    >
  >;
