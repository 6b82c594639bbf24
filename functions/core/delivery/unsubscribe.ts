import type { Settled } from '../ledger/ledger.ts';
import type { Evidence } from './evidence.ts';
import { is2xx, optedInSince, provedByRecord, provedByResponse, tellsAll } from './evidence.ts';
import type { HubSpot, HubSpotAnswer, Subject } from './hubspot.ts';

export type Told = Settled['outcome'];

export interface Telling {
  readonly hubspot: HubSpot;
  /**
   * Ask before telling: the attempt before may have been cut off after HubSpot had applied it, and the same opt-out is not
   * written twice; or the signal is old, and since then the person may have opted in again.
   */
  readonly isCareful: boolean;
  /** A status that was set from then on was set by us. */
  readonly openedAt: Date;
  /** When the person opted out: an opt-in after it wins. */
  readonly occurredAt: Date;
}

/** The answer that left a command unproven. `wasReadBack`: HubSpot took it or claims to have it, but does not show it. */
export interface Unproven {
  readonly answer: HubSpotAnswer;
  readonly wasReadBack: boolean;
}

/** Tells HubSpot and demands proof: in its answer, else in its record. */
export async function tell(subject: Subject, through: Telling): Promise<Told | Unproven> {
  const known = through.isCareful ? await ask(subject, through) : undefined;
  if (known) return known;
  const answer = await through.hubspot.unsubscribe(subject);
  const evidence = provedByResponse(answer, subject);
  if (evidence) return confirmed('response', evidence, answer);
  if (!is2xx(answer) && !answer.saysAlreadyOptedOut) return { answer, wasReadBack: false };
  const after = await readBack(subject, through);
  if (!after.evidence) return { answer: is2xx(after.answer) ? answer : after.answer, wasReadBack: true };
  const changed = after.evidence.changed && !answer.saysAlreadyOptedOut;
  return confirmed('read-back', { changed }, after.answer);
}

/** Undefined: go on and tell. */
async function ask(subject: Subject, through: Telling): Promise<Told | Unproven | undefined> {
  const { answer, evidence } = await readBack(subject, through);
  if (evidence) return confirmed('read-back', evidence, answer);
  if (isHopeless(answer)) return { answer, wasReadBack: true };
  return optIn(answer, subject, through);
}

/** A newer opt-in, in the record that was read or in the subscriptions; where HubSpot does not let us look, we do not write. */
async function optIn(record: HubSpotAnswer, subject: Subject, through: Telling): Promise<Told | Unproven | undefined> {
  const answer = subject.subscriptionId === undefined ? await through.hubspot.readSubscriptions(subject) : record;
  const isNewer = [record, answer].some((each) => optedInSince(each, subject, through.occurredAt));
  if (isNewer) return { kind: 'superseded' };
  const last = is2xx(record) && !tellsAll(record) ? record : answer;
  return tellsAll(last) || NOBODY.has(last.status) ? undefined : { answer: last, wasReadBack: true };
}

/** HubSpot knows no such person, or takes no such address: nobody who could have opted in. */
const NOBODY = new Set([400, 404, 414]);

async function readBack(subject: Subject, { hubspot, openedAt }: Telling) {
  const answer = await hubspot.readStatus(subject);
  return { answer, evidence: provedByRecord(answer, subject, openedAt) };
}

function confirmed(proof: 'response' | 'read-back', { changed }: Evidence, { correlationId }: HubSpotAnswer): Told {
  return { kind: 'confirmed', proof, changed, ...(correlationId ? { correlationId } : {}) };
}

/** HubSpot is down, holds us back or does not know our token: another call would only get the same answer. */
export function isHopeless({ status }: HubSpotAnswer): boolean {
  return [0, 401, 423, 429, 477].includes(status) || status >= 500;
}
