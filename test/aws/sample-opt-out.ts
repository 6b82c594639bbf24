import { parseContactId } from '../../functions/core/model/contact-id.ts';
import type { EmailAddress } from '../../functions/core/model/email-address.ts';
import { parseEmailAddress } from '../../functions/core/model/email-address.ts';
import type { Erase, OptOut } from '../../functions/core/model/opt-out.ts';
import { optOutId } from '../../functions/core/model/opt-out.ts';

export const EMAIL = parseEmailAddress('ann@example.com');
export const CONTACT = parseContactId('4711');
export const RECEIVED_AT = '2026-11-23T09:59:30.000Z';

type OfAddress = Extract<OptOut, { readonly email: EmailAddress }>;

/** Returns a command. A different `eventKey` makes a different command. */
export function sampleOptOut(eventKey = 'event-1', given: Partial<OfAddress> = {}): OfAddress {
  return {
    version: 1,
    id: optOutId('sendgrid', { eventKey, email: EMAIL, kind: 'opt_out' }),
    email: EMAIL,
    source: 'sendgrid',
    kind: 'opt_out',
    scope: 'all',
    occurredAt: '2026-11-23T09:59:00.000Z',
    receivedAt: RECEIVED_AT,
    ...given,
  };
}

/** Returns a command for a HubSpot contact. */
export function sampleContactOptOut(eventKey = 'event-1', contactId = CONTACT): OptOut {
  const { email: _email, ...command } = sampleOptOut(eventKey);
  const id = optOutId('hubspot', { eventKey, contactId, kind: 'opt_out' });
  return { ...command, id, source: 'hubspot', contactId };
}

/** Returns the command to erase a contact. */
export function sampleErase(erase = CONTACT): Erase {
  return { version: 1, erase, receivedAt: RECEIVED_AT };
}
