import * as z from 'zod/mini';
import { bearerOf } from './auth.ts';
import { noSuchContact } from './errors.ts';
import { type ApiCall, type ApiResponse, ok } from './http.ts';
import { readJson } from './json.ts';
import { type Contact, isOptedOut, type Person, statusOf } from './person.ts';
import type { Portal } from './portal.ts';
import type { Settings } from './settings.ts';
import { isSubscription } from './subscribers.ts';

/** The ids of the simulated account and its only app. */
export const HUB_ID = 12_345_678;
const APP_ID = 1;
const tokenInfo = z.strictObject({ tokenKey: z.string() });

/**
 * GET a contact by its id, by the id of a contact merged into it, or by any of its addresses with `idProperty=email`. An opt-out
 * does not create a contact. Unset properties are null; opt-outs from subscription types that do not exist are left out.
 */
export function readContact(call: ApiCall, { store, lag, settings }: Portal): ApiResponse {
  const byEmail = call.query.get('idProperty') === 'email';
  const person = byEmail === call.id.includes('@') ? store.findContact(call.id) : undefined;
  if (person?.contact === undefined) throw noSuchContact(call.id);
  const { id, createdAt } = person.contact;
  const propertyOf = propertiesOf(lag.seen(person), person.contact, settings);
  const requested = call.query.getAll('properties').flatMap((names) => names.split(','));
  const names = requested.length > 0 ? requested : ['email', 'firstname', 'lastname'];
  const all = [...names, 'createdate', 'hs_object_id', 'lastmodifieddate'].map(
    (name) => [name, propertyOf(name)] as const,
  );
  const properties = Object.fromEntries(all.filter(([, value]) => value !== undefined));
  return ok({ id, properties, createdAt, updatedAt: createdAt, archived: false });
}

/** GET …/api-usage/daily/private-apps: returns the calls made today. */
export function readUsage(call: ApiCall, { limits }: Portal): ApiResponse {
  const { used, limit, resetsAt } = limits.today();
  const name = 'private-apps-api-calls-daily';
  const usage = { name, usageLimit: limit, currentUsage: used, collectedAt: call.at, fetchStatus: 'SUCCESS', resetsAt };
  return ok({ results: [usage] });
}

/** POST /oauth/v2/private-apps/get/access-token-info: describes the token in the body, or else in the header. */
export function readTokenInfo(call: ApiCall, { access }: Portal): ApiResponse {
  const token = call.body === '' ? bearerOf(call.authorization) : readJson(call.body, tokenInfo).tokenKey;
  access.identify(token);
  return ok({ userId: 1, hubId: HUB_ID, appId: APP_ID, scopes: access.scopes() });
}

/** Returns a function that gives the value of a property, or undefined if the account has no such property. */
function propertiesOf(person: Person, { id, createdAt, ...contact }: Contact, settings: Settings) {
  const values: Readonly<Record<string, string | null>> = {
    email: person.email,
    createdate: createdAt,
    lastmodifieddate: createdAt,
    hs_object_id: id,
    hs_email_optout: isOptedOut(person, settings) ? 'true' : null,
    hs_additional_emails: contact.additionalEmails?.join(';') || null,
    hs_merged_object_ids: contact.mergedIds?.join(';') || null,
    ...contact.properties,
  };
  return (name: string): string | null | undefined => {
    if (Object.hasOwn(values, name)) return values[name];
    const subscriptionId = /^hs_email_optout_(\d{1,15})$/.exec(name)?.[1];
    if (subscriptionId === undefined) return null;
    if (!isSubscription(Number(subscriptionId), settings)) return undefined;
    return statusOf(person, Number(subscriptionId)) === 'UNSUBSCRIBED' ? 'true' : null;
  };
}
