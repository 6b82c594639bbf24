import type { Claim, Completion, Ledger } from '../ledger/ledger.ts';
import type { SignReceipt } from '../ledger/receipt.ts';
import { expiryOf } from '../ledger/retention.ts';
import type { EmailAddress } from '../model/email-address.ts';
import type { OptOut } from '../model/opt-out.ts';
import { additionalOptOutId } from '../model/opt-out.ts';
import type { Outcome } from '../model/outcome.ts';
import { retryAfterSeconds } from './backoff.ts';
import type { Definitions } from './definitions.ts';
import { isRouteMissing } from './evidence.ts';
import { findAddress } from './find-address.ts';
import type { HubSpot } from './hubspot.ts';
import { subjectsOf } from './subjects.ts';
import type { Mode, Unconfirmed, UnsubscribePorts, UnsubscribeResult } from './unsubscribe.ts';
import { unsubscribeAll } from './unsubscribe.ts';

export interface DeliverPorts {
  /** @default 'live' */
  readonly mode?: Mode;
  readonly ledger: Ledger;
  /**
   * Creates the HubSpot calls of one attempt. They share a time limit that is shorter than the ledger's lease. `wasSent`: an earlier
   * attempt sent a write that HubSpot may have applied.
   */
  readonly hubspot: (wasSent: boolean) => HubSpot;
  readonly definitions: Definitions;
  /** By brand name. */
  readonly businessUnitIds: Readonly<Record<string, string>>;
  /** A signal older than this is checked for a newer opt-in before the unsubscribe call. */
  readonly staleAfterSeconds: number;
  /** A command that has waited longer is sent to HubSpot even if HubSpot cannot be checked for a newer opt-in. */
  readonly uncheckedAfterHours: number;
  /** Opt out every address of a HubSpot contact that opted out, each by a command of its own. */
  readonly allAddresses: boolean;
  /** Resolves once every command is durable. */
  readonly enqueue: (commands: readonly OptOut[]) => Promise<void>;
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
type AttemptEnd = Pick<Completion, 'outcome' | 'email' | 'isSent'>;

/** Uses the stored command, so that HubSpot and the receipt get the same one however often the sender retries. */
async function makeAttempt(claim: Claimed, ports: DeliverPorts): Promise<AttemptEnd> {
  const { stored: optOut } = claim;
  const reason = await holdReasonOf(claim, ports);
  if (reason) return { outcome: { kind: 'held', reason } };
  const hubspot = ports.hubspot(claim.wasSent);
  const address = await findAddress(claim, hubspot);
  if (address.kind === 'changed') return { outcome: { kind: 'held', reason: 'contact-changed' } };
  if (address.kind === 'unconfirmed') return { outcome: unconfirmedOutcome(address, claim, ports) };
  const { email, additionalEmails } = address;
  const others = ports.allAddresses ? additionalOptOuts(optOut, additionalEmails) : [];
  if (others.length > 0) await ports.enqueue(others);
  const found = optOut.email === undefined ? { email } : {};
  const result = await unsubscribe({ ...claim, email }, hubspot, ports);
  if (result.kind !== 'unconfirmed') return { outcome: result, ...found };
  const { isSent } = result;
  const isEnded = result.isFinal && (await ports.definitions.isVersionEnded(hubspot));
  const outcome = unconfirmedOutcome(isEnded ? { ...result, ...VERSION_ENDED } : result, claim, ports);
  return { outcome, isSent, ...found };
}

const VERSION_ENDED: Pick<Unconfirmed, 'isFinal' | 'response'> = { isFinal: false, response: { status: 410 } };

async function unsubscribe(
  { stored: optOut, email, claimedAt, wasSent }: Claimed & { readonly email: EmailAddress },
  hubspot: HubSpot,
  ports: DeliverPorts,
): Promise<UnsubscribeResult> {
  const found = await subjectsOf({ ...optOut, email }, { ...ports, hubspot });
  if (!found.ok) return { kind: 'unconfirmed', response: found.response, isFinal: false, isSent: wasSent };
  const occurredAt = occurrenceOf(optOut);
  const isOlder = (time: Date, seconds: number) => ports.clock().getTime() - time.getTime() > seconds * 1000;
  const isStale = optOut.isTimeAssumed || isOlder(occurredAt, ports.staleAfterSeconds);
  const isUrgent = isOlder(new Date(optOut.receivedAt), ports.uncheckedAfterHours * 3600);
  const about: UnsubscribePorts = {
    mode: ports.mode ?? 'live',
    hubspot,
    wasSent,
    isStale,
    isUrgent,
    claimedAt,
    occurredAt,
  };
  return unsubscribeAll(found.subjects, about);
}

/**
 * The commands for the other addresses of a contact. They are enqueued before the first address is unsubscribed, so that none is
 * lost if the attempt is interrupted; their ids make a repetition a duplicate. A bounce is about one address only.
 */
function additionalOptOuts(optOut: OptOut, emails: readonly EmailAddress[]): readonly OptOut[] {
  if (optOut.kind !== 'opt_out') return [];
  const { contactId: _contactId, property: _property, hold: _hold, ...rest } = optOut;
  return emails.map((email) => ({ ...rest, id: additionalOptOutId(optOut.id, email), email }));
}

/** Signs the receipt and completes the entry: without the address, if the recipient was erased in the meantime. */
async function complete(claim: Claimed, { outcome, email, isSent }: AttemptEnd, ports: DeliverPorts): Promise<void> {
  const { ledger, sign, retentionDays } = ports;
  const { stored: optOut, attempt } = claim;
  const now = ports.clock();
  if (outcome.kind === 'deferred') return ledger.complete(optOut, { attempt, outcome, email, isSent }, now);
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

/** A sender's clock may be ahead of the relay's, so the time of receipt is the upper limit. */
function occurrenceOf({ occurredAt, receivedAt }: OptOut): Date {
  return new Date(Math.min(Date.parse(occurredAt), Date.parse(receivedAt)));
}

/** `ROUTE_MISSING` is the relay's own category: it rings an alarm, and no opt-out is closed by it. */
function unconfirmedOutcome(
  { response, isFinal }: Unconfirmed,
  { attempt }: Claimed,
  { clock, random }: DeliverPorts,
): Completion['outcome'] {
  const { status, correlationId } = response;
  const category = isRouteMissing(response) ? 'ROUTE_MISSING' : response.category;
  const details = { ...(category ? { category } : {}), ...(correlationId ? { correlationId } : {}) };
  if (isFinal) return { kind: 'rejected', status, ...details };
  const wait = retryAfterSeconds(response, { attempt, now: clock(), random: random() });
  return { kind: 'deferred', ...(status === 0 ? {} : { status }), ...details, retryAfterSeconds: wait };
}
