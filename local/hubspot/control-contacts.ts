import {
  isOptedOut,
  type Person,
  STATUS,
  type StatusRecord,
  setStatus,
  statusRow,
  type WideRecord,
  wideRow,
} from './person.ts';
import { type Accepted, flag, listOf, objectOf, optional, readJson, text, time, WrongShape, whole } from './shape.ts';
import type { Store } from './store.ts';
import { known } from './subscribers.ts';
import { definitionOf, definitionsOf, LARGEST_BRAND } from './subscriptions.ts';

const SUBSCRIPTION = whole(1);
const WISHED_STATUS = objectOf(
  {
    /** Absent: all of the account's. */
    subscriptionId: optional(SUBSCRIPTION),
    status: STATUS,
    timestamp: optional(time),
    source: optional(text),
  },
  'ignored',
);
const WISHED_WIDE = objectOf(
  { status: STATUS, timestamp: optional(time), businessUnitId: optional(whole(0, LARGEST_BRAND)) },
  'ignored',
);
/** What a GET shows can be PUT as it is; the fields that are only shown are ignored. */
const WISHES = objectOf(
  {
    /** Of the contact record; a free one when absent. */
    id: optional(text),
    /** Whether the address is opted out of everything, from now on. */
    optedOut: optional(flag),
    statuses: optional(listOf(WISHED_STATUS)),
    wide: optional(listOf(WISHED_WIDE)),
  },
  'ignored',
);

/** A person as `/_sim/contacts` shows one; `id` is there when there is a contact record. */
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
 * Makes a contact of an address. `statuses` are set one by one, as by the API but at any time; `wide`, or else
 * `optedOut`, then replaces the wide statuses as they are, even by one that says SUBSCRIBED. Throws WrongShape, or HubSpot's 400.
 */
export function putPerson(store: Store, email: string, { json, at }: { json: string; at: string }) {
  const { id, optedOut, statuses, wide } = readJson(json, WISHES);
  let person = withContact(store, known(store, email), { id: id ?? undefined, at });
  for (const wished of (statuses ?? []).flatMap(forEachSubscription)) {
    const { status, timestamp, source } = wished;
    const { subscriptionId } = wished;
    person = withStatus(person, {
      subscriptionId,
      status,
      timestamp: iso(timestamp ?? at),
      source: source ?? 'Simulator',
    });
  }
  if (optedOut != null) person = { ...person, wide: optedOut ? [placeWide({ status: 'UNSUBSCRIBED' }, at)] : [] };
  if (wide) person = { ...person, wide: wide.map((row) => placeWide(row, at)) };
  store.save(person);
  return showPerson(person);
}

function placeWide(
  { businessUnitId, status, timestamp }: Partial<Accepted<typeof WISHED_WIDE>> & Pick<WideRecord, 'status'>,
  at: string,
): WideRecord {
  return { businessUnitId: businessUnitId ?? 0, status, timestamp: iso(timestamp ?? at) };
}

function forEachSubscription(wished: Accepted<typeof WISHED_STATUS>) {
  const ids = wished.subscriptionId == null ? definitionsOf(0).map(({ id }) => Number(id)) : [wished.subscriptionId];
  return ids.map((subscriptionId) => ({ ...wished, subscriptionId }));
}

/** As the API would set it, but with the time and source that were asked for even where nothing changes. */
function withStatus(person: Person, next: StatusRecord): Person {
  const { subscriptionId } = next;
  if (definitionOf(subscriptionId) === undefined) throw new WrongShape(`there is no subscription ${subscriptionId}`);
  const changed = setStatus(person, next).person;
  return { ...changed, statuses: [...changed.statuses.filter((row) => row.subscriptionId !== subscriptionId), next] };
}

function withContact(store: Store, person: Person, wished: { id: string | undefined; at: string }): Person {
  const id = wished.id ?? person.contact?.id ?? store.freeContactId();
  if (!/^\d{1,15}$/.test(id)) throw new WrongShape('the id of a contact must be a string of digits');
  const owner = store.findContact(id);
  if (owner !== undefined && owner.email !== person.email) throw new WrongShape('this id is that of another contact');
  return { ...person, contact: { id, createdAt: person.contact?.createdAt ?? wished.at } };
}

const iso = (given: string): string => new Date(given).toISOString();
