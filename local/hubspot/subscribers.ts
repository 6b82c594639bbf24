import * as z from 'zod/mini';
import { invalid } from './errors.ts';
import { type ApiCall, type ApiResponse, ok } from './http.ts';
import { whole } from './json.ts';
import {
  API_SOURCE,
  optOutOfAll,
  type Person,
  type StatusRecord,
  setStatus,
  status,
  statusRow,
  type WideRecord,
} from './person.ts';
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

/** The fields of a request that sets one status. Responses have `status` instead of `statusState`. */
export const STATUS_REQUEST = {
  channel: z.literal('EMAIL'),
  statusState: status,
  subscriptionId: whole(),
  legalBasis: z.nullish(z.enum(LEGAL_BASES)),
  legalBasisExplanation: z.nullish(z.string()),
};

/** Returns a response with the envelope of nearly every endpoint. */
export function complete(
  call: ApiCall,
  results: readonly unknown[],
  more: Readonly<Record<string, unknown>> = {},
): ApiResponse {
  const times = { requestedAt: call.at, startedAt: call.at, completedAt: new Date().toISOString() };
  return ok({ status: 'COMPLETE', results, ...times, ...more });
}

/** Returns the brand in the query. Throws a 400 if the brand or `channel` is not valid. */
export function brandOf({ query }: ApiCall): number | undefined {
  const channel = query.get('channel');
  if (channel === null) throw invalid('query param channel may not be null');
  if (channel !== 'EMAIL') throw invalid('query param channel must be EMAIL');
  return numberOf(query, 'businessUnitId');
}

/** Returns the person with an address. Throws a 400 that repeats an invalid address, as HubSpot's does. */
export function findPerson(store: Store, subscriberIdString: string): Person {
  const person = store.find(subscriberIdString);
  if (person.email.length <= 254 && /^[^\s@\p{Cc}]+@[^\s@\p{Cc}]+\.[^\s@\p{Cc}]+$/u.test(person.email)) return person;
  throw invalid(`Email address ${subscriberIdString} is invalid`);
}

/** Opts an address out of everything and returns its statuses. */
export function optOut(store: Store, subscriberIdString: string, { brand, at }: { brand: number; at: string }) {
  const { person, reason } = optOutOfAll(findPerson(store, subscriberIdString), brand, at);
  store.save(person);
  return statusRows(person, brand, { subscriberIdString, reason });
}

/** Sets one status and returns it. */
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
  const requested = { subscriptionId, status: statusState, legalBasis, legalBasisExplanation };
  const next = { ...requested, timestamp, source: API_SOURCE };
  const { person, reason } = setStatus(findPerson(store, subscriberIdString), next);
  store.save(person);
  return statusRow(person, subscriptionId, { subscriberIdString, reason });
}

/** Returns the statuses of all subscription types of a brand. */
export const statusRows = (person: Person, brand: number, echo: Parameters<typeof statusRow>[2]) =>
  definitionsOf(brand).map(({ id }) => statusRow(person, Number(id), echo));

/** Returns the wide statuses that apply to a brand: its own and the portal's. Returns all without a brand. */
export const wideRowsFor = (person: Person, brand: number | undefined): readonly WideRecord[] =>
  person.wide.filter(({ businessUnitId }) => brand === undefined || [0, brand].includes(businessUnitId));

/** Throws a 400 for a subscription type that does not exist. */
export function requireSubscription(subscriptionId: number): void {
  if (definitionOf(subscriptionId) === undefined) throw invalid(`Subscription ${subscriptionId} does not exist`);
}

/** Returns a whole number in the query. Throws a 400 if it is empty or not a number. */
export function numberOf(query: URLSearchParams, name: string): number | undefined {
  const value = query.get(name);
  if (value === null) return undefined;
  if (!/^\d{1,15}$/.test(value) || Number(value) > LARGEST_BRAND) throw invalid(`query param ${name} is not a number`);
  return Number(value);
}
