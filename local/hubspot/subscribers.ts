import * as z from 'zod/mini';
import { invalid } from './errors.ts';
import { type ApiCall, type ApiResponse, ok } from './http.ts';
import { whole } from './json.ts';
import {
  API_SOURCE,
  type Change,
  covers,
  type Echo,
  optOutOfAll,
  type Person,
  type StatusRecord,
  setStatus,
  status,
  statusRow,
  type WideRecord,
} from './person.ts';
import type { Portal } from './portal.ts';
import type { Settings } from './settings.ts';
import { normalize } from './store.ts';
import { LARGEST_BRAND, subscription, subscriptionIdsOf } from './subscriptions.ts';

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

/** Returns the brand in the query. Throws a 400 if `channel` or the brand is not valid. */
export function brandOf({ query }: ApiCall, settings: Settings): number | undefined {
  const channel = query.get('channel');
  if (channel === null) throw invalid('query param channel may not be null');
  if (channel !== 'EMAIL') throw invalid('query param channel must be EMAIL');
  return knownBrand(query, settings);
}

/** Returns the brand in the query. Throws a 400 if it is not a brand of the account. */
export function knownBrand(query: URLSearchParams, { brands }: Settings): number | undefined {
  const value = query.get('businessUnitId');
  if (value === null) return undefined;
  if (!/^\d{1,15}$/.test(value) || Number(value) > LARGEST_BRAND)
    throw invalid('query param businessUnitId is not a number');
  if (!brands.includes(Number(value))) throw invalid(`Business unit ${value} does not exist`);
  return Number(value);
}

/** Returns the person with an address, as it is now. Throws a 400 that repeats an invalid address, as HubSpot's does. */
export function findPerson({ store }: Pick<Portal, 'store'>, subscriberIdString: string): Person {
  const person = store.find(subscriberIdString);
  if (person.email.length <= 254 && /^[^\s@\p{Cc}]+@[^\s@\p{Cc}]+\.[^\s@\p{Cc}]+$/u.test(person.email)) return person;
  throw invalid(`Email address ${subscriberIdString} is invalid`);
}

/** Returns the person with an address, as a read shows it. */
export const readPerson = (portal: Portal, subscriberIdString: string): Person =>
  portal.lag.seen(findPerson(portal, subscriberIdString));

/** Returns an address as responses repeat it. */
export const echoOf = ({ settings }: Portal, subscriberIdString: string): string =>
  settings.echo === 'normalized' ? normalize(subscriberIdString) : subscriberIdString;

/** Opts an address out of everything of a brand and returns its statuses there. */
export function optOut(portal: Portal, subscriberIdString: string, { brand, at }: { brand: number; at: string }) {
  const { settings } = portal;
  const { person, reason } = write(portal, subscriberIdString, (before) =>
    optOutOfAll(before, { brand, at, settings }),
  );
  return statusRows(person, [brand], { subscriberIdString: echoOf(portal, subscriberIdString), reason });
}

/** Sets one status and returns it. */
export function changeStatus(
  portal: Portal,
  request: Omit<StatusRecord, 'status' | 'timestamp' | 'source'> & {
    readonly statusState: StatusRecord['status'];
    readonly subscriberIdString: string;
  },
  timestamp: string,
) {
  const { settings } = portal;
  const { subscriberIdString, statusState, subscriptionId, legalBasis, legalBasisExplanation } = request;
  requireSubscription(subscriptionId, settings);
  if (settings.dataPrivacy && !(legalBasis && legalBasisExplanation)) {
    throw invalid('legalBasis and legalBasisExplanation are required because data privacy settings are on');
  }
  const requested = { subscriptionId, status: statusState, legalBasis, legalBasisExplanation };
  const next = { ...requested, timestamp, source: API_SOURCE };
  const { person, reason } = write(portal, subscriberIdString, (before) => setStatus(before, next, settings));
  return statusRow(person, subscriptionId, { subscriberIdString: echoOf(portal, subscriberIdString), reason });
}

function write(portal: Portal, subscriberIdString: string, change: (before: Person) => Change): Change {
  const before = findPerson(portal, subscriberIdString);
  const changed = change(before);
  portal.store.save(changed.person);
  portal.lag.wrote(before);
  return changed;
}

/** Returns the statuses of all subscription types of some brands. */
export const statusRows = (person: Person, brands: readonly number[], echo: Echo) =>
  brands.flatMap(subscriptionIdsOf).map((id) => statusRow(person, id, echo));

/** Returns the wide statuses that apply to a brand: its own and the account's. Returns all without a brand. */
export const wideRowsFor = (person: Person, brand: number | undefined): readonly WideRecord[] =>
  person.wide.filter((row) => brand === undefined || covers(row, brand));

/** Throws a 400 for a subscription type that does not exist. */
export function requireSubscription(subscriptionId: number, settings: Settings): void {
  if (!isSubscription(subscriptionId, settings)) throw invalid(`Subscription ${subscriptionId} does not exist`);
}

/** Returns true if a brand of the account has this subscription type. */
export function isSubscription(subscriptionId: number, { brands }: Settings): boolean {
  const { brand, name } = subscription(subscriptionId);
  return name !== undefined && brands.includes(brand);
}
