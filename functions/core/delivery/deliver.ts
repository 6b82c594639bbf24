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
  /** The calls of one attempt; they share its time limit, which is shorter than the ledger's lease. */
  readonly hubspot: () => HubSpot;
  /** By brand name. */
  readonly businessUnitIds: Readonly<Record<string, string>>;
  /** A signal older than this is checked for a newer opt-in before HubSpot is told. */
  readonly staleAfterSeconds: number;
  /** Counts an opt-out; true when there are more of its source than may pass without a person's word. */
  readonly isOverSurgeLimit: (optOut: OptOut, now: Date) => Promise<boolean>;
  readonly sign: SignReceipt;
  /** How long an entry is kept after it was closed for good; for ever when it is left out. */
  readonly retentionDays?: number | undefined;
  readonly clock: () => Date;
  /** In [0, 1). */
  readonly random: () => number;
}

/** One attempt as it ended. `attempt` counts from 1; 0 when the ledger did not let it begin. */
export interface Attempt {
  readonly outcome: Outcome;
  readonly attempt: number;
}

type Claimed = Extract<Claim, { kind: 'claimed' }>;

/** Makes one attempt at a command: opens it in the ledger, tells HubSpot, demands proof, settles it in the ledger. */
export async function deliver(command: OptOut, through: DeliverPorts): Promise<Attempt> {
  const opening = await through.ledger.claim(command, through.clock());
  if (opening.kind === 'closed') return { outcome: { kind: 'duplicate' }, attempt: 0 };
  if (opening.kind === 'leased') {
    return { outcome: { kind: 'deferred', retryAfterSeconds: opening.retryAfterSeconds }, attempt: 0 };
  }
  // What is told and signed must be what the ledger says.
  const { attempt, stored: optOut, email: known } = opening;
  const reason = await holdOf(optOut, opening, through);
  if (reason) return settle(optOut, { attempt, outcome: { kind: 'held', reason }, known }, through);
  const hubspot = through.hubspot();
  const email = await addressOf(optOut, known, hubspot);
  const told =
    typeof email === 'string'
      ? await unsubscribe(
          subjectOf({ ...optOut, email }, through.businessUnitIds),
          telling(optOut, opening, hubspot, through),
        )
      : email;
  const state = { attempt, now: through.clock(), random: through.random() };
  const outcome = told.kind === 'unconfirmed' ? unproven(told, state) : told;
  const found = optOut.email === undefined && typeof email === 'string' ? { email } : {};
  return settle(optOut, { attempt, outcome, known, ...found }, through);
}

type Ended = Completion & { readonly known: EmailAddress | undefined };

async function settle(optOut: OptOut, ended: Ended, through: DeliverPorts): Promise<Attempt> {
  const { ledger, clock, sign, retentionDays } = through;
  const { known, ...settled } = ended;
  const { outcome, attempt } = settled;
  const now = clock();
  const email = settled.email ?? known;
  const signedReceipt = outcome.kind === 'deferred' ? undefined : await sign(optOut, { outcome, email, closedAt: now });
  const expiresAt = expiryOf(outcome, now, retentionDays);
  await ledger.complete(optOut, { ...settled, signedReceipt, expiresAt }, now);
  return { outcome, attempt };
}

/** Why a person must look first. What was let through is not held again, and counts once. */
async function holdOf(optOut: OptOut, { isReleased }: Claimed, { isOverSurgeLimit, clock }: DeliverPorts) {
  if (isReleased) return undefined;
  if (optOut.hold) return optOut.hold;
  return (await isOverSurgeLimit(optOut, clock())) ? 'surge-limit' : undefined;
}

function telling(optOut: OptOut, opening: Claimed, hubspot: HubSpot, through: DeliverPorts) {
  const { attempt, claimedAt } = opening;
  const occurredAt = occurrenceOf(optOut);
  const isStale = through.clock().getTime() - occurredAt.getTime() > through.staleAfterSeconds * 1000;
  return { hubspot, readFirst: attempt > 1 || isStale, claimedAt, occurredAt };
}

/** A sender's clock may be ahead of ours; nothing happens after we have heard of it. */
function occurrenceOf({ occurredAt, receivedAt }: OptOut): Date {
  return new Date(Math.min(Date.parse(occurredAt), Date.parse(receivedAt)));
}

/**
 * The address to tell HubSpot. That of a contact stays the one that was found first: by a later attempt the contact may
 * have another one, or be deleted.
 */
async function addressOf(
  { email, contactId }: OptOut,
  known: EmailAddress | undefined,
  hubspot: HubSpot,
): Promise<EmailAddress | Unconfirmed> {
  if (email !== undefined) return email;
  if (known !== undefined) return known;
  const answer = await hubspot.findContact(contactId);
  return answer.email ?? { kind: 'unconfirmed', response: answer, wasReadBack: false };
}

/** The same answer for ever: HubSpot will not take this command, however often it is told. */
const FINAL = new Set([400, 404, 414]);

function isFinal(answer: HubSpotResponse): boolean {
  return FINAL.has(answer.status) || (is2xx(answer) && answer.category === 'NO_ADDRESS');
}

function unproven({ response, wasReadBack }: Unconfirmed, state: BackoffState): Completion['outcome'] {
  const { status, category, correlationId } = response;
  const known = { ...(category ? { category } : {}), ...(correlationId ? { correlationId } : {}) };
  if (isFinal(response) && !wasReadBack) return { kind: 'rejected', status, ...known };
  const wait = retryAfterSeconds(response, state);
  return { kind: 'deferred', ...(status === 0 ? {} : { status }), ...known, retryAfterSeconds: wait };
}
