import type { Completion } from '../ledger/ledger.ts';
import type { Evidence } from './evidence.ts';
import { evidenceInResponse, evidenceInStatus, is2xx, isComplete, optedInSince } from './evidence.ts';
import type { HubSpot, HubSpotResponse, Subject } from './hubspot.ts';

export type AttemptOutcome = Completion['outcome'];

export interface UnsubscribePorts {
  readonly hubspot: HubSpot;
  /**
   * Ask before telling: the attempt before may have been cut off after HubSpot had applied it, and the same opt-out is not
   * written twice; or the signal is old, and since then the person may have opted in again.
   */
  readonly readFirst: boolean;
  /** A status that was set from then on was set by us. */
  readonly claimedAt: Date;
  /** When the person opted out: an opt-in after it wins. */
  readonly occurredAt: Date;
}

/** The answer that left a command unproven. `wasReadBack`: HubSpot took it or claims to have it, but does not show it. */
export interface Unconfirmed {
  readonly answer: HubSpotResponse;
  readonly wasReadBack: boolean;
}

/** Tells HubSpot and demands proof: in its answer, else in its record. */
export async function unsubscribe(subject: Subject, through: UnsubscribePorts): Promise<AttemptOutcome | Unconfirmed> {
  const known = through.readFirst ? await ask(subject, through) : undefined;
  if (known) return known;
  const answer = await through.hubspot.unsubscribe(subject);
  const evidence = evidenceInResponse(answer, subject);
  if (evidence) return confirmed('response', evidence, answer);
  if (!is2xx(answer) && !answer.saysAlreadyOptedOut) return { answer, wasReadBack: false };
  const after = await readBack(subject, through);
  if (!after.evidence) return { answer: is2xx(after.answer) ? answer : after.answer, wasReadBack: true };
  const changed = after.evidence.changed && !answer.saysAlreadyOptedOut;
  return confirmed('read-back', { changed }, after.answer);
}

/** Undefined: go on and tell. */
async function ask(subject: Subject, through: UnsubscribePorts): Promise<AttemptOutcome | Unconfirmed | undefined> {
  const { answer, evidence } = await readBack(subject, through);
  if (evidence) return confirmed('read-back', evidence, answer);
  if (isUnreachable(answer)) return { answer, wasReadBack: true };
  return optIn(answer, subject, through);
}

/** A newer opt-in, in the record that was read or in the subscriptions; where HubSpot does not let us look, we do not write. */
async function optIn(
  record: HubSpotResponse,
  subject: Subject,
  through: UnsubscribePorts,
): Promise<AttemptOutcome | Unconfirmed | undefined> {
  const answer = subject.subscriptionId === undefined ? await through.hubspot.readSubscriptions(subject) : record;
  const isNewer = [record, answer].some((each) => optedInSince(each, subject, through.occurredAt));
  if (isNewer) return { kind: 'superseded' };
  const last = is2xx(record) && !isComplete(record) ? record : answer;
  return isComplete(last) || NOBODY.has(last.status) ? undefined : { answer: last, wasReadBack: true };
}

/** HubSpot knows no such person, or takes no such address: nobody who could have opted in. */
const NOBODY = new Set([400, 404, 414]);

async function readBack(subject: Subject, { hubspot, claimedAt }: UnsubscribePorts) {
  const answer = await hubspot.readStatus(subject);
  return { answer, evidence: evidenceInStatus(answer, subject, claimedAt) };
}

function confirmed(
  evidence: 'response' | 'read-back',
  { changed }: Evidence,
  { correlationId }: HubSpotResponse,
): AttemptOutcome {
  return { kind: 'confirmed', evidence, changed, ...(correlationId ? { correlationId } : {}) };
}

/** HubSpot is down, holds us back or does not know our token: another call would only get the same answer. */
export function isUnreachable({ status }: HubSpotResponse): boolean {
  return [0, 401, 423, 429, 477].includes(status) || status >= 500;
}
