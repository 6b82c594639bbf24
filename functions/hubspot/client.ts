import type { ApiVersion, HubSpot, HubSpotResponse, Subject } from '../core/delivery/hubspot.ts';
import type { ContactId } from '../core/model/contact-id.ts';
import type { EmailAddress } from '../core/model/email-address.ts';
import type { HubSpotPorts } from './request.ts';
import { request, startAttempt } from './request.ts';
import { readContact } from './response.ts';

/**
 * Creates the HubSpot client of one attempt; its calls share the attempt's time limit.
 *
 * @see https://developers.hubspot.com/docs/api-reference/communication-preferences-subscriptions-v4/guide
 * @see https://developers.hubspot.com/docs/api/crm/contacts
 */
export function createHubSpot(ports: HubSpotPorts): HubSpot {
  const { version } = ports;
  const attempt = startAttempt(ports);
  return {
    unsubscribe: (subject) =>
      request({ method: 'POST', path: statusPath(version, subject), body: statusBody(subject) }, attempt),
    readStatus: (subject) => request({ method: 'GET', path: statusPath(version, subject) }, attempt),
    readSubscriptions: (subject) => request({ method: 'GET', path: statusesPath(version, subject) }, attempt),
    findContact: (contactId) =>
      request({ method: 'GET', path: contactPath(version, contactId), read: readContact }, attempt),
  };
}

/**
 * Reads the wide rows of many addresses in one call, which is an attempt by itself. Only Marketing Hub Enterprise has this
 * endpoint; other tiers respond with 403. HubSpot documents no maximum number of addresses; its other batch endpoints take 100.
 *
 * @see https://developers.hubspot.com/docs/api-reference/communication-preferences-subscriptions-v4/guide
 */
export function readManyStatuses(inputs: readonly EmailAddress[], ports: HubSpotPorts): Promise<HubSpotResponse> {
  const path = `/communication-preferences/${ports.version}/statuses/batch/unsubscribe-all/read?channel=EMAIL`;
  return request({ method: 'POST', path, body: { inputs } }, startAttempt(ports));
}

/** The status of one subscription, or of all. */
function statusPath(version: ApiVersion, subject: Subject): string {
  return statusesPath(version, subject, subject.subscriptionId === undefined ? '/unsubscribe-all' : '');
}

/** HubSpot returns no rows without `verbose` and responds with 400 without `channel`. */
function statusesPath(version: ApiVersion, { email, businessUnitId }: Subject, action = ''): string {
  const query = new URLSearchParams({ channel: 'EMAIL', verbose: 'true' });
  if (businessUnitId !== undefined) query.set('businessUnitId', businessUnitId);
  return `/communication-preferences/${version}/statuses/${encodeURIComponent(email)}${action}?${query}`;
}

/** Unsubscribe-all takes no body. */
function statusBody({ subscriptionId }: Subject) {
  if (subscriptionId === undefined) return undefined;
  return { channel: 'EMAIL', statusState: 'UNSUBSCRIBED', subscriptionId: Number(subscriptionId) };
}

/** Version v4 of communication preferences belongs with v3 of contacts. */
function contactPath(version: ApiVersion, contactId: ContactId): string {
  const contacts = version === 'v4' ? '/crm/v3/objects/contacts' : `/crm/objects/${version}/contacts`;
  return `${contacts}/${contactId}?properties=email`;
}
