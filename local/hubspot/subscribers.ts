import { invalid } from './errors.ts';
import {
  API_SOURCE,
  optOutOfAll,
  type Person,
  STATUS,
  type StatusRecord,
  setStatus,
  statusRow,
  type WideRecord,
} from './person.ts';
import { type Answer, type Call, ok } from './portal.ts';
import { oneOf, optional, text, whole } from './shape.ts';
import type { Store } from './store.ts';
import { definitionOf, definitionsOf, LARGEST_BRAND } from './subscriptions.ts';

const LEGAL_BASES = [
  'CONSENT_WITH_NOTICE',
  'LEGITIMATE_INTEREST_CLIENT',
  'LEGITIMATE_INTEREST_OTHER',
  'LEGITIMATE_INTEREST_PQL',
  'NON_GDPR',
  'PERFORMANCE_OF_CONTRACT',
  'PROCESS_AND_STORE',
] as const;

/** The body that sets one status. It says `statusState` where answers say `status`. */
export const STATUS_REQUEST = {
  channel: oneOf('EMAIL'),
  statusState: STATUS,
  subscriptionId: whole(),
  legalBasis: optional(oneOf(...LEGAL_BASES)),
  legalBasisExplanation: optional(text),
};

/** The envelope of nearly every answer. */
export function complete(
  call: Call,
  results: readonly unknown[],
  more: Readonly<Record<string, unknown>> = {},
): Answer {
  const times = { requestedAt: call.at, startedAt: call.at, completedAt: new Date().toISOString() };
  return ok({ status: 'COMPLETE', results, ...times, ...more });
}

/** The brand a call names. `channel` must be there too. Throws the 400 for either. */
export function brandOf({ query }: Call): number | undefined {
  const channel = query.get('channel');
  if (channel === null) throw invalid('query param channel may not be null');
  if (channel !== 'EMAIL') throw invalid('query param channel must be EMAIL');
  return numberOf(query, 'businessUnitId');
}

/** The person behind an address. Throws the 400 for what is no address; like HubSpot's messages, it repeats it. */
export function known(store: Store, subscriberIdString: string): Person {
  const person = store.find(subscriberIdString);
  if (person.email.length <= 254 && /^[^\s@\p{Cc}]+@[^\s@\p{Cc}]+\.[^\s@\p{Cc}]+$/u.test(person.email)) return person;
  throw invalid(`Email address ${subscriberIdString} is invalid`);
}

/** Opts an address out of all, and shows its statuses after that. */
export function optOut(store: Store, subscriberIdString: string, { brand, at }: { brand: number; at: string }) {
  const { person, reason } = optOutOfAll(known(store, subscriberIdString), brand, at);
  store.save(person);
  return statusRows(person, brand, { subscriberIdString, reason });
}

/** Applies a request for one status, and shows what came of it. */
export function changeStatus(
  store: Store,
  request: Omit<StatusRecord, 'status' | 'timestamp' | 'source'> & {
    readonly statusState: StatusRecord['status'];
    readonly subscriberIdString: string;
  },
  timestamp: string,
) {
  const { subscriberIdString, statusState, subscriptionId, legalBasis, legalBasisExplanation } = request;
  requireSubscription(subscriptionId);
  const said = { subscriptionId, status: statusState, legalBasis, legalBasisExplanation };
  const next = { ...said, timestamp, source: API_SOURCE };
  const { person, reason } = setStatus(known(store, subscriberIdString), next);
  store.save(person);
  return statusRow(person, subscriptionId, { subscriberIdString, reason });
}

/** The statuses of all types of a brand. */
export const statusRows = (person: Person, brand: number, echo: Parameters<typeof statusRow>[2]) =>
  definitionsOf(brand).map(({ id }) => statusRow(person, Number(id), echo));

/** The wide statuses that bear on a brand: its own and the portal's. All of them when no brand is named. */
export const wideRowsFor = (person: Person, brand: number | undefined): readonly WideRecord[] =>
  person.wide.filter(({ businessUnitId }) => brand === undefined || [0, brand].includes(businessUnitId));

/** Throws the 400 for a subscription type that is not there. */
export function requireSubscription(subscriptionId: number): void {
  if (definitionOf(subscriptionId) === undefined) throw invalid(`Subscription ${subscriptionId} does not exist`);
}

/** A whole number in the query. Throws the 400, for an empty one too. */
export function numberOf(query: URLSearchParams, name: string): number | undefined {
  const value = query.get(name);
  if (value === null) return undefined;
  if (!/^\d{1,15}$/.test(value) || Number(value) > LARGEST_BRAND) throw invalid(`query param ${name} is not a number`);
  return Number(value);
}
