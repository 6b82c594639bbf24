import * as z from 'zod/mini';
import { definitionOf, definitionsOf } from './subscriptions.ts';

/** The documented states of a subscription. */
export const status = z.enum(['NOT_SPECIFIED', 'SUBSCRIBED', 'UNSUBSCRIBED']);
export type Status = z.infer<typeof status>;

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

/** The status of an address for everything of one brand; brand 0 is the whole account. */
export interface WideRecord {
  readonly businessUnitId: number;
  readonly status: Status;
  readonly timestamp: string;
}

/** One address. Opt-outs belong to the address, not to the contact record. */
export interface Person {
  /** Trimmed and lower-cased. */
  readonly email: string;
  readonly contact?: { readonly id: string; readonly createdAt: string };
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

/** Returns true if the address is opted out of everything of a brand, by default of the whole account. */
export const isOptedOut = (person: Person, businessUnitId = 0): boolean =>
  person.wide.some((row) => row.businessUnitId === businessUnitId && row.status === 'UNSUBSCRIBED');

/** Opts out of everything of a brand; 0 is the account. A status that does not change keeps its time. */
export function optOutOfAll(person: Person, businessUnitId: number, at: string): Change {
  const ids = definitionsOf(businessUnitId).map(({ id }) => Number(id));
  const subscribed = ids.filter((id) => statusOf(person, id) !== 'UNSUBSCRIBED');
  const isWideChange = !isOptedOut(person, businessUnitId);
  const unsubscribed = subscribed.map(
    (subscriptionId): StatusRecord => ({ subscriptionId, status: 'UNSUBSCRIBED', timestamp: at, source: API_SOURCE }),
  );
  return {
    person: {
      ...person,
      optOutWrites: person.optOutWrites + 1,
      wide: isWideChange
        ? [...otherWide(person, [businessUnitId]), { businessUnitId, status: 'UNSUBSCRIBED', timestamp: at }]
        : person.wide,
      statuses: [...person.statuses.filter((row) => !subscribed.includes(row.subscriptionId)), ...unsubscribed],
    },
    reason: isWideChange || subscribed.length > 0 ? 'UNSUBSCRIBE_FROM_ALL_OCCURRED' : 'NO_STATUS_CHANGE',
  };
}

/**
 * Sets one status. SUBSCRIBED also removes the wide opt-outs that contradict it. HubSpot does not document this; it makes the
 * simulator the harder test for a relay that must never undo a newer opt-in.
 */
export function setStatus(person: Person, next: StatusRecord): Change {
  const before = statusOf(person, next.subscriptionId);
  const brand = definitionOf(next.subscriptionId)?.businessUnitId ?? 0;
  const isOptIn = next.status === 'SUBSCRIBED';
  const wasOut = before === 'UNSUBSCRIBED' || isOptedOut(person) || isOptedOut(person, brand);
  if (before === next.status && !(isOptIn && wasOut)) return { person, reason: 'NO_STATUS_CHANGE' };
  const statuses = [...person.statuses.filter((row) => row.subscriptionId !== next.subscriptionId), next];
  const wide = isOptIn ? otherWide(person, [0, brand]) : person.wide;
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
  const definition = definitionOf(subscriptionId);
  return {
    businessUnitId: definition?.businessUnitId ?? 0,
    channel: 'EMAIL',
    legalBasis: row?.legalBasis ?? null,
    legalBasisExplanation: row?.legalBasisExplanation ?? null,
    setStatusSuccessReason: reason ?? null,
    source: row?.source ?? 'Not specified',
    status: row?.status ?? 'NOT_SPECIFIED',
    subscriberIdString,
    subscriptionId,
    subscriptionName: definition?.name ?? '',
    timestamp: row?.timestamp ?? '1970-01-01T00:00:00.000Z',
  };
}

/** Formats a wide status as the API does. */
export function wideRow({ businessUnitId, status, timestamp }: WideRecord, subscriberIdString: string) {
  const wideStatusType = businessUnitId === 0 ? 'PORTAL_WIDE' : 'BUSINESS_UNIT_WIDE';
  return { businessUnitId, channel: 'EMAIL', status, subscriberIdString, timestamp, wideStatusType };
}

const statusOf = (person: Person, subscriptionId: number): Status =>
  person.statuses.find((row) => row.subscriptionId === subscriptionId)?.status ?? 'NOT_SPECIFIED';

const otherWide = (person: Person, brands: readonly number[]): readonly WideRecord[] =>
  person.wide.filter((row) => !brands.includes(row.businessUnitId));
