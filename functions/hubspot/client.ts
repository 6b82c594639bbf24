import type { BatchCall, BatchLane, BatchOperation, BatchResponse, SingleCalls } from '../core/delivery/batch-lane.ts';
import type { ApiVersion, HubSpot, HubSpotResponse, Subject } from '../core/delivery/hubspot.ts';
import type { ContactId } from '../core/model/contact-id.ts';
import type { EmailAddress } from '../core/model/email-address.ts';
import type { HubSpotPorts } from './request.ts';
import { request, startAttempt } from './request.ts';
import { readBatch, readContact, readDefinitions, readResponse } from './response.ts';

/** The batch lane that an attempt uses. */
export interface Through extends Pick<SingleCalls, 'writesAlone'> {
  readonly lane: BatchLane;
}

/**
 * Creates the HubSpot client of one attempt; its calls share the attempt's time limit.
 *
 * @see https://developers.hubspot.com/docs/api-reference/communication-preferences-subscriptions-v4/guide
 * @see https://developers.hubspot.com/docs/api/crm/contacts
 */
export function createHubSpot(ports: HubSpotPorts, through?: Through): HubSpot {
  const { version } = ports;
  const attempt = startAttempt(ports);
  const read = readResponse;
  const hubspot: HubSpot = {
    unsubscribe: (subject) => request({ method: 'POST', ...writeOf(subject, ports), read }, attempt),
    readStatus: (subject) => request({ method: 'GET', path: statusPath(version, subject), read }, attempt),
    readSubscriptions: (subject) => request({ method: 'GET', path: statusesPath(version, subject), read }, attempt),
    findContact: (contactId, property) => {
      const path = contactPath(version, contactId, property);
      return request({ method: 'GET', path, read: (...received) => readContact(property, ...received) }, attempt);
    },
    readDefinitions: () => request({ method: 'GET', path: definitionsPath(version), read: readDefinitions }, attempt),
  };
  return through ? through.lane.join({ ...through, hubspot, deadline: attempt.deadline }) : hubspot;
}

/**
 * Reads the wide rows of many addresses in one call, which is an attempt by itself. Only Marketing Hub Enterprise has this
 * endpoint; other tiers respond with 403. HubSpot documents no maximum number of addresses; its other batch endpoints take 100.
 *
 * @see https://developers.hubspot.com/docs/api-reference/communication-preferences-subscriptions-v4/guide
 */
export function readManyStatuses(inputs: readonly EmailAddress[], ports: HubSpotPorts): Promise<HubSpotResponse> {
  const path = `/communication-preferences/${ports.version}/statuses/batch/unsubscribe-all/read?channel=EMAIL`;
  return request({ method: 'POST', path, body: { inputs }, read: readResponse }, startAttempt(ports));
}

/**
 * Makes one call about many addresses. Only Marketing Hub Enterprise has these endpoints.
 *
 * @see https://developers.hubspot.com/docs/api-reference/communication-preferences-subscriptions-v4/guide
 */
export function callBatch(call: BatchCall, ports: HubSpotPorts): Promise<BatchResponse> {
  const { operation, businessUnitId, emails: inputs, deadline } = call;
  const { action, query } = BATCH[operation];
  const path = `/communication-preferences/${ports.version}/statuses/batch/${action}?${queryOf(query, businessUnitId)}`;
  return request({ method: 'POST', path, body: { inputs }, read: readBatch }, { ...startAttempt(ports), deadline });
}

const BATCH: Readonly<
  Record<BatchOperation, { readonly action: string; readonly query: Readonly<Record<string, string>> }>
> = {
  unsubscribe: { action: 'unsubscribe-all', query: { verbose: 'true' } },
  readStatus: { action: 'unsubscribe-all/read', query: {} },
  readSubscriptions: { action: 'read', query: {} },
};

/** Unsubscribe-all takes no body, and returns no rows without `verbose`. The write of one status takes no query. */
function writeOf(subject: Subject, { version, legalBasis: basis }: HubSpotPorts) {
  const { email, subscriptionId } = subject;
  const { legalBasis, legalBasisExplanation } = basis;
  if (subscriptionId === undefined) return { path: statusPath(version, subject) };
  const status = { channel: 'EMAIL', statusState: 'UNSUBSCRIBED', subscriptionId: Number(subscriptionId) };
  return { path: pathOf(version, email), body: { ...status, legalBasis, legalBasisExplanation } };
}

/** The status of one subscription, or of all. */
function statusPath(version: ApiVersion, subject: Subject): string {
  const { email, businessUnitId, subscriptionId } = subject;
  if (subscriptionId !== undefined) return statusesPath(version, subject);
  return `${pathOf(version, email)}/unsubscribe-all?${queryOf({ verbose: 'true' }, businessUnitId)}`;
}

function statusesPath(version: ApiVersion, { email, businessUnitId }: Subject): string {
  return `${pathOf(version, email)}?${queryOf({}, businessUnitId)}`;
}

function pathOf(version: ApiVersion, email: EmailAddress): string {
  return `/communication-preferences/${version}/statuses/${encodeURIComponent(email)}`;
}

/** HubSpot responds with 400 without `channel`. */
function queryOf(more: Readonly<Record<string, string>>, businessUnitId: string | undefined): URLSearchParams {
  return new URLSearchParams({
    channel: 'EMAIL',
    ...more,
    ...(businessUnitId === undefined ? {} : { businessUnitId }),
  });
}

function definitionsPath(version: ApiVersion): string {
  return `/communication-preferences/${version}/definitions`;
}

/** Version v4 of communication preferences belongs with v3 of contacts. */
function contactPath(version: ApiVersion, contactId: ContactId, property: string | undefined): string {
  const contacts = version === 'v4' ? '/crm/v3/objects/contacts' : `/crm/objects/${version}/contacts`;
  const properties = ['email', 'hs_additional_emails', ...(property === undefined ? [] : [property])];
  return `${contacts}/${contactId}?properties=${properties}`;
}
