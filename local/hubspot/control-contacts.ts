import * as z from 'zod/mini';
import { InvalidBody, readJson, whole } from './json.ts';
import {
  type Contact,
  isOptedOut,
  type Person,
  type StatusRecord,
  setStatus,
  status,
  statusRow,
  type WideRecord,
  wideRow,
  wideStatusType,
  wideTarget,
} from './person.ts';
import type { Portal } from './portal.ts';
import { requireKnownBrand, type Settings } from './settings.ts';
import { findPerson, isSubscription } from './subscribers.ts';
import { LARGEST_BRAND, subscriptionIdsOf } from './subscriptions.ts';

const time = z.string().check(z.refine((value) => !Number.isNaN(Date.parse(value)), 'Invalid input: expected a time'));
const contactId = z.string().check(z.regex(/^\d{1,15}$/, 'a contact id must be a string of digits'));
const statusChange = z.object({
  /** If omitted, all of every brand. */
  subscriptionId: z.nullish(whole(1)),
  status,
  timestamp: z.nullish(time),
  source: z.nullish(z.string()),
});
const wideChange = z.object({
  status,
  timestamp: z.nullish(time),
  /** If omitted, the status is portal-wide. */
  businessUnitId: z.nullish(whole(0, LARGEST_BRAND)),
  wideStatusType: z.nullish(wideStatusType),
});
/** The body of a PUT. It may be the body of a GET; fields that cannot be set are ignored. */
const personChange = z.object({
  /** The id of the contact record. If omitted, an unused one. */
  id: z.nullish(contactId),
  /** Merges these contacts into this one. Their addresses become additional addresses of this contact. */
  mergedIds: z.nullish(z.array(contactId)),
  additionalEmails: z.nullish(z.array(z.string())),
  /** Replace the simulator's own values in reads of the contact. */
  properties: z.nullish(z.record(z.string(), z.nullable(z.string()))),
  /** Opts the address out of everything of every brand, or removes all wide opt-outs. */
  optedOut: z.nullish(z.boolean()),
  statuses: z.nullish(z.array(statusChange)),
  wide: z.nullish(z.array(wideChange)),
});
type PersonChange = z.infer<typeof personChange>;

/** Formats a person for `/_sim/contacts`. Without a contact record there is no `id`. */
export function showPerson(person: Person, settings: Settings) {
  const subscriberIdString = person.email;
  const { createdAt: _, ...contact } = person.contact ?? {};
  return {
    email: person.email,
    ...contact,
    optedOut: isOptedOut(person, settings),
    optOutWrites: person.optOutWrites,
    wide: person.wide.map((row) => wideRow(row, subscriberIdString)),
    statuses: person.statuses.map((row) => statusRow(person, row.subscriptionId, { subscriberIdString })),
  };
}

/**
 * Creates or changes a contact. Sets `statuses` one by one, as the API does but with any time. Then replaces the wide statuses
 * by `wide`, or else by `optedOut`; they may be SUBSCRIBED. Reads show the result at once.
 * @throws {InvalidBody}
 * @throws {HubSpotError} with status 400 for an invalid address
 */
export function putPerson(portal: Portal, email: string, { json, at }: { json: string; at: string }) {
  const { store, settings, lag } = portal;
  const change = readJson(json, personChange);
  const before = findPerson(portal, email);
  const merged = contactsToMerge(portal, before, change.mergedIds ?? []);
  const contact = changedContact(portal, before, { change, merged, at });
  const person = withStatuses({ ...before, contact }, { change, at, settings });
  for (const other of merged) store.saveContact({ ...other, contact: undefined });
  store.saveContact(person);
  lag.catchUp(person.email);
  return showPerson(person, settings);
}

function contactsToMerge({ store }: Portal, { email }: Person, ids: readonly string[]): readonly Person[] {
  const owners = ids.flatMap((id) => store.findContact(id) ?? []).filter((owner) => owner.email !== email);
  return [...new Map(owners.map((owner) => [owner.email, owner])).values()];
}

/** Returns the contact record with the changes and with the ids and addresses of the merged contacts. */
function changedContact(
  portal: Portal,
  person: Person,
  { change, merged, at }: { change: PersonChange; merged: readonly Person[]; at: string },
): Contact {
  const { email, contact } = person;
  const id = change.id ?? contact?.id ?? portal.store.freeContactId();
  const mergedIds = change.mergedIds ?? contact?.mergedIds ?? [];
  const additional = change.additionalEmails ?? contact?.additionalEmails ?? [];
  const addresses = additional.map((each) => findPerson(portal, each).email);
  const changed = {
    id,
    createdAt: contact?.createdAt ?? at,
    mergedIds: without(id, [...mergedIds, ...merged.flatMap(idsOf)]),
    additionalEmails: without(email, [...addresses, ...merged.flatMap(addressesOf)]),
    properties: change.properties ?? contact?.properties,
  };
  requireUnused(portal, [{ ...person, contact: changed }, ...merged]);
  return changed;
}
/** Throws if a contact of somebody else has one of the first person's ids or addresses. */
function requireUnused({ store }: Portal, people: readonly [Person, ...Person[]]): void {
  const emails = people.map(({ email }) => email);
  for (const key of [...idsOf(people[0]), ...addressesOf(people[0])]) {
    const owner = store.findContact(key);
    if (owner !== undefined && !emails.includes(owner.email)) {
      throw new InvalidBody(`another contact has ${key.includes('@') ? 'one of these addresses' : `the id ${key}`}`);
    }
  }
}

const idsOf = ({ contact }: Person): readonly string[] =>
  contact === undefined ? [] : [contact.id, ...(contact.mergedIds ?? [])];
const addressesOf = ({ email, contact }: Person): readonly string[] => [email, ...(contact?.additionalEmails ?? [])];
const without = (own: string, all: readonly string[]): readonly string[] =>
  [...new Set(all)].filter((each) => each !== own);

function withStatuses(
  before: Person,
  { change, at, settings }: { change: PersonChange; at: string; settings: Settings },
): Person {
  const { statuses, optedOut, wide } = change;
  let person = before;
  for (const { timestamp, source, ...rest } of (statuses ?? []).flatMap((row) => forEachSubscription(row, settings))) {
    const next = { ...rest, timestamp: iso(timestamp ?? at), source: source ?? 'Simulator' };
    person = withStatus(person, next, settings);
  }
  const all = optedOut === true ? [{ status: 'UNSUBSCRIBED' as const }] : optedOut === false ? [] : undefined;
  const rows = wide ?? all;
  return rows === undefined ? person : { ...person, wide: rows.map((row) => placeWide(row, { at, settings })) };
}

function placeWide(row: z.infer<typeof wideChange>, { at, settings }: { at: string; settings: Settings }): WideRecord {
  const brand = row.businessUnitId ?? 0;
  requireKnownBrand(settings, brand);
  const usual = row.businessUnitId == null ? 'PORTAL_WIDE' : wideTarget(brand, settings).wideStatusType;
  const type = row.wideStatusType ?? usual;
  if (type === 'PORTAL_WIDE' && brand !== 0) throw new InvalidBody('a portal-wide status has no brand');
  return { businessUnitId: brand, wideStatusType: type, status: row.status, timestamp: iso(row.timestamp ?? at) };
}

function forEachSubscription(change: z.infer<typeof statusChange>, { brands }: Settings) {
  const ids = change.subscriptionId == null ? brands.flatMap(subscriptionIdsOf) : [change.subscriptionId];
  return ids.map((subscriptionId) => ({ ...change, subscriptionId }));
}

/** Sets a status as the API does, but always with the given time and source. */
function withStatus(person: Person, next: StatusRecord, settings: Settings): Person {
  const { subscriptionId } = next;
  if (!isSubscription(subscriptionId, settings)) {
    throw new InvalidBody(`subscription ${subscriptionId} does not exist`);
  }
  const changed = setStatus(person, next, settings).person;
  return { ...changed, statuses: [...changed.statuses.filter((row) => row.subscriptionId !== subscriptionId), next] };
}

const iso = (timestamp: string): string => new Date(timestamp).toISOString();
