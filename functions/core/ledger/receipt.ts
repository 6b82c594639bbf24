import type { EmailAddress } from '../model/email-address.ts';
import type { OptOut } from '../model/opt-out.ts';
import type { Outcome } from '../model/outcome.ts';
import type { Scope } from '../model/signal.ts';
import type { State } from '../model/state.ts';

/**
 * What was done with one command, to be signed: nobody can change a word of it later without being found out. Times are
 * ISO 8601 UTC. In the ledger it stands as a compact JWS (RFC 7515), `alg: EdDSA`, with the key's id in its header.
 */
export interface Receipt {
  readonly id: string;
  /** HMAC-SHA256 of the address, base64url; absent where the address was never known. */
  readonly addressHash?: string;
  readonly source: string;
  readonly kind: string;
  readonly scope: Scope;
  readonly brand?: string;
  readonly occurredAt: string;
  readonly receivedAt: string;
  readonly closedAt: string;
  readonly outcome: Exclude<State, 'open'>;
  /** Why it is held. */
  readonly reason?: string;
  readonly evidence?: string;
  readonly changed?: boolean;
  /** Of a refusal. */
  readonly status?: number;
  readonly correlationId?: string;
}

/** How a command has ended, for its receipt. */
export interface Ending {
  readonly outcome: Exclude<Outcome, { kind: 'duplicate' | 'deferred' }>;
  readonly email?: EmailAddress | undefined;
  readonly closedAt: Date;
}

/** Signs a receipt. Undefined, and reported, when there is no key: an opt-out is worth more than its receipt. */
export type SignReceipt = (optOut: OptOut, ending: Ending) => Promise<string | undefined>;

/** The words of a receipt, the hash of the address apart. */
export function receiptOf(optOut: OptOut, { outcome, closedAt }: Ending): Omit<Receipt, 'addressHash'> {
  const { id, source, kind, scope, brand, occurredAt, receivedAt } = optOut;
  const { reason, evidence, changed, status, correlationId } = { ...NOTHING, ...outcome };
  const told = { brand, reason, evidence, changed, status, correlationId };
  return {
    ...{ id, source, kind, scope, occurredAt, receivedAt, closedAt: closedAt.toISOString(), outcome: outcome.kind },
    ...Object.fromEntries(Object.entries(told).filter(([, value]) => value !== undefined)),
  };
}

type Facts = Partial<Pick<Receipt, 'reason' | 'evidence' | 'changed' | 'status' | 'correlationId'>>;

const NOTHING: Facts = {};
