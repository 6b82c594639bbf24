import type { Outcome } from '../model/outcome.ts';
import type { Evidence } from './evidence.ts';
import {
  evidenceInResponse,
  evidenceInStatus,
  is2xx,
  isAccountRefused,
  isComplete,
  isSetSince,
  isUnknownAddress,
  isUnreachable,
  mayBeApplied,
  optInsSince,
  rowsOf,
} from './evidence.ts';
import type { HubSpot, HubSpotResponse, Subject } from './hubspot.ts';

/** `observe`: nothing is written to HubSpot. The outcome says what would have changed. */
export type Mode = 'live' | 'observe';

export interface UnsubscribePorts {
  readonly mode: Mode;
  readonly hubspot: Pick<HubSpot, 'unsubscribe' | 'readStatus' | 'readSubscriptions'>;
  /** An earlier attempt sent a write that HubSpot may have applied: ask before writing again. */
  readonly wasSent: boolean;
  /** The signal is old, so the recipient may have opted in since: ask before writing. */
  readonly isStale: boolean;
  /** The command has waited so long that it is written even if HubSpot cannot be asked. */
  readonly isUrgent: boolean;
  /** In live mode, the relay itself set a status with this or a later time. */
  readonly claimedAt: Date;
  /** When the recipient opted out. A later opt-in wins. */
  readonly occurredAt: Date;
}

/** HubSpot did not confirm the opt-out. */
export interface Unconfirmed {
  readonly kind: 'unconfirmed';
  /** The response that decides what happens next. */
  readonly response: HubSpotResponse;
  /** HubSpot would respond in the same way every time. */
  readonly isFinal: boolean;
  /** A write was sent that HubSpot may have applied. */
  readonly isSent: boolean;
}

export type UnsubscribeResult = Extract<Outcome, { kind: 'confirmed' | 'superseded' | 'observed' }> | Unconfirmed;

/** In observe mode, `confirmed` stands for what would be confirmed until the subjects are combined. */
type SubjectResult = Exclude<UnsubscribeResult, { kind: 'observed' }>;

/** Unsubscribes every subject, one after the other. It is confirmed only if HubSpot confirms every one. */
export async function unsubscribeAll(
  subjects: readonly Subject[],
  ports: UnsubscribePorts,
): Promise<UnsubscribeResult> {
  const combined = await inTurn(subjects, async (subject) => {
    const result = await unsubscribe(subject, ports);
    const { businessUnitId } = subject;
    const isNamed = result.kind === 'confirmed' && businessUnitId !== undefined;
    return isNamed ? { ...result, businessUnits: [businessUnitId] } : result;
  });
  return ports.mode === 'live' ? combined : observed(combined, ports);
}

function observed(result: SubjectResult, { wasSent }: UnsubscribePorts): UnsubscribeResult {
  if (result.kind === 'unconfirmed') return { ...result, isSent: wasSent };
  if (result.kind === 'superseded') return result;
  const { evidence: _evidence, unchecked: _unchecked, ...rest } = result;
  return { ...rest, kind: 'observed' };
}

/**
 * Unsubscribes one subject and requires evidence: in HubSpot's response, or in the status read afterwards. Subscription types
 * that the recipient opted into since are kept; the others are then unsubscribed one by one.
 */
async function unsubscribe(subject: Subject, ports: UnsubscribePorts): Promise<SubjectResult> {
  if (ports.wasSent) return askFirst(subject, ports);
  return ports.isStale ? writeOthers(await readTypes(subject, ports), subject, ports) : write(subject, ports);
}

/** Asks whether an earlier write was applied. */
async function askFirst(subject: Subject, ports: UnsubscribePorts): Promise<SubjectResult> {
  const { response, evidence } = await readBack(subject, ports);
  if (evidence) return confirmed('read-back', evidence, response);
  if (isWideOptIn(response, subject, ports)) return { kind: 'superseded' };
  const hasTypes = subject.subscriptionId !== undefined || !isReadable(response);
  return writeOthers(hasTypes ? response : await readTypes(subject, ports), subject, ports);
}

function readTypes(subject: Subject, { hubspot }: UnsubscribePorts): Promise<HubSpotResponse> {
  return hubspot.readSubscriptions(subject);
}

/** If the status cannot be read, neither can the subscriptions: they need the same scope. */
function isReadable(response: HubSpotResponse): boolean {
  return is2xx(response) || isUnknownAddress(response);
}

/** A fresh command is written although HubSpot cannot be asked, unless HubSpot is down. An old one waits until it is urgent. */
async function writeUnchecked(
  response: HubSpotResponse,
  subject: Subject,
  ports: UnsubscribePorts,
): Promise<SubjectResult> {
  const { isUrgent, isStale, wasSent } = ports;
  const mayWrite = isUrgent ? !isAccountRefused(response) : !isStale && !isUnreachable(response);
  if (!mayWrite) return { kind: 'unconfirmed', response, isFinal: false, isSent: wasSent };
  const result = await write(subject, ports);
  return result.kind === 'confirmed' && isStale ? { ...result, unchecked: true } : result;
}

/** An opt-in to everything, which names no subscription type. */
function isWideOptIn(response: HubSpotResponse, subject: Subject, { occurredAt }: UnsubscribePorts): boolean {
  return optInsSince(response, subject, occurredAt).some(({ subscriptionId }) => subscriptionId === undefined);
}

/** Writes what the recipient has not opted into since. `response` has the status of every subscription type. */
async function writeOthers(
  response: HubSpotResponse,
  subject: Subject,
  ports: UnsubscribePorts,
): Promise<SubjectResult> {
  if (isUnknownAddress(response)) return write(subject, ports);
  if (!isComplete(response)) return writeUnchecked(response, subject, ports);
  if (isWideOptIn(response, subject, ports)) return { kind: 'superseded' };
  const kept = optInsSince(response, subject, ports.occurredAt).map(({ subscriptionId }) => String(subscriptionId));
  if (kept.length === 0) {
    const evidence =
      subject.subscriptionId === undefined ? undefined : evidenceInStatus(response, subject, writtenSince(ports));
    return evidence ? confirmed('read-back', evidence, response) : write(subject, ports);
  }
  return writeExcept(kept, response, subject, ports);
}

/** Unsubscribes every subscription type that is not kept, one by one. */
async function writeExcept(
  kept: readonly string[],
  response: HubSpotResponse,
  subject: Subject,
  ports: UnsubscribePorts,
): Promise<SubjectResult> {
  const since = writtenSince(ports);
  const others = rowsOf(response, subject).filter(({ subscriptionId }) => !kept.includes(String(subscriptionId)));
  const left = others.flatMap(({ status, subscriptionId }) =>
    status === 'UNSUBSCRIBED' || subscriptionId === undefined ? [] : [{ ...subject, subscriptionId }],
  );
  if (left.length > 0) {
    const result = await inTurn(left, (each) => write(each, ports));
    return result.kind === 'confirmed' ? { ...result, kept } : result;
  }
  const wasWritten = others.some((row) => isSetSince(row, since));
  return wasWritten ? { ...confirmed('read-back', { changed: true }, response), kept } : { kind: 'superseded', kept };
}

function write(subject: Subject, ports: UnsubscribePorts): Promise<SubjectResult> {
  return ports.mode === 'live' ? send(subject, ports) : readInstead(subject, ports);
}

/** Writes one subject and looks for evidence. A 400 may mean that the address is already unsubscribed. */
async function send(subject: Subject, ports: UnsubscribePorts): Promise<SubjectResult> {
  const response = await ports.hubspot.unsubscribe(subject);
  const evidence = evidenceInResponse(response, subject);
  if (evidence) return confirmed('response', evidence, response);
  const { status, saysAlreadyOptedOut = false } = response;
  const isSent = mayBeApplied(response) || saysAlreadyOptedOut;
  if (!(is2xx(response) || saysAlreadyOptedOut || status === 400)) {
    return { kind: 'unconfirmed', response, isFinal: isUnknownAddress(response), isSent };
  }
  const after = await readBack(subject, ports);
  if (after.evidence) {
    return confirmed('read-back', { changed: after.evidence.changed && is2xx(response) }, after.response);
  }
  const isFinal = !isSent && (isComplete(after.response) || isUnknownAddress(after.response));
  return {
    kind: 'unconfirmed',
    response: isFinal || is2xx(after.response) ? response : after.response,
    isFinal,
    isSent,
  };
}

/** Reads whether a write would change anything. HubSpot would add an address that it does not know. */
async function readInstead(subject: Subject, ports: UnsubscribePorts): Promise<SubjectResult> {
  const { response, evidence } = await readBack(subject, ports);
  if (evidence || isComplete(response) || isUnknownAddress(response)) {
    return confirmed('read-back', { changed: evidence === undefined }, response);
  }
  return { kind: 'unconfirmed', response, isFinal: false, isSent: ports.wasSent };
}

async function readBack(subject: Subject, ports: UnsubscribePorts) {
  const response = await ports.hubspot.readStatus(subject);
  return { response, evidence: evidenceInStatus(response, subject, writtenSince(ports)) };
}

/** Statuses with this or a later time were set by the relay. Undefined in observe mode, which sets none. */
function writtenSince({ mode, claimedAt }: UnsubscribePorts): Date | undefined {
  return mode === 'live' ? claimedAt : undefined;
}

function confirmed(
  evidence: 'response' | 'read-back',
  { changed }: Evidence,
  { correlationId }: HubSpotResponse,
): Extract<SubjectResult, { kind: 'confirmed' }> {
  return { kind: 'confirmed', evidence, changed, ...(correlationId ? { correlationId } : {}) };
}

/** Runs a step for each subject in turn, until HubSpot cannot be reached. */
async function inTurn(
  subjects: readonly Subject[],
  step: (subject: Subject) => Promise<SubjectResult>,
): Promise<SubjectResult> {
  const results: SubjectResult[] = [];
  for (const subject of subjects) {
    const result = await step(subject);
    results.push(result);
    if (result.kind === 'unconfirmed' && isUnreachable(result.response)) break;
  }
  return combine(results);
}

/** Nothing is confirmed unless everything is. A retry comes before a rejection, since it may succeed for the rest. */
function combine(results: readonly SubjectResult[]): SubjectResult {
  const unconfirmed = results.filter((result) => result.kind === 'unconfirmed');
  const [failed] = unconfirmed.toSorted((one, two) => Number(one.isFinal) - Number(two.isFinal));
  const isSent = results.some(
    (result) => result.kind === 'confirmed' || (result.kind === 'unconfirmed' && result.isSent),
  );
  if (failed) return { ...failed, isSent };
  const kept = listed(
    'kept',
    results.flatMap(({ kept = [] }: { readonly kind: string; readonly kept?: readonly string[] }) => kept),
  );
  const written = results.filter((result) => result.kind === 'confirmed');
  const last = written.at(-1);
  if (!last) return { kind: 'superseded', ...kept };
  return {
    ...last,
    evidence: written.some(({ evidence }) => evidence === 'read-back') ? 'read-back' : 'response',
    changed: written.some(({ changed }) => changed),
    ...(written.some(({ unchecked }) => unchecked) ? { unchecked: true } : {}),
    ...listed(
      'businessUnits',
      written.flatMap(({ businessUnits = [] }) => businessUnits),
    ),
    ...kept,
  };
}

function listed<Name extends string>(
  name: Name,
  ids: readonly string[],
): { readonly [Each in Name]?: readonly string[] } {
  return ids.length > 0 ? ({ [name]: ids } as { readonly [Each in Name]: readonly string[] }) : {};
}
