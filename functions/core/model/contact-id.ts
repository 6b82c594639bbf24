import { Unreadable } from './errors.ts';

declare const parsed: unique symbol;

/** The id of a contact in HubSpot, which may stand in a URL path. Only `parseContactId` makes one. */
export type ContactId = string & { readonly [parsed]: true };

/** Reads an id as HubSpot writes it, number or text: digits, 15 at most. Throws Unreadable for everything else. */
export function parseContactId(value: unknown): ContactId {
  const id = typeof value === 'number' ? String(value) : value;
  if (typeof id !== 'string' || !/^\d{1,15}$/.test(id)) throw new Unreadable('the contact id is not valid');
  return id as ContactId;
}
