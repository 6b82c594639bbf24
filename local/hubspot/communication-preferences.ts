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
  echoOf,
  findPerson,
  knownBrand,
  optOut,
  readPerson,
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
 * POST …/statuses/{id}/unsubscribe-all. Returns results only with `verbose=true`. HubSpot does not document the meaning of a
 * missing brand in an account with brands; here it is brand 0, so that a relay has to name every brand.
 */
export function unsubscribeAll(call: ApiCall, portal: Portal): ApiResponse {
  const brand = brandOf(call, portal.settings) ?? 0;
  const results = optOut(portal, call.id, { brand, at: call.at });
  return complete(call, call.query.get('verbose') === 'true' ? results : []);
}

/** GET …/statuses/{id}/unsubscribe-all. Ignores `verbose`. No results mean that the address is not opted out. */
export function readUnsubscribeAll(call: ApiCall, portal: Portal): ApiResponse {
  const brand = brandOf(call, portal.settings);
  const rows = wideRowsFor(readPerson(portal, call.id), brand);
  return complete(
    call,
    rows.map((row) => wideRow(row, echoOf(portal, call.id))),
  );
}

/** GET …/statuses/{id}: returns every subscription type of the brand, or of all brands without one. */
export function readStatuses(call: ApiCall, portal: Portal): ApiResponse {
  const brand = brandOf(call, portal.settings);
  const brands = brand === undefined ? portal.settings.brands : [brand];
  return complete(
    call,
    statusRows(readPerson(portal, call.id), brands, { subscriberIdString: echoOf(portal, call.id) }),
  );
}

/** POST …/statuses/{id}: sets one status. */
export function writeStatus(call: ApiCall, portal: Portal): ApiResponse {
  const request = readJson(call.body, z.strictObject(STATUS_REQUEST));
  return complete(call, [changeStatus(portal, { ...request, subscriberIdString: call.id }, call.at)]);
}

/** GET …/definitions: returns the subscription types of the brand, or of all brands without one. */
export function readDefinitions(call: ApiCall, { settings }: Portal): ApiResponse {
  const brand = knownBrand(call.query, settings);
  const definitions = (brand === undefined ? settings.brands : [brand]).flatMap(definitionsOf);
  const translated = call.query.get('includeTranslations') === 'true';
  return complete(call, translated ? definitions.map(withTranslations) : definitions);
}

/** POST …/links/generate. The links do not work and do not contain the address. */
export function generateLinks(call: ApiCall, portal: Portal): ApiResponse {
  const brand = brandOf(call, portal.settings) ?? 0;
  const { subscriberIdString, language, subscriptionId } = readJson(call.body, linkRequest);
  const { email } = findPerson(portal, subscriberIdString);
  if (subscriptionId != null) requireSubscription(subscriptionId, portal.settings);
  const digest = createHash('sha256').update(`${brand} ${email}`).digest('base64url');
  const base = `https://preferences.example.com/${encodeURIComponent(language ?? 'en')}`;
  return ok({
    subscriberIdString: echoOf(portal, subscriberIdString),
    managePreferencesUrl: `${base}/manage?d=${digest}`,
    unsubscribeAllUrl: `${base}/unsubscribe-all?d=${digest}`,
    ...(subscriptionId != null && { unsubscribeSingleUrl: `${base}/unsubscribe?d=${digest}&s=${subscriptionId}` }),
  });
}

const withTranslations = (definition: Definition) => ({ ...definition, subscriptionTranslations: [] });
