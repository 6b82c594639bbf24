import type { HubSpotResponse, StatusRow, Subject } from './hubspot.ts';

/** What an answer shows about a subject: nothing (undefined), or that HubSpot has it opted out. */
export interface Evidence {
  readonly changed: boolean;
}

/** HubSpot's reference lists `COMPLETE`, its guide shows `SUCCESS`; PENDING, PROCESSING and CANCELED prove nothing. */
const DONE: ReadonlySet<string | undefined> = new Set(['COMPLETE', 'SUCCESS']);

/** The proof in the answer to a write: finished, without errors, and every row is this address, unsubscribed. */
export function evidenceInResponse(answer: HubSpotResponse, subject: Subject): Evidence | undefined {
  const { report } = answer;
  if (!is2xx(answer) || !report || report.numErrors > 0 || !DONE.has(report.status)) return undefined;
  const rows = report.results;
  if (rows.length === 0 || !rows.every((row) => isUnsubscribed(row, subject) && isOfSubject(row, subject))) {
    return undefined;
  }
  return { changed: rows.some((row) => row.setStatusSuccessReason !== 'NO_STATUS_CHANGE') };
}

/**
 * The proof in what HubSpot has on record. `since`: a status set from then on was set by us.
 * A row alone proves nothing: HubSpot also shows wide rows that are SUBSCRIBED.
 */
export function evidenceInStatus(answer: HubSpotResponse, subject: Subject, since: Date): Evidence | undefined {
  if (!is2xx(answer)) return undefined;
  const row = answer.report?.results.find((each) => isUnsubscribed(each, subject) && covers(each, subject));
  if (!row) return undefined;
  return { changed: Date.parse(String(row.timestamp)) >= since.getTime() };
}

/** Whether an answer shows that the person has opted in again after `since`, to what the opt-out is from or to a part of it. */
export function optedInSince(answer: HubSpotResponse, subject: Subject, since: Date): boolean {
  const isOptIn = (row: StatusRow) =>
    row.status === 'SUBSCRIBED' &&
    isOfAddress(row, subject) &&
    isOfSubject(row, subject) &&
    Date.parse(String(row.timestamp)) > since.getTime();
  return answer.report?.results.some(isOptIn) ?? false;
}

/** Whether what an answer does not show is not there: a report, finished, without errors. A success alone says nothing. */
export function isComplete(answer: HubSpotResponse): boolean {
  const { report } = answer;
  return is2xx(answer) && report?.numErrors === 0 && (report.status === undefined || DONE.has(report.status));
}

function isUnsubscribed(row: StatusRow, subject: Subject): boolean {
  return row.status === 'UNSUBSCRIBED' && isOfAddress(row, subject);
}

function isOfAddress(row: StatusRow, { email }: Subject): boolean {
  return row.subscriberIdString?.trim().toLowerCase() === email && (row.channel ?? 'EMAIL') === 'EMAIL';
}

/** A row belongs to the subscription and business unit that are named in the subject, if any are. */
function isOfSubject(row: StatusRow, { subscriptionId, businessUnitId }: Subject): boolean {
  if (subscriptionId !== undefined && row.subscriptionId !== subscriptionId) return false;
  return businessUnitId === undefined || (row.businessUnitId ?? businessUnitId) === businessUnitId;
}

/** Without a brand, the account brand's wide status counts; its id is always 0. */
function covers(row: StatusRow, { subscriptionId, businessUnitId = '0' }: Subject): boolean {
  if (subscriptionId !== undefined) return row.subscriptionId === subscriptionId;
  return row.wideStatusType === 'PORTAL_WIDE' || row.businessUnitId === businessUnitId;
}

export function is2xx({ status }: HubSpotResponse): boolean {
  return status >= 200 && status < 300;
}
