import { createHash } from 'node:crypto';
import type { EmailAddress } from './email-address.ts';
import type { Kind, Scope, Signal } from './source.ts';

/** The command: what every accepted signal becomes, and the only thing the queue carries. Times are ISO 8601 UTC. */
export interface OptOut {
  readonly version: 1;
  /** Same event in, same id out: base64url SHA-256, 43 characters. */
  readonly id: string;
  readonly email: EmailAddress;
  readonly source: string;
  readonly kind: Kind;
  /** `list` is a HubSpot subscription id here: the sender's own list was mapped by the policy. */
  readonly scope: Scope;
  /** A brand's name in relay.config.ts. */
  readonly brand?: string;
  /** A person must release it: the sender names several people and means one of them. */
  readonly hold?: 'ambiguous';
  /** The sender's clock. */
  readonly occurredAt: string;
  /** Our clock. */
  readonly receivedAt: string;
}

export function optOutId(
  source: string,
  { eventKey, email, kind }: Pick<Signal, 'eventKey' | 'email' | 'kind'>,
): string {
  return createHash('sha256').update(`${source}\n${eventKey}\n${email}\n${kind}`).digest('base64url');
}
