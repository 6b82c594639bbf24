import { Refused, Unreadable } from '../model/errors.ts';
import type { Command, Forget } from '../model/opt-out.ts';
import type { Report } from '../model/telemetry.ts';
import type { Reading } from '../verify/source.ts';
import type { Arrival } from './ingest.ts';
import { acceptAll } from './ingest.ts';

export interface KeepPorts {
  /** Resolves once every command is durable. */
  readonly enqueue: (commands: readonly Command[]) => Promise<void>;
  readonly report: Report;
}

/** Puts what was read on the queue and says what came of it. Rejects when the queue does not take it. */
export async function keep(reading: Reading, arrival: Arrival, { enqueue, report }: KeepPorts): Promise<void> {
  const { source } = arrival;
  const { signals, unreadable, forget } = reading;
  if (unreadable.length > 0) report({ event: 'webhook.unreadable', source, reasons: unreadable });
  const { optOuts, nothingAsked } = acceptAll(signals, arrival);
  const commands = [...optOuts, ...forgetting(forget, arrival)];
  if (commands.length > 0) await enqueue(commands);
  if (optOuts.length > 0) report({ event: 'optout.accepted', source, optOuts });
  if (nothingAsked > 0) report({ event: 'webhook.nothing_asked', source, count: nothingAsked });
}

/** Each contact once. */
function forgetting(contacts: Reading['forget'], { receivedAt }: Arrival): readonly Forget[] {
  return [...new Set(contacts)].map((forget) => ({ version: 1, forget, receivedAt: receivedAt.toISOString() }));
}

/** Says that a sender was turned away, or that nothing of what it sent can be read; of any other error nothing. */
export function reportTurnedAway(source: string, error: unknown, report: Report): void {
  if (error instanceof Refused) report({ event: 'webhook.refused', source, reason: error.message });
  if (error instanceof Unreadable) report({ event: 'webhook.unreadable', source, reasons: [error.message] });
}
