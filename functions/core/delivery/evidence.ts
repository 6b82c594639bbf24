import { isSameAddress } from '../model/email-address.ts';
import type { HubSpotResponse, StatusRow, Subject } from './hubspot.ts';

/** A response shows that HubSpot has unsubscribed the subject. */
export interface Evidence {
  /** The status was changed by this command. */
  readonly changed: boolean;
}

/** HubSpot's reference lists `COMPLETE`, its guide shows `SUCCESS`. PENDING, PROCESSING and CANCELED are not evidence. */
const DONE: ReadonlySet<string | undefined> = new Set(['COMPLETE', 'SUCCESS']);

/**
 * Returns the evidence in the response to a write, if there is any: a finished report without errors, in which every row has
 * the subject unsubscribed.
 */
export function evidenceInResponse(response: HubSpotResponse, subject: Subject): Evidence | undefined {
  const { report } = response;
  if (!is2xx(response) || !report || report.numErrors > 0 || !DONE.has(report.status)) return undefined;
  const rows = report.results;
  if (rows.length === 0 || !rows.every((row) => isUnsubscribed(row, subject) && isOfSubject(row, subject))) {
    return undefined;
  }
  return { changed: rows.some((row) => row.setStatusSuccessReason !== 'NO_STATUS_CHANGE') };
}

/**
 * Returns the evidence in a status that was read, if there is any. Wide rows can also be SUBSCRIBED, so a row alone is not
 * evidence. `since`: the relay itself set a status with this or a later time; undefined if it set none.
 */
export function evidenceInStatus(
  response: HubSpotResponse,
  subject: Subject,
  since: Date | undefined,
): Evidence | undefined {
  if (!is2xx(response)) return undefined;
  const row = response.report?.results.find((each) => isUnsubscribed(each, subject) && covers(each, subject));
  if (!row) return undefined;
  return { changed: isSetSince(row, since) };
}

/** Returns true if the status was set at this time or later. False if `since` is undefined. */
export function isSetSince({ timestamp }: StatusRow, since: Date | undefined): boolean {
  return since !== undefined && Date.parse(String(timestamp)) >= since.getTime();
}

/** Returns the rows of the subject that show an opt-in after `since`. */
export function optInsSince(response: HubSpotResponse, subject: Subject, since: Date): readonly StatusRow[] {
  return rowsOf(response, subject).filter(
    ({ status, timestamp }) => status === 'SUBSCRIBED' && Date.parse(String(timestamp)) > since.getTime(),
  );
}

/** Returns the rows that are about the subject. */
export function rowsOf({ report }: HubSpotResponse, subject: Subject): readonly StatusRow[] {
  return report?.results.filter((row) => isOfAddress(row, subject) && isOfSubject(row, subject)) ?? [];
}

/** Returns true if the report is finished and has no errors. A status that it does not show then does not exist. */
export function isComplete(response: HubSpotResponse): boolean {
  const { report } = response;
  return is2xx(response) && report?.numErrors === 0 && (report.status === undefined || DONE.has(report.status));
}

/**
 * Returns true if HubSpot has no such route, or has moved it. HubSpot responds to an unknown path with a web page, and to an
 * unknown subscriber or contact with a JSON error.
 */
export function isRouteMissing({ status, hasErrorBody }: HubSpotResponse): boolean {
  return (status >= 300 && status < 400) || [405, 410].includes(status) || (status === 404 && !hasErrorBody);
}

/** Returns true if HubSpot does not know or does not accept the address. It then has no status there. */
export function isUnknownAddress(response: HubSpotResponse): boolean {
  return [400, 404, 414].includes(response.status) && !isRouteMissing(response);
}

/** Returns true if any other call would fail in the same way: HubSpot limits or locks the account, or rejects the token. */
export function isAccountRefused({ status, isUnsent }: HubSpotResponse): boolean {
  return isUnsent === true || [401, 423, 429, 477].includes(status);
}

/** Returns true if no call can succeed at the moment: HubSpot is down, or refuses the account. */
export function isUnreachable(response: HubSpotResponse): boolean {
  return isAccountRefused(response) || response.status === 0 || response.status >= 500;
}

/** Returns true if HubSpot may have applied a write. It rejects with a 3xx or 4xx before it changes anything. */
export function mayBeApplied({ status, isUnsent }: HubSpotResponse): boolean {
  return !isUnsent && (status < 300 || status === 408 || status >= 500);
}

export function is2xx({ status }: HubSpotResponse): boolean {
  return status >= 200 && status < 300;
}

function isUnsubscribed(row: StatusRow, subject: Subject): boolean {
  return row.status === 'UNSUBSCRIBED' && isOfAddress(row, subject);
}

function isOfAddress(row: StatusRow, { email }: Subject): boolean {
  return isSameAddress(row.subscriberIdString, email) && (row.channel ?? 'EMAIL') === 'EMAIL';
}

/** Compares the subscription, whose id is unique in the account, or the business unit that the subject names. */
function isOfSubject(row: StatusRow, { subscriptionId, businessUnitId }: Subject): boolean {
  if (subscriptionId !== undefined) return row.subscriptionId === subscriptionId;
  return businessUnitId === undefined || (row.businessUnitId ?? businessUnitId) === businessUnitId;
}

/** A subject without a business unit is covered by business unit 0, the account's own. */
function covers(row: StatusRow, { subscriptionId, businessUnitId = '0' }: Subject): boolean {
  if (subscriptionId !== undefined) return row.subscriptionId === subscriptionId;
  return row.wideStatusType === 'PORTAL_WIDE' || row.businessUnitId === businessUnitId;
}
