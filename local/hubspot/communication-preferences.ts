import { createHash } from 'node:crypto';
import { wideRow } from './person.ts';
import { type Answer, type Call, ok, type Portal } from './portal.ts';
import { objectOf, optional, readJson, text, whole } from './shape.ts';
import {
  brandOf,
  changeStatus,
  complete,
  known,
  numberOf,
  optOut,
  requireSubscription,
  STATUS_REQUEST,
  statusRows,
  wideRowsFor,
} from './subscribers.ts';
import { type Definition, definitionsOf } from './subscriptions.ts';

const LINK_REQUEST = objectOf({
  subscriberIdString: text,
  language: optional(text),
  subscriptionId: optional(whole()),
});

/**
 * POST …/statuses/{id}/unsubscribe-all. The results are there only for `verbose=true`. Without a brand, or with brand 0, the
 * opt-out is portal-wide; HubSpot does not document what leaving it out does in an account that has brands.
 */
export function unsubscribeAll(call: Call, { store }: Portal): Answer {
  const brand = brandOf(call);
  const results = optOut(store, call.id, { brand: brand ?? 0, at: call.at });
  return complete(call, call.query.get('verbose') === 'true' ? results : []);
}

/** GET …/statuses/{id}/unsubscribe-all, verbose or not. No results: not opted out. */
export function readUnsubscribeAll(call: Call, { store }: Portal): Answer {
  const rows = wideRowsFor(known(store, call.id), brandOf(call));
  return complete(
    call,
    rows.map((row) => wideRow(row, call.id)),
  );
}

/** GET …/statuses/{id}: every subscription type of the brand, or of the account when none is named. */
export function readStatuses(call: Call, { store }: Portal): Answer {
  return complete(call, statusRows(known(store, call.id), brandOf(call) ?? 0, { subscriberIdString: call.id }));
}

/** POST …/statuses/{id}: one status. */
export function writeStatus(call: Call, { store }: Portal): Answer {
  const request = readJson(call.body, objectOf(STATUS_REQUEST));
  return complete(call, [changeStatus(store, { ...request, subscriberIdString: call.id }, call.at)]);
}

/** GET …/definitions. */
export function readDefinitions(call: Call): Answer {
  const definitions = definitionsOf(numberOf(call.query, 'businessUnitId') ?? 0);
  const translated = call.query.get('includeTranslations') === 'true';
  return complete(call, translated ? definitions.map(withTranslations) : definitions);
}

/** POST …/links/generate. The links lead nowhere, and hold no address. */
export function generateLinks(call: Call, { store }: Portal): Answer {
  const brand = brandOf(call) ?? 0;
  const { subscriberIdString, language, subscriptionId } = readJson(call.body, LINK_REQUEST);
  const { email } = known(store, subscriberIdString);
  if (subscriptionId != null) requireSubscription(subscriptionId);
  const sealed = createHash('sha256').update(`${brand} ${email}`).digest('base64url');
  const base = `https://preferences.example.com/${encodeURIComponent(language ?? 'en')}`;
  return ok({
    subscriberIdString,
    managePreferencesUrl: `${base}/manage?d=${sealed}`,
    unsubscribeAllUrl: `${base}/unsubscribe-all?d=${sealed}`,
    ...(subscriptionId != null && { unsubscribeSingleUrl: `${base}/unsubscribe?d=${sealed}&s=${subscriptionId}` }),
  });
}

const withTranslations = (definition: Definition) => ({ ...definition, subscriptionTranslations: [] });
