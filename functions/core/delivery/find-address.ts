import { kindOfProperty } from '../model/contact-property.ts';
import type { EmailAddress } from '../model/email-address.ts';
import type { OptOut } from '../model/opt-out.ts';
import { is2xx, isUnknownAddress } from './evidence.ts';
import type { ContactResponse, HubSpot } from './hubspot.ts';
import type { Unconfirmed } from './unsubscribe.ts';

export type FoundAddress =
  | { readonly kind: 'found'; readonly email: EmailAddress; readonly additionalEmails: readonly EmailAddress[] }
  /** The contact is not the one that the event was about any longer. */
  | { readonly kind: 'changed' }
  | Unconfirmed;

/** What is known about a command's recipient before HubSpot is asked. */
export interface KnownRecipient {
  readonly stored: OptOut;
  /** The address that an earlier attempt found for the contact. */
  readonly email?: EmailAddress | undefined;
  /** An operator has decided about the command, so a changed contact is accepted. */
  readonly isReopened: boolean;
  /** Counts from 1. */
  readonly attempt: number;
}

/**
 * Finds the address to unsubscribe. A contact keeps the address that an earlier attempt found: by now the contact may
 * have another one, or be deleted.
 */
export async function findAddress(
  { stored, email: knownEmail, isReopened, attempt }: KnownRecipient,
  hubspot: Pick<HubSpot, 'findContact'>,
): Promise<FoundAddress> {
  if (stored.email !== undefined) return { kind: 'found', email: stored.email, additionalEmails: [] };
  if (knownEmail !== undefined) return { kind: 'found', email: knownEmail, additionalEmails: [] };
  const response = await hubspot.findContact(stored.contactId, stored.property);
  return changeOf({ stored, isReopened, attempt }, response) ?? addressIn(response);
}

function addressIn(response: ContactResponse): FoundAddress {
  const { email, additionalEmails = [] } = response;
  if (email) return { kind: 'found', email, additionalEmails };
  const isFinal = isUnknownAddress(response) || (is2xx(response) && response.category === 'NO_ADDRESS');
  return { kind: 'unconfirmed', response, isFinal, isSent: false };
}

/** Returns undefined if the contact is still the one that the event was about. */
function changeOf(
  { stored, isReopened, attempt }: KnownRecipient,
  response: ContactResponse,
): FoundAddress | undefined {
  if (isReopened || !is2xx(response) || response.contactId === undefined) return undefined;
  if (response.contactId !== stored.contactId) return { kind: 'changed' };
  if (hasCause(stored, response)) return undefined;
  if (attempt > 1) return { kind: 'changed' };
  return { kind: 'unconfirmed', response: { ...response, category: 'CONTACT_CHANGED' }, isFinal: false, isSent: false };
}

/**
 * Returns true if the property that caused the event still has a value of the same kind. HubSpot's API may be a moment behind its
 * webhooks, so the first attempt is repeated.
 */
function hasCause({ property, kind }: OptOut, { value = '' }: ContactResponse): boolean {
  return property === undefined || kindOfProperty(property, value) === kind;
}
