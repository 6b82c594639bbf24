import type { ContactId } from './contact-id.ts';
import type { EmailAddress } from './email-address.ts';

export type Kind =
  | 'opt_out'
  | 'complaint'
  | 'hard_bounce'
  | 'soft_bounce'
  | 'suppressed'
  | 'resubscribe'
  | 'test'
  | 'ignored';

/** What an opt-out covers: all marketing email, or one list, group or topic of the sender. */
export type Scope = 'all' | { readonly list: string };

/** The recipient: an email address, or a HubSpot contact id that HubSpot resolves to an address. Exactly one is set. */
export type Recipient =
  | { readonly email: EmailAddress; readonly contactId?: never }
  | { readonly contactId: ContactId; readonly email?: never };

/** A sender's event, in the relay's vocabulary. */
export type Signal = Recipient & {
  readonly kind: Kind;
  readonly scope: Scope;
  /** The property of a HubSpot contact that changed. Only with a contact id. */
  readonly property?: string;
  /**
   * The sender's event id, or a key derived from the event. The same event always has the same key. If undefined, every
   * arrival is a new event: a person's own act is carried out however soon it follows another one.
   */
  readonly eventKey: string | undefined;
  /**
   * The sender gave the state of all lists, not the change: the person may have left this list long ago. It asks for nothing
   * unless the list is mapped to a subscription type.
   */
  readonly isSnapshot?: true;
  /** By the sender's clock. */
  readonly occurredAt: Date;
  /** The sender gives no time that can be read, so `occurredAt` is the time of arrival. */
  readonly isTimeAssumed?: true;
  /** `ambiguous`: the event names several recipients and is about one of them. */
  readonly confidence: 'exact' | 'ambiguous';
};
