import { randomUUID } from 'node:crypto';
import { NoSecret, Unauthenticated, Unreadable } from '../model/errors.ts';
import type { Command, Erase, OptOut } from '../model/opt-out.ts';
import { optOutId } from '../model/opt-out.ts';
import type { Signal } from '../model/signal.ts';
import type { Report } from '../model/telemetry.ts';
import type { Reading } from '../verify/source.ts';
import type { Policy } from './policy.ts';
import { scopeFor } from './policy.ts';

/** Where and when signals arrived, and the policy that applies to them. */
export interface Arrival {
  readonly source: string;
  readonly receivedAt: Date;
  readonly policy: Policy;
  /** The brand that the signals are about. @default the policy's brand */
  readonly brand?: string | undefined;
}

export interface IngestPorts {
  /** Resolves once every command is durable. */
  readonly enqueue: (commands: readonly Command[]) => Promise<void>;
  readonly report: Report;
  /** Returns a key for a signal without one. Random, so that an id never confirms a guessed address. @default a random UUID */
  readonly newEventKey?: () => string;
}

/**
 * Turns signals into commands, enqueues them and reports the counts. Every way in ends here: webhooks, pages, email,
 * events and files. Returns the accepted opt-outs; rejects if the queue does not store them.
 */
export async function ingest(
  { signals, unreadable, erase }: Reading,
  arrival: Arrival,
  { enqueue, report, newEventKey }: IngestPorts,
): Promise<readonly OptOut[]> {
  const { source } = arrival;
  if (unreadable.length > 0) report({ event: 'signals.unreadable', source, reasons: unreadable });
  const { optOuts, ignored } = toOptOuts(signals, arrival, newEventKey);
  const commands = [...optOuts, ...erasures(erase, arrival)];
  if (commands.length > 0) await enqueue(commands);
  if (optOuts.length > 0) report({ event: 'optout.accepted', source, optOuts });
  if (ignored > 0) report({ event: 'signals.ignored', source, count: ignored });
  return optOuts;
}

/**
 * Builds the commands for signals, each id once, and counts the signals that the policy ignores. If the same event is
 * both ambiguous and exact, the exact one is kept.
 */
export function toOptOuts(
  signals: readonly Signal[],
  arrival: Arrival,
  newEventKey?: () => string,
): { readonly optOuts: readonly OptOut[]; readonly ignored: number } {
  const accepted = signals
    .map((signal) => toOptOut(signal, arrival, newEventKey))
    .filter((optOut) => optOut !== undefined);
  const exactLast = [...accepted, ...accepted.filter(({ hold }) => !hold)];
  const optOuts = [...new Map(exactLast.map((optOut) => [optOut.id, optOut])).values()];
  return { optOuts, ignored: signals.length - accepted.length };
}

/** Builds the command for a signal, or returns undefined if the policy ignores it. */
export function toOptOut(
  signal: Signal,
  { source, receivedAt, policy, brand = policy.brand }: Arrival,
  newEventKey: () => string = randomUUID,
): OptOut | undefined {
  const scope = scopeFor(policy, signal);
  if (policy.kinds[signal.kind] === 'nothing' || scope === undefined) return undefined;
  return {
    version: 1,
    id: optOutId(source, { ...signal, eventKey: signal.eventKey ?? newEventKey() }),
    ...(signal.email === undefined ? { contactId: signal.contactId } : { email: signal.email }),
    source,
    kind: signal.kind,
    scope,
    ...(brand === undefined ? {} : { brand }),
    ...(signal.property === undefined ? {} : { property: signal.property }),
    ...(signal.confidence === 'ambiguous' ? { hold: signal.confidence } : {}),
    occurredAt: signal.occurredAt.toISOString(),
    receivedAt: receivedAt.toISOString(),
    ...(signal.isTimeAssumed ? { isTimeAssumed: true } : {}),
  };
}

/** One erasure per contact. */
function erasures(contacts: Reading['erase'], { receivedAt }: Arrival): readonly Erase[] {
  return [...new Set(contacts)].map((erase) => ({ version: 1, erase, receivedAt: receivedAt.toISOString() }));
}

/** Reports an unauthenticated or unreadable request. Other errors are reported by the handler. */
export function reportRejected(source: string, error: unknown, report: Report): void {
  if (error instanceof Unauthenticated) {
    const hasSecret = !(error instanceof NoSecret);
    report({ event: 'request.unauthenticated', source, reason: error.message, ...(hasSecret ? {} : { hasSecret }) });
  }
  if (error instanceof Unreadable) report({ event: 'signals.unreadable', source, reasons: [error.message] });
}
