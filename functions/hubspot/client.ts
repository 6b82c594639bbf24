import type { ApiVersion, HubSpot, Subject } from '../core/delivery/hubspot.ts';
import type { ContactId } from '../core/model/contact-id.ts';
import type { Call, HubSpotPorts } from './request.ts';
import { openCalls } from './request.ts';
import { readContact } from './response.ts';

/**
 * Our own client of HubSpot's communication preferences and contacts, one for each attempt.
 * https://developers.hubspot.com/docs/api-reference/communication-preferences-subscriptions-v4/guide
 * https://developers.hubspot.com/docs/api/crm/contacts
 */
export function createHubSpot(through: HubSpotPorts): () => HubSpot {
  const { version } = through;
  const openCall = openCalls(through);
  return () => {
    const call = openCall();
    return {
      unsubscribe: (subject) => call(unsubscribeCall(version, subject)),
      readStatus: (subject) => call({ method: 'GET', path: statusPath(version, subject) }),
      readSubscriptions: (subject) => call({ method: 'GET', path: subscriptionsPath(version, subject) }),
      findContact: (contactId) => call(contactCall(version, contactId)),
    };
  };
}

function unsubscribeCall(version: ApiVersion, subject: Subject): Call {
  const path = statusPath(version, subject);
  const { subscriptionId } = subject;
  if (subscriptionId === undefined) return { method: 'POST', path };
  const body = { channel: 'EMAIL', statusState: 'UNSUBSCRIBED', subscriptionId: Number(subscriptionId) };
  return { method: 'POST', path, body };
}

/** Without `verbose` HubSpot answers with nothing; without `channel` it answers 400. */
function statusPath(version: ApiVersion, subject: Subject): string {
  return pathOf(version, subject, subject.subscriptionId === undefined ? '/unsubscribe-all' : '');
}

function subscriptionsPath(version: ApiVersion, subject: Subject): string {
  return pathOf(version, subject, '');
}

function pathOf(version: ApiVersion, { email, businessUnitId }: Subject, action: string): string {
  const query = new URLSearchParams({ channel: 'EMAIL', verbose: 'true' });
  if (businessUnitId !== undefined) query.set('businessUnitId', businessUnitId);
  return `/communication-preferences/${version}/statuses/${encodeURIComponent(email)}${action}?${query}`;
}

/** The contacts that belong to v4 of the preferences are at v3. */
function contactCall(version: ApiVersion, contactId: ContactId): Call {
  const root = version === 'v4' ? '/crm/v3/objects/contacts' : `/crm/objects/${version}/contacts`;
  return { method: 'GET', path: `${root}/${contactId}?properties=email`, read: readContact };
}
