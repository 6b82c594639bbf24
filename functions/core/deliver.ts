import type { EmailAddress } from './email-address.ts';
import type { Evidence } from './evidence.ts';
import { is2xx, provedByRecord, provedByResponse } from './evidence.ts';
import type { HubSpot, HubSpotAnswer, Subject } from './hubspot.ts';
import { subjectOf } from './hubspot.ts';
import type { Ledger, Settled } from './ledger.ts';
import type { OptOut } from './opt-out.ts';
import type { Outcome } from './outcome.ts';
import type { RetryState } from './retry.ts';
import { retryAfterSeconds } from './retry.ts';

export interface DeliverPorts {
  readonly ledger: Ledger;
  /** The calls of one attempt; they share its time limit, which is shorter than the ledger's lease. */
  readonly hubspot: () => HubSpot;
  /** By brand name. */
  readonly businessUnitIds: Readonly<Record<string, string>>;
  readonly clock: () => Date;
  /** In [0, 1). */
  readonly random: () => number;
}

/** One attempt as it ended. `attempt` counts from 1; 0 when the ledger did not let it begin. */
export interface Attempt {
  readonly outcome: Outcome;
  readonly attempt: number;
}

/** Makes one attempt at a command: opens it in the ledger, tells HubSpot, demands proof, settles it in the ledger. */
export async function deliver(optOut: OptOut, through: DeliverPorts): Promise<Attempt> {
  const opening = await through.ledger.open(optOut, through.clock());
  if (opening.kind === 'closed') return { outcome: { kind: 'duplicate' }, attempt: 0 };
  if (opening.kind === 'leased') {
    return { outcome: { kind: 'deferred', retryAfterSeconds: opening.retryAfterSeconds }, attempt: 0 };
  }
  const { attempt, openedAt } = opening;
  if (optOut.hold) return settle(optOut, { attempt, outcome: { kind: 'held', reason: optOut.hold } }, through);
  const hubspot = through.hubspot();
  const email = await addressOf(optOut, opening.email, hubspot);
  const telling = { hubspot, isFirst: attempt === 1, openedAt };
  const told =
    typeof email === 'string' ? await tell(subjectOf({ ...optOut, email }, through.businessUnitIds), telling) : email;
  const state = { attempt, now: through.clock(), random: through.random() };
  const outcome = 'kind' in told ? told : unproven(told, state);
  const found = optOut.email === undefined && typeof email === 'string' ? { email } : {};
  return settle(optOut, { attempt, outcome, ...found }, through);
}

async function settle({ id }: OptOut, settled: Settled, { ledger, clock }: DeliverPorts): Promise<Attempt> {
  await ledger.settle(id, settled, clock());
  return { outcome: settled.outcome, attempt: settled.attempt };
}

/**
 * The address to tell HubSpot. That of a contact stays the one that was found first: by a later attempt the contact may
 * have another one, or be deleted.
 */
async function addressOf(
  { email, contactId }: OptOut,
  known: EmailAddress | undefined,
  hubspot: HubSpot,
): Promise<EmailAddress | Unproven> {
  if (email !== undefined) return email;
  if (known !== undefined) return known;
  const answer = await hubspot.findContact(contactId);
  return answer.email ?? { answer, wasReadBack: false };
}

type Told = Settled['outcome'];

interface Telling {
  readonly hubspot: HubSpot;
  readonly isFirst: boolean;
  readonly openedAt: Date;
}

/** The answer that left a command unproven. `wasReadBack`: HubSpot took it or claims to have it, but does not show it. */
interface Unproven {
  readonly answer: HubSpotAnswer;
  readonly wasReadBack: boolean;
}

/** Tells HubSpot and demands proof: in its answer, else in its record. */
async function tell(subject: Subject, through: Telling): Promise<Told | Unproven> {
  const known = through.isFirst ? undefined : await ask(subject, through);
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

/**
 * An attempt after the first one asks before it tells: the one before may have been cut off after HubSpot had applied
 * it, and the same opt-out is not written twice. Undefined: go on and tell.
 */
async function ask(subject: Subject, through: Telling): Promise<Told | Unproven | undefined> {
  const { answer, evidence } = await readBack(subject, through);
  if (evidence) return confirmed('read-back', evidence, answer);
  return isWriteHopeless(answer) ? { answer, wasReadBack: true } : undefined;
}

async function readBack(subject: Subject, { hubspot, openedAt }: Telling) {
  const answer = await hubspot.readStatus(subject);
  return { answer, evidence: provedByRecord(answer, subject, openedAt) };
}

function confirmed(proof: 'response' | 'read-back', { changed }: Evidence, { correlationId }: HubSpotAnswer): Told {
  return { kind: 'confirmed', proof, changed, ...(correlationId ? { correlationId } : {}) };
}

/** HubSpot is down, holds us back or does not know our token: the write would only get the same answer. */
function isWriteHopeless({ status }: HubSpotAnswer): boolean {
  return [0, 401, 423, 429, 477].includes(status) || status >= 500;
}

/** The same answer for ever: HubSpot will not take this command, however often it is told. */
const FINAL = new Set([400, 404, 414]);

function isFinal(answer: HubSpotAnswer): boolean {
  return FINAL.has(answer.status) || (is2xx(answer) && answer.category === 'NO_ADDRESS');
}

function unproven({ answer, wasReadBack }: Unproven, state: RetryState): Told {
  const { status, category, correlationId } = answer;
  const known = { ...(category ? { category } : {}), ...(correlationId ? { correlationId } : {}) };
  if (isFinal(answer) && !wasReadBack) return { kind: 'refused', status, ...known };
  const wait = retryAfterSeconds(answer, state);
  return { kind: 'deferred', ...(status === 0 ? {} : { status }), ...known, retryAfterSeconds: wait };
}
