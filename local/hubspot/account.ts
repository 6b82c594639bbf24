import * as z from 'zod/mini';
import { bearerOf } from './auth.ts';
import { notFound } from './errors.ts';
import { type ApiCall, type ApiResponse, ok } from './http.ts';
import { readJson } from './json.ts';
import { isOptedOut, type Person } from './person.ts';
import type { Portal } from './portal.ts';

/** The ids of the simulated account and its only app. */
export const HUB_ID = 12_345_678;
const APP_ID = 1;
const tokenInfo = z.strictObject({ tokenKey: z.string() });

/** GET a contact by its id, or by its address with `idProperty=email`. An opt-out does not create a contact. */
export function readContact(call: ApiCall, { store }: Portal): ApiResponse {
  const person = call.query.get('idProperty') === 'email' ? store.find(call.id) : store.findContact(call.id);
  if (person?.contact === undefined) throw notFound();
  const { id, createdAt } = person.contact;
  const values = { ...propertiesOf(person), createdate: createdAt, hs_object_id: id, lastmodifieddate: createdAt };
  const requested = call.query.getAll('properties').flatMap((names) => names.split(','));
  const names = requested.length > 0 ? requested : ['email', 'firstname', 'lastname'];
  const always = ['createdate', 'hs_object_id', 'lastmodifieddate'];
  const all = new Map(Object.entries(values));
  const properties = Object.fromEntries([...names, ...always].map((name) => [name, all.get(name) ?? null]));
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

const propertiesOf = (person: Person) => ({
  email: person.email,
  hs_email_optout: isOptedOut(person) ? 'true' : null,
});
