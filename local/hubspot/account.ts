import { bearerOf } from './auth.ts';
import { notFound } from './errors.ts';
import { isOptedOut, type Person } from './person.ts';
import { type Answer, type Call, ok, type Portal } from './portal.ts';
import { objectOf, readJson, text } from './shape.ts';

/** The numbers of the simulated account and its only app. */
export const HUB_ID = 12_345_678;
const APP_ID = 1;
const TOKEN_INFO = objectOf({ tokenKey: text });

/** GET a contact, by its id or with `idProperty=email` by its address. An opt-out alone makes no contact. */
export function readContact(call: Call, { store }: Portal): Answer {
  const person = call.query.get('idProperty') === 'email' ? store.find(call.id) : store.findContact(call.id);
  if (person?.contact === undefined) throw notFound();
  const { id, createdAt } = person.contact;
  const values = { ...propertiesOf(person), createdate: createdAt, hs_object_id: id, lastmodifieddate: createdAt };
  const asked = call.query.getAll('properties').flatMap((names) => names.split(','));
  const names = asked.length > 0 ? asked : ['email', 'firstname', 'lastname'];
  const always = ['createdate', 'hs_object_id', 'lastmodifieddate'];
  const held = new Map(Object.entries(values));
  const properties = Object.fromEntries([...names, ...always].map((name) => [name, held.get(name) ?? null]));
  return ok({ id, properties, createdAt, updatedAt: createdAt, archived: false });
}

/** GET …/api-usage/daily/private-apps. */
export function readUsage(call: Call, { limits }: Portal): Answer {
  const { used, limit, resetsAt } = limits.today();
  const name = 'private-apps-api-calls-daily';
  const usage = { name, usageLimit: limit, currentUsage: used, collectedAt: call.at, fetchStatus: 'SUCCESS', resetsAt };
  return ok({ results: [usage] });
}

/** POST /oauth/v2/private-apps/get/access-token-info, of the token in the body or else the one in the header. */
export function readTokenInfo(call: Call, { access }: Portal): Answer {
  const token = call.body === '' ? bearerOf(call.authorization) : readJson(call.body, TOKEN_INFO).tokenKey;
  access.identify(token);
  return ok({ userId: 1, hubId: HUB_ID, appId: APP_ID, scopes: access.scopes() });
}

const propertiesOf = (person: Person) => ({
  email: person.email,
  hs_email_optout: isOptedOut(person) ? 'true' : null,
});
