import type { Claim, Completion, Ledger } from '../ledger/ledger.ts';
import type { SignReceipt } from '../ledger/receipt.ts';
import { expiryOf } from '../ledger/retention.ts';
import type { EmailAddress } from '../model/email-address.ts';
import type { OptOut } from '../model/opt-out.ts';
import type { Outcome } from '../model/outcome.ts';
import type { BackoffState } from './backoff.ts';
import { retryAfterSeconds } from './backoff.ts';
import { is2xx } from './evidence.ts';
import type { HubSpot, HubSpotResponse } from './hubspot.ts';
import { subjectOf } from './hubspot.ts';
import type { Unconfirmed } from './unsubscribe.ts';
import { unsubscribe } from './unsubscribe.ts';

export interface DeliverPorts {
  readonly ledger: Ledger;
  /** Creates the HubSpot calls of one attempt. They share a time limit that is shorter than the ledger's lease. */
  readonly hubspot: () => HubSpot;
  /** By brand name. */
  readonly businessUnitIds: Readonly<Record<string, string>>;
  /** A signal older than this is checked for a newer opt-in before the unsubscribe call. */
  readonly staleAfterSeconds: number;
  /** Counts an opt-out against the surge limit of its source. Returns true if it exceeds the limit and must be held. */
  readonly isOverSurgeLimit: (optOut: OptOut, now: Date) => Promise<boolean>;
  readonly sign: SignReceipt;
  /** How long a finished entry is retained. If omitted, indefinitely. */
  readonly retentionDays?: number | undefined;
  readonly clock: () => Date;
  /** In [0, 1). */
  readonly random: () => number;
}

/** The result of one attempt. `attempt` counts from 1; it is 0 if the ledger did not grant the claim. */
export interface Attempt {
  readonly outcome: Outcome;
  readonly attempt: number;
}

type Claimed = Extract<Claim, { kind: 'claimed' }>;

/** Makes one attempt at a command: claims it, calls HubSpot, checks the evidence, and completes it in the ledger. */
export async function deliver(command: OptOut, ports: DeliverPorts): Promise<Attempt> {
  const claim = await ports.ledger.claim(command, ports.clock());
  if (claim.kind === 'closed') return { outcome: { kind: 'duplicate' }, attempt: 0 };
  if (claim.kind === 'leased') {
    return { outcome: { kind: 'deferred', retryAfterSeconds: claim.retryAfterSeconds }, attempt: 0 };
  }
  const end = await makeAttempt(claim, ports);
  await complete(claim, end, ports);
  return { outcome: end.outcome, attempt: claim.attempt };
}

/** How an attempt ended. `email`: the address of a contact, if it is known. */
type AttemptEnd = Pick<Completion, 'outcome' | 'email'>;

/** Uses the stored command, so that HubSpot and the receipt get the same one however often the sender retries. */
async function makeAttempt(claim: Claimed, ports: DeliverPorts): Promise<AttemptEnd> {
  const { stored: optOut } = claim;
  const reason = await holdReasonOf(claim, ports);
  if (reason) return { outcome: { kind: 'held', reason } };
  const hubspot = ports.hubspot();
  const address = await findAddress(claim, hubspot);
  if (address.kind === 'unconfirmed') return { outcome: unconfirmedOutcome(address, backoffState(claim, ports)) };
  const { email } = address;
  const subject = subjectOf({ ...optOut, email }, ports.businessUnitIds);
  const result = await unsubscribe(subject, unsubscribePorts(claim, hubspot, ports));
  const outcome = result.kind === 'unconfirmed' ? unconfirmedOutcome(result, backoffState(claim, ports)) : result;
  return optOut.email === undefined ? { outcome, email } : { outcome };
}

/** Signs the receipt and completes the entry: without the address, if the recipient was erased in the meantime. */
async function complete(claim: Claimed, { outcome, email }: AttemptEnd, ports: DeliverPorts): Promise<void> {
  const { ledger, sign, retentionDays } = ports;
  const { stored: optOut, attempt } = claim;
  const now = ports.clock();
  if (outcome.kind === 'deferred') return ledger.complete(optOut, { attempt, outcome, email }, now);
  const signedReceipt = await sign(optOut, { outcome, email: email ?? claim.email, closedAt: now });
  const expiresAt = expiryOf(outcome, now, retentionDays);
  const erasedUntil = await erasureOf(optOut, email, ledger);
  await ledger.complete(optOut, { attempt, outcome, email, signedReceipt, expiresAt, erasedUntil }, now);
}

/** Returns the time of an erasure that covers the command. An opt-out that was received later is not covered. */
async function erasureOf(optOut: OptOut, email: EmailAddress | undefined, ledger: Ledger): Promise<Date | undefined> {
  const until = await ledger.erasedUntil(email === undefined ? [optOut] : [optOut, { email }]);
  return until !== undefined && Date.parse(optOut.receivedAt) <= until.getTime() ? until : undefined;
}

/** Returns why an operator must release the command first. A released command is neither held nor counted again. */
async function holdReasonOf({ stored: optOut, isReleased }: Claimed, { isOverSurgeLimit, clock }: DeliverPorts) {
  if (isReleased) return undefined;
  if (optOut.hold) return optOut.hold;
  return (await isOverSurgeLimit(optOut, clock())) ? 'surge-limit' : undefined;
}

function unsubscribePorts({ stored: optOut, attempt, claimedAt }: Claimed, hubspot: HubSpot, ports: DeliverPorts) {
  const occurredAt = occurrenceOf(optOut);
  const isStale = ports.clock().getTime() - occurredAt.getTime() > ports.staleAfterSeconds * 1000;
  return { hubspot, readFirst: attempt > 1 || isStale, claimedAt, occurredAt };
}

/** A sender's clock may be ahead of the relay's, so the time of receipt is the upper limit. */
function occurrenceOf({ occurredAt, receivedAt }: OptOut): Date {
  return new Date(Math.min(Date.parse(occurredAt), Date.parse(receivedAt)));
}

type Address = { readonly kind: 'found'; readonly email: EmailAddress } | Unconfirmed;

/**
 * Finds the address to unsubscribe. A contact keeps the address that an earlier attempt found: by now the contact may
 * have another one, or be deleted.
 */
async function findAddress({ stored, email: knownEmail }: Claimed, hubspot: HubSpot): Promise<Address> {
  if (stored.email !== undefined) return { kind: 'found', email: stored.email };
  if (knownEmail !== undefined) return { kind: 'found', email: knownEmail };
  const response = await hubspot.findContact(stored.contactId);
  const { email } = response;
  return email ? { kind: 'found', email } : { kind: 'unconfirmed', response, wasReadBack: false };
}

/** HubSpot would respond with the same status every time. */
const FINAL = new Set([400, 404, 414]);

function isFinal(response: HubSpotResponse): boolean {
  return FINAL.has(response.status) || (is2xx(response) && response.category === 'NO_ADDRESS');
}

function unconfirmedOutcome({ response, wasReadBack }: Unconfirmed, state: BackoffState): Completion['outcome'] {
  const { status, category, correlationId } = response;
  const details = { ...(category ? { category } : {}), ...(correlationId ? { correlationId } : {}) };
  if (isFinal(response) && !wasReadBack) return { kind: 'rejected', status, ...details };
  const wait = retryAfterSeconds(response, state);
  return { kind: 'deferred', ...(status === 0 ? {} : { status }), ...details, retryAfterSeconds: wait };
}

function backoffState({ attempt }: Claimed, { clock, random }: DeliverPorts): BackoffState {
  return { attempt, now: clock(), random: random() };
}
