import type { EmailAddress } from '../model/email-address.ts';
import type { Signal } from '../model/signal.ts';

/** What identifies an opt-out that a person made without a provider's event. */
export interface PersonalOptOut {
  readonly email: EmailAddress;
  readonly brand?: string | undefined;
  readonly occurredAt: Date;
  /** @default recipient, brand and minute: a double click is one opt-out, and a later click is a new one. */
  readonly eventKey?: string | undefined;
}

/** Builds the signal for a person's opt-out from all email: a form, a button, one-click, a `mailto:`, a row of a file. */
export function personSignal(optOut: PersonalOptOut): Signal {
  const { email, occurredAt, eventKey = actKey(optOut) } = optOut;
  return { kind: 'opt_out', scope: 'all', email, eventKey, occurredAt, confidence: 'exact' };
}

/** A later opt-out needs a key of its own, since the recipient may have opted in again in between. */
function actKey({ email, brand = '', occurredAt }: PersonalOptOut): string {
  return `${email} ${brand} ${occurredAt.toISOString().slice(0, 'yyyy-mm-ddThh:mm'.length)}`;
}
