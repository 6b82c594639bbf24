import * as z from 'zod/mini';
import { hasBrands, type Settings } from './settings.ts';
import { subscription, subscriptionIdsOf } from './subscriptions.ts';

/** The documented states of a subscription. */
export const status = z.enum(['NOT_SPECIFIED', 'SUBSCRIBED', 'UNSUBSCRIBED']);
export type Status = z.infer<typeof status>;

/** A wide status covers the whole account, or one brand of an account with the Brands add-on. */
export const wideStatusType = z.enum(['BUSINESS_UNIT_WIDE', 'PORTAL_WIDE']);

/** The result of a write. */
export type Reason =
  | 'NO_STATUS_CHANGE'
  | 'REQUESTED_CHANGE_OCCURRED'
  | 'RESUBSCRIBE_OCCURRED'
  | 'UNSUBSCRIBE_FROM_ALL_OCCURRED';

/** The status of an address for one subscription type. */
export interface StatusRecord {
  readonly subscriptionId: number;
  readonly status: Status;
  readonly timestamp: string;
  readonly source: string;
  readonly legalBasis?: string | null | undefined;
  readonly legalBasisExplanation?: string | null | undefined;
}

/** The status of an address for everything of the account or of one brand. */
export interface WideRecord {
  readonly wideStatusType: z.infer<typeof wideStatusType>;
  /** 0 for the whole account. */
  readonly businessUnitId: number;
  readonly status: Status;
  readonly timestamp: string;
}

/** A contact record. */
export interface Contact {
  readonly id: string;
  readonly createdAt: string;
  /** The ids of contacts that were merged into this one. Reads of them return this contact. */
  readonly mergedIds?: readonly string[] | undefined;
  /** Normalized. */
  readonly additionalEmails?: readonly string[] | undefined;
  /** Replace the simulator's own values. */
  readonly properties?: Readonly<Record<string, string | null>> | undefined;
}

/** One address. Opt-outs belong to the address, not to the contact record. */
export interface Person {
  /** Normalized. */
  readonly email: string;
  readonly contact?: Contact | undefined;
  /** The number of applied unsubscribe-all calls, including those that changed nothing. */
  readonly optOutWrites: number;
  readonly wide: readonly WideRecord[];
  readonly statuses: readonly StatusRecord[];
}

/** A person after a write. */
export interface Change {
  readonly person: Person;
  readonly reason: Reason;
}

export const API_SOURCE = 'Public status API';

/** Returns true if the address is opted out of everything of a brand. */
const isOptedOutOf = (person: Person, brand: number): boolean =>
  person.wide.some((row) => row.status === 'UNSUBSCRIBED' && covers(row, brand));

/** Returns true if the address is opted out of everything of every brand. */
export const isOptedOut = (person: Person, { brands }: Settings): boolean =>
  brands.every((brand) => isOptedOutOf(person, brand));

/** Returns true if a wide status applies to a brand. */
export const covers = (row: WideRecord, brand: number): boolean =>
  row.wideStatusType === 'PORTAL_WIDE' || row.businessUnitId === brand;

/** Opts out of everything of a brand, or of the account if it has no brands. A status that does not change keeps its time. */
export function optOutOfAll(person: Person, to: { brand: number; at: string; settings: Settings }): Change {
  const { brand, at: timestamp } = to;
  const changed = subscriptionIdsOf(brand).filter((id) => statusOf(person, id) !== 'UNSUBSCRIBED');
  const isWideChange = !isOptedOutOf(person, brand);
  const unsubscribed = changed.map(
    (subscriptionId): StatusRecord => ({ subscriptionId, status: 'UNSUBSCRIBED', timestamp, source: API_SOURCE }),
  );
  const wide: WideRecord = { ...wideTarget(brand, to.settings), status: 'UNSUBSCRIBED', timestamp };
  return {
    person: {
      ...person,
      optOutWrites: person.optOutWrites + 1,
      wide: isWideChange ? [...person.wide.filter((row) => !isSameTarget(row, wide)), wide] : person.wide,
      statuses: [...person.statuses.filter((row) => !changed.includes(row.subscriptionId)), ...unsubscribed],
    },
    reason: isWideChange || changed.length > 0 ? 'UNSUBSCRIBE_FROM_ALL_OCCURRED' : 'NO_STATUS_CHANGE',
  };
}

/** Returns the wide status that an unsubscribe-all of a brand sets. */
export function wideTarget(brand: number, settings: Settings): Pick<WideRecord, 'wideStatusType' | 'businessUnitId'> {
  return { businessUnitId: brand, wideStatusType: hasBrands(settings) ? 'BUSINESS_UNIT_WIDE' : 'PORTAL_WIDE' };
}

/**
 * Sets one status. SUBSCRIBED also ends the wide opt-out of its brand. HubSpot does not document this; it makes the simulator
 * the harder test for a relay that must never undo a newer opt-in.
 */
export function setStatus(person: Person, next: StatusRecord, { brands }: Settings): Change {
  const before = statusOf(person, next.subscriptionId);
  const { brand } = subscription(next.subscriptionId);
  const isOptIn = next.status === 'SUBSCRIBED';
  const wasOut = before === 'UNSUBSCRIBED' || isOptedOutOf(person, brand);
  if (before === next.status && !(isOptIn && wasOut)) return { person, reason: 'NO_STATUS_CHANGE' };
  const statuses = [...person.statuses.filter((row) => row.subscriptionId !== next.subscriptionId), next];
  const others = brands.filter((each) => each !== brand);
  const wide = isOptIn
    ? person.wide.flatMap((row) => (covers(row, brand) ? narrowed(row, others) : [row]))
    : person.wide;
  return {
    person: { ...person, statuses, wide },
    reason: isOptIn && wasOut ? 'RESUBSCRIBE_OCCURRED' : 'REQUESTED_CHANGE_OCCURRED',
  };
}

/** The fields of a row that depend on the request. */
export interface Echo {
  readonly subscriberIdString: string;
  readonly reason?: Reason;
}

/** Formats a status as the API does. Fields are null where HubSpot's guide shows null. */
export function statusRow(person: Person, subscriptionId: number, { subscriberIdString, reason }: Echo) {
  const row = person.statuses.find((status) => status.subscriptionId === subscriptionId);
  const { brand, name } = subscription(subscriptionId);
  return {
    businessUnitId: brand,
    channel: 'EMAIL',
    legalBasis: row?.legalBasis ?? null,
    legalBasisExplanation: row?.legalBasisExplanation ?? null,
    setStatusSuccessReason: reason ?? null,
    source: row?.source ?? 'Not specified',
    status: row?.status ?? 'NOT_SPECIFIED',
    subscriberIdString,
    subscriptionId,
    subscriptionName: name ?? '',
    timestamp: row?.timestamp ?? '1970-01-01T00:00:00.000Z',
  };
}

/** Formats a wide status as the API does. */
export function wideRow({ businessUnitId, status, timestamp, wideStatusType }: WideRecord, subscriberIdString: string) {
  return { businessUnitId, channel: 'EMAIL', status, subscriberIdString, timestamp, wideStatusType };
}

/** Returns the status of an address for one subscription type. */
export const statusOf = (person: Person, subscriptionId: number): Status =>
  person.statuses.find((row) => row.subscriptionId === subscriptionId)?.status ?? 'NOT_SPECIFIED';

const isSameTarget = (one: WideRecord, other: WideRecord): boolean =>
  one.wideStatusType === other.wideStatusType && one.businessUnitId === other.businessUnitId;

/** Returns the rest of a wide status without one brand: for a portal-wide one, a status of each other brand. */
const narrowed = (row: WideRecord, others: readonly number[]): readonly WideRecord[] =>
  row.wideStatusType === 'PORTAL_WIDE'
    ? others.map((businessUnitId) => ({ ...row, businessUnitId, wideStatusType: 'BUSINESS_UNIT_WIDE' }))
    : [];
