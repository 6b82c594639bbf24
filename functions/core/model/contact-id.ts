import { Unreadable } from './errors.ts';

declare const parsed: unique symbol;

/** The id of a HubSpot contact, safe in a URL path. Only `parseContactId` makes one. */
export type ContactId = string & { readonly [parsed]: true };

/** Parses a contact id, a number or a string of up to 15 digits. Throws Unreadable if it is neither. */
export function parseContactId(value: unknown): ContactId {
  const id = typeof value === 'number' ? String(value) : value;
  if (typeof id !== 'string' || !/^\d{1,15}$/.test(id)) throw new Unreadable('the contact id is not valid');
  return id as ContactId;
}
