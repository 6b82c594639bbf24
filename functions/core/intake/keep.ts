import { Unauthenticated, Unreadable } from '../model/errors.ts';
import type { Command, Erase } from '../model/opt-out.ts';
import type { Report } from '../model/telemetry.ts';
import type { Reading } from '../verify/source.ts';
import type { Arrival } from './ingest.ts';
import { toOptOuts } from './ingest.ts';

export interface IngestPorts {
  /** Resolves once every command is durable. */
  readonly enqueue: (commands: readonly Command[]) => Promise<void>;
  readonly report: Report;
}

/** Puts what was read on the queue and says what came of it. Rejects when the queue does not take it. */
export async function ingest(reading: Reading, arrival: Arrival, { enqueue, report }: IngestPorts): Promise<void> {
  const { source } = arrival;
  const { signals, unreadable, erase } = reading;
  if (unreadable.length > 0) report({ event: 'signals.unreadable', source, reasons: unreadable });
  const { optOuts, nothingAsked } = toOptOuts(signals, arrival);
  const commands = [...optOuts, ...erasures(erase, arrival)];
  if (commands.length > 0) await enqueue(commands);
  if (optOuts.length > 0) report({ event: 'optout.accepted', source, optOuts });
  if (nothingAsked > 0) report({ event: 'signals.ignored', source, count: nothingAsked });
}

/** Each contact once. */
function erasures(contacts: Reading['erase'], { receivedAt }: Arrival): readonly Erase[] {
  return [...new Set(contacts)].map((erase) => ({ version: 1, erase, receivedAt: receivedAt.toISOString() }));
}

/** Says that a sender was turned away, or that nothing of what it sent can be read; of any other error nothing. */
export function reportRejected(source: string, error: unknown, report: Report): void {
  if (error instanceof Unauthenticated) report({ event: 'request.unauthenticated', source, reason: error.message });
  if (error instanceof Unreadable) report({ event: 'signals.unreadable', source, reasons: [error.message] });
}
