import type { Outcome } from '../model/outcome.ts';
import type { Evidence } from './evidence.ts';
import { evidenceInResponse, evidenceInStatus, is2xx, isComplete, optedInSince } from './evidence.ts';
import type { HubSpot, HubSpotResponse, Subject } from './hubspot.ts';

export interface UnsubscribePorts {
  readonly hubspot: HubSpot;
  /**
   * Read the status before writing. An interrupted attempt may already have been applied, or the signal is old and the
   * recipient may have opted in since.
   */
  readonly readFirst: boolean;
  /** The relay itself set a status with this or a later time. */
  readonly claimedAt: Date;
  /** When the recipient opted out. A later opt-in wins. */
  readonly occurredAt: Date;
}

/** HubSpot did not confirm the opt-out. */
export interface Unconfirmed {
  readonly kind: 'unconfirmed';
  /** The response that decides what happens next. */
  readonly response: HubSpotResponse;
  /** True if the status was read and does not show the opt-out. A 400, 404 or 414 is then not final. */
  readonly wasReadBack: boolean;
}

export type UnsubscribeResult = Extract<Outcome, { kind: 'confirmed' | 'superseded' }> | Unconfirmed;

/** Unsubscribes a subject and requires evidence: in HubSpot's response, or in the status read afterwards. */
export async function unsubscribe(subject: Subject, ports: UnsubscribePorts): Promise<UnsubscribeResult> {
  const known = ports.readFirst ? await checkStatus(subject, ports) : undefined;
  if (known) return known;
  const response = await ports.hubspot.unsubscribe(subject);
  const evidence = evidenceInResponse(response, subject);
  if (evidence) return confirmed('response', evidence, response);
  if (!is2xx(response) && !response.saysAlreadyOptedOut) return { kind: 'unconfirmed', response, wasReadBack: false };
  const after = await readBack(subject, ports);
  if (!after.evidence) return notShown(is2xx(after.response) ? response : after.response);
  const changed = after.evidence.changed && !response.saysAlreadyOptedOut;
  return confirmed('read-back', { changed }, after.response);
}

/** Returns undefined if the write is needed. */
async function checkStatus(subject: Subject, ports: UnsubscribePorts): Promise<UnsubscribeResult | undefined> {
  const { response, evidence } = await readBack(subject, ports);
  if (evidence) return confirmed('read-back', evidence, response);
  if (isUnreachable(response)) return notShown(response);
  return checkOptIn(response, subject, ports);
}

/** Looks for a newer opt-in in the status and the subscriptions. Does not allow the write if they cannot be read. */
async function checkOptIn(
  status: HubSpotResponse,
  subject: Subject,
  { hubspot, occurredAt }: UnsubscribePorts,
): Promise<UnsubscribeResult | undefined> {
  const subscriptions = subject.subscriptionId === undefined ? await hubspot.readSubscriptions(subject) : status;
  const isNewer = [status, subscriptions].some((response) => optedInSince(response, subject, occurredAt));
  if (isNewer) return { kind: 'superseded' };
  const last = is2xx(status) && !isComplete(status) ? status : subscriptions;
  return isComplete(last) || UNKNOWN_ADDRESS.has(last.status) ? undefined : notShown(last);
}

/** HubSpot does not know or does not accept the address, so it cannot have an opt-in. */
const UNKNOWN_ADDRESS = new Set([400, 404, 414]);

async function readBack(subject: Subject, { hubspot, claimedAt }: UnsubscribePorts) {
  const response = await hubspot.readStatus(subject);
  return { response, evidence: evidenceInStatus(response, subject, claimedAt) };
}

function confirmed(
  evidence: 'response' | 'read-back',
  { changed }: Evidence,
  { correlationId }: HubSpotResponse,
): UnsubscribeResult {
  return { kind: 'confirmed', evidence, changed, ...(correlationId ? { correlationId } : {}) };
}

function notShown(response: HubSpotResponse): Unconfirmed {
  return { kind: 'unconfirmed', response, wasReadBack: true };
}

/** Further calls would fail in the same way: HubSpot is down, limits or locks the account, or rejects the token. */
export function isUnreachable({ status }: HubSpotResponse): boolean {
  return [0, 401, 423, 429, 477].includes(status) || status >= 500;
}
