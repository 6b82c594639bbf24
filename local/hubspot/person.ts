import { type Accepted, oneOf } from './shape.ts';
import { definitionOf, definitionsOf } from './subscriptions.ts';

/** The three documented states of a subscription. */
export const STATUS = oneOf('NOT_SPECIFIED', 'SUBSCRIBED', 'UNSUBSCRIBED');
export type Status = Accepted<typeof STATUS>;

/** Why a status is what it is after a write. */
export type Reason =
  | 'NO_STATUS_CHANGE'
  | 'REQUESTED_CHANGE_OCCURRED'
  | 'RESUBSCRIBE_OCCURRED'
  | 'UNSUBSCRIBE_FROM_ALL_OCCURRED';

/** What an address has said about one subscription type. */
export interface StatusRecord {
  readonly subscriptionId: number;
  readonly status: Status;
  readonly timestamp: string;
  readonly source: string;
  readonly legalBasis?: string | null | undefined;
  readonly legalBasisExplanation?: string | null | undefined;
}

/** What an address has said about everything of one brand; brand 0 is the account as a whole. */
export interface WideRecord {
  readonly businessUnitId: number;
  readonly status: Status;
  readonly timestamp: string;
}

/** All that is known of one address. Opt-outs belong to the address; the contact record is another matter. */
export interface Person {
  /** Trimmed and lower-cased. */
  readonly email: string;
  readonly contact?: { readonly id: string; readonly createdAt: string };
  /** How many unsubscribe-all calls were applied, those that changed nothing included. */
  readonly optOutWrites: number;
  readonly wide: readonly WideRecord[];
  readonly statuses: readonly StatusRecord[];
}

/** A person after a write, and what the write did. */
export interface Change {
  readonly person: Person;
  readonly reason: Reason;
}

export const API_SOURCE = 'Public status API';

/** Opted out of everything: a portal-wide opt-out, not one of a single brand. */
export const isOptedOut = (person: Person, businessUnitId = 0): boolean =>
  person.wide.some((row) => row.businessUnitId === businessUnitId && row.status === 'UNSUBSCRIBED');

/** Opts out of all of a brand (0: of the account). What was so already keeps its time. */
export function optOutOfAll(person: Person, businessUnitId: number, at: string): Change {
  const ids = definitionsOf(businessUnitId).map(({ id }) => Number(id));
  const open = ids.filter((id) => statusOf(person, id) !== 'UNSUBSCRIBED');
  const wideOpen = !isOptedOut(person, businessUnitId);
  const closed = open.map(
    (subscriptionId): StatusRecord => ({ subscriptionId, status: 'UNSUBSCRIBED', timestamp: at, source: API_SOURCE }),
  );
  return {
    person: {
      ...person,
      optOutWrites: person.optOutWrites + 1,
      wide: wideOpen
        ? [...otherWide(person, [businessUnitId]), { businessUnitId, status: 'UNSUBSCRIBED', timestamp: at }]
        : person.wide,
      statuses: [...person.statuses.filter((row) => !open.includes(row.subscriptionId)), ...closed],
    },
    reason: wideOpen || open.length > 0 ? 'UNSUBSCRIBE_FROM_ALL_OCCURRED' : 'NO_STATUS_CHANGE',
  };
}

/**
 * Sets one status. SUBSCRIBED also takes away the wide opt-outs it contradicts: HubSpot does not document whether it does
 * so; a relay that must never undo a newer opt-in is tested harder this way.
 */
export function setStatus(person: Person, next: StatusRecord): Change {
  const before = statusOf(person, next.subscriptionId);
  const brand = definitionOf(next.subscriptionId)?.businessUnitId ?? 0;
  const optsIn = next.status === 'SUBSCRIBED';
  const wasOut = before === 'UNSUBSCRIBED' || isOptedOut(person) || isOptedOut(person, brand);
  if (before === next.status && !(optsIn && wasOut)) return { person, reason: 'NO_STATUS_CHANGE' };
  const statuses = [...person.statuses.filter((row) => row.subscriptionId !== next.subscriptionId), next];
  const wide = optsIn ? otherWide(person, [0, brand]) : person.wide;
  return {
    person: { ...person, statuses, wide },
    reason: optsIn && wasOut ? 'RESUBSCRIBE_OCCURRED' : 'REQUESTED_CHANGE_OCCURRED',
  };
}

/** How an answer names the address, and what it says of the write that led to it. */
export interface Echo {
  readonly subscriberIdString: string;
  readonly reason?: Reason;
}

/** A status as the API shows it. What HubSpot's guide shows as null is null. */
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

/** A wide status as the API shows it. */
export function wideRow({ businessUnitId, status, timestamp }: WideRecord, subscriberIdString: string) {
  const wideStatusType = businessUnitId === 0 ? 'PORTAL_WIDE' : 'BUSINESS_UNIT_WIDE';
  return { businessUnitId, channel: 'EMAIL', status, subscriberIdString, timestamp, wideStatusType };
}

const statusOf = (person: Person, subscriptionId: number): Status =>
  person.statuses.find((row) => row.subscriptionId === subscriptionId)?.status ?? 'NOT_SPECIFIED';

const otherWide = (person: Person, brands: readonly number[]): readonly WideRecord[] =>
  person.wide.filter((row) => !brands.includes(row.businessUnitId));
