import type { EmailAddress } from '../model/email-address.ts';
import type { Signal } from '../model/signal.ts';

/** An opt-out that a person made without a provider's event. */
export interface PersonalOptOut {
  readonly email: EmailAddress;
  readonly occurredAt: Date;
  /** Set for a row of a file: the same row is the same opt-out. @default none: every act is a new event */
  readonly eventKey?: string | undefined;
}

/** Builds the signal for a person's opt-out from all email: a form, a button, one-click, a `mailto:`, a row of a file. */
export function personSignal({ email, occurredAt, eventKey }: PersonalOptOut): Signal {
  return { kind: 'opt_out', scope: 'all', email, eventKey, occurredAt, confidence: 'exact' };
}
