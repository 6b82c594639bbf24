import * as z from 'zod/mini';
import { InvalidBody, readJson, whole } from './json.ts';
import {
  isOptedOut,
  type Person,
  type StatusRecord,
  setStatus,
  status,
  statusRow,
  type WideRecord,
  wideRow,
} from './person.ts';
import type { Store } from './store.ts';
import { findPerson } from './subscribers.ts';
import { definitionOf, definitionsOf, LARGEST_BRAND } from './subscriptions.ts';

const time = z.string().check(z.refine((value) => !Number.isNaN(Date.parse(value)), 'Invalid input: expected a time'));
const statusChange = z.object({
  /** If omitted, all of the account's. */
  subscriptionId: z.nullish(whole(1)),
  status,
  timestamp: z.nullish(time),
  source: z.nullish(z.string()),
});
const wideChange = z.object({
  status,
  timestamp: z.nullish(time),
  businessUnitId: z.nullish(whole(0, LARGEST_BRAND)),
});
/** The body of a PUT. It may be the body of a GET; fields that cannot be set are ignored. */
const personChange = z.object({
  /** The id of the contact record. If omitted, an unused one. */
  id: z.nullish(z.string()),
  /** Opts the address out of everything, or removes all wide opt-outs. */
  optedOut: z.nullish(z.boolean()),
  statuses: z.nullish(z.array(statusChange)),
  wide: z.nullish(z.array(wideChange)),
});

/** Formats a person for `/_sim/contacts`. Without a contact record there is no `id`. */
export function showPerson(person: Person) {
  const subscriberIdString = person.email;
  return {
    email: person.email,
    ...(person.contact && { id: person.contact.id }),
    optedOut: isOptedOut(person),
    optOutWrites: person.optOutWrites,
    wide: person.wide.map((row) => wideRow(row, subscriberIdString)),
    statuses: person.statuses.map((row) => statusRow(person, row.subscriptionId, { subscriberIdString })),
  };
}

/**
 * Creates or changes a contact. Sets `statuses` one by one, as the API does but with any time. Then replaces the wide statuses
 * by `wide`, or else by `optedOut`; they may be SUBSCRIBED.
 * @throws {InvalidBody}
 * @throws {HubSpotError} with status 400 for an invalid address
 */
export function putPerson(store: Store, email: string, { json, at }: { json: string; at: string }) {
  const { id, optedOut, statuses, wide } = readJson(json, personChange);
  let person = withContact(store, findPerson(store, email), { id: id ?? undefined, at });
  for (const { timestamp, source, ...rest } of (statuses ?? []).flatMap(forEachSubscription)) {
    person = withStatus(person, { ...rest, timestamp: iso(timestamp ?? at), source: source ?? 'Simulator' });
  }
  if (optedOut != null) person = { ...person, wide: optedOut ? [placeWide({ status: 'UNSUBSCRIBED' }, at)] : [] };
  if (wide) person = { ...person, wide: wide.map((row) => placeWide(row, at)) };
  store.save(person);
  return showPerson(person);
}

function placeWide({ businessUnitId, status, timestamp }: z.infer<typeof wideChange>, at: string): WideRecord {
  return { businessUnitId: businessUnitId ?? 0, status, timestamp: iso(timestamp ?? at) };
}

function forEachSubscription(change: z.infer<typeof statusChange>) {
  const ids = change.subscriptionId == null ? definitionsOf(0).map(({ id }) => Number(id)) : [change.subscriptionId];
  return ids.map((subscriptionId) => ({ ...change, subscriptionId }));
}

/** Sets a status as the API does, but always with the given time and source. */
function withStatus(person: Person, next: StatusRecord): Person {
  const { subscriptionId } = next;
  if (definitionOf(subscriptionId) === undefined)
    throw new InvalidBody(`subscription ${subscriptionId} does not exist`);
  const changed = setStatus(person, next).person;
  return { ...changed, statuses: [...changed.statuses.filter((row) => row.subscriptionId !== subscriptionId), next] };
}

function withContact(store: Store, person: Person, change: { id: string | undefined; at: string }): Person {
  const id = change.id ?? person.contact?.id ?? store.freeContactId();
  if (!/^\d{1,15}$/.test(id)) throw new InvalidBody('a contact id must be a string of digits');
  const owner = store.findContact(id);
  if (owner !== undefined && owner.email !== person.email) throw new InvalidBody('another contact has this id');
  return { ...person, contact: { id, createdAt: person.contact?.createdAt ?? change.at } };
}

const iso = (timestamp: string): string => new Date(timestamp).toISOString();
