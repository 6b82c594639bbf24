import { createHash } from 'node:crypto';
import * as z from 'zod/mini';
import { type ApiCall, type ApiResponse, ok } from './http.ts';
import { readJson, whole } from './json.ts';
import { wideRow } from './person.ts';
import type { Portal } from './portal.ts';
import {
  brandOf,
  changeStatus,
  complete,
  findPerson,
  numberOf,
  optOut,
  requireSubscription,
  STATUS_REQUEST,
  statusRows,
  wideRowsFor,
} from './subscribers.ts';
import { type Definition, definitionsOf } from './subscriptions.ts';

const linkRequest = z.strictObject({
  subscriberIdString: z.string(),
  language: z.nullish(z.string()),
  subscriptionId: z.nullish(whole()),
});

/**
 * POST …/statuses/{id}/unsubscribe-all. Returns results only with `verbose=true`. Without a brand or with brand 0 the opt-out
 * is portal-wide. HubSpot does not document the meaning of a missing brand in an account with brands.
 */
export function unsubscribeAll(call: ApiCall, { store }: Portal): ApiResponse {
  const brand = brandOf(call);
  const results = optOut(store, call.id, { brand: brand ?? 0, at: call.at });
  return complete(call, call.query.get('verbose') === 'true' ? results : []);
}

/** GET …/statuses/{id}/unsubscribe-all. Ignores `verbose`. No results mean that the address is not opted out. */
export function readUnsubscribeAll(call: ApiCall, { store }: Portal): ApiResponse {
  const rows = wideRowsFor(findPerson(store, call.id), brandOf(call));
  return complete(
    call,
    rows.map((row) => wideRow(row, call.id)),
  );
}

/** GET …/statuses/{id}: returns every subscription type of the brand, or of the account without one. */
export function readStatuses(call: ApiCall, { store }: Portal): ApiResponse {
  return complete(call, statusRows(findPerson(store, call.id), brandOf(call) ?? 0, { subscriberIdString: call.id }));
}

/** POST …/statuses/{id}: sets one status. */
export function writeStatus(call: ApiCall, { store }: Portal): ApiResponse {
  const request = readJson(call.body, z.strictObject(STATUS_REQUEST));
  return complete(call, [changeStatus(store, { ...request, subscriberIdString: call.id }, call.at)]);
}

/** GET …/definitions: returns the subscription types. */
export function readDefinitions(call: ApiCall): ApiResponse {
  const definitions = definitionsOf(numberOf(call.query, 'businessUnitId') ?? 0);
  const translated = call.query.get('includeTranslations') === 'true';
  return complete(call, translated ? definitions.map(withTranslations) : definitions);
}

/** POST …/links/generate. The links do not work and do not contain the address. */
export function generateLinks(call: ApiCall, { store }: Portal): ApiResponse {
  const brand = brandOf(call) ?? 0;
  const { subscriberIdString, language, subscriptionId } = readJson(call.body, linkRequest);
  const { email } = findPerson(store, subscriberIdString);
  if (subscriptionId != null) requireSubscription(subscriptionId);
  const digest = createHash('sha256').update(`${brand} ${email}`).digest('base64url');
  const base = `https://preferences.example.com/${encodeURIComponent(language ?? 'en')}`;
  return ok({
    subscriberIdString,
    managePreferencesUrl: `${base}/manage?d=${digest}`,
    unsubscribeAllUrl: `${base}/unsubscribe-all?d=${digest}`,
    ...(subscriptionId != null && { unsubscribeSingleUrl: `${base}/unsubscribe?d=${digest}&s=${subscriptionId}` }),
  });
}

const withTranslations = (definition: Definition) => ({ ...definition, subscriptionTranslations: [] });
