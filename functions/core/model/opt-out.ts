import { hash } from 'node:crypto';
import type { ContactId } from './contact-id.ts';
import type { Kind, Recipient, Scope, Signal } from './signal.ts';

/** What the queue carries, and nothing else. */
export type Command = OptOut | Erase;

/** The command that every accepted signal becomes. Times are ISO 8601 UTC. */
export type OptOut = Recipient & {
  readonly version: 1;
  /** Same event in, same id out: base64url SHA-256, 43 characters. */
  readonly id: string;
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
};

/** The command to forget the person who was this contact in HubSpot. */
export interface Erase {
  readonly version: 1;
  readonly erase: ContactId;
  /** Our clock, ISO 8601 UTC. */
  readonly receivedAt: string;
}

export function optOutId(
  source: string,
  { eventKey, email, contactId, kind }: Recipient & Pick<Signal, 'eventKey' | 'kind'>,
): string {
  return hash('sha256', `${source}\n${eventKey}\n${email ?? contactId}\n${kind}`, 'base64url');
}
