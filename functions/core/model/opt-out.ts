import { hash } from 'node:crypto';
import type { ContactId } from './contact-id.ts';
import type { EmailAddress } from './email-address.ts';
import type { Kind, Recipient, Scope } from './signal.ts';

/** A message on the queue. */
export type Command = OptOut | Erase;

/** The command to opt out a recipient, made from one accepted signal. Times are ISO 8601 UTC. */
export type OptOut = Recipient & {
  readonly version: 1;
  /** See `optOutId`. */
  readonly id: string;
  readonly source: string;
  readonly kind: Kind;
  /** `list` is the id of a HubSpot subscription type: the policy has mapped the sender's list. */
  readonly scope: Scope;
  /** A brand's name in relay.config.ts. If omitted, all brands. */
  readonly brand?: string;
  /** The property of the HubSpot contact that caused it: the contact must still have the value. Only with a contact id. */
  readonly property?: string;
  /** An operator must release it: the event names several recipients and is about one of them. */
  readonly hold?: 'ambiguous';
  /** By the sender's clock. */
  readonly occurredAt: string;
  /** The sender gave no time that can be read, so `occurredAt` is `receivedAt`, and the event may be older. */
  readonly isTimeAssumed?: true;
  /** By the relay's clock. */
  readonly receivedAt: string;
};

/** The command to erase a contact from the ledger after its privacy deletion in HubSpot. */
export interface Erase {
  readonly version: 1;
  readonly erase: ContactId;
  /** By the relay's clock. ISO 8601 UTC. */
  readonly receivedAt: string;
}

/** Derives the id of the command for another address of a command's contact. The same address always has the same id. */
export function additionalOptOutId(id: string, email: EmailAddress): string {
  return hash('sha256', `${id}\n${email}`, 'base64url');
}

/** Derives the id of a command: base64url SHA-256, 43 characters. The same event always has the same id. */
export function optOutId(
  source: string,
  { eventKey, email, contactId, kind }: Recipient & { readonly eventKey: string; readonly kind: Kind },
): string {
  return hash('sha256', `${source}\n${eventKey}\n${email ?? contactId}\n${kind}`, 'base64url');
}
