import type { Command } from '../model/opt-out.ts';
import type { IngestPorts } from './ingest.ts';

export interface FloodPorts {
  readonly enqueue: IngestPorts['enqueue'];
  /** Enqueues commands that may wait. */
  readonly enqueueBulk: IngestPorts['enqueue'];
  /** Who causes the opt-outs of a source. People's own never wait. @default a mail or CRM system, which reports many at once */
  readonly carriesOf?: (source: string) => 'people' | 'program' | undefined;
  readonly clock: () => Date;
}

/**
 * How many commands of one source each instance passes on per minute before the others may wait. HubSpot's lowest limit is 600
 * calls a minute.
 */
const PER_MINUTE = 100;

/**
 * Creates an `enqueue` that sends a flood of one source to the bulk queue, so that it does not delay other opt-outs. Each instance
 * counts for itself, which costs nothing, and a flood fills every instance that it reaches.
 */
export function createFloodGate(ports: FloodPorts): IngestPorts['enqueue'] {
  const { enqueue, enqueueBulk, carriesOf, clock } = ports;
  const counts = new Map<string, number>();
  let minute = 0;
  const isFlood = (command: Command): boolean => {
    if ('erase' in command) return false;
    if (command.kind === 'opt_out' && carriesOf?.(command.source) === 'people') return false;
    const count = (counts.get(command.source) ?? 0) + 1;
    counts.set(command.source, count);
    return count > PER_MINUTE;
  };
  return async (commands) => {
    const now = Math.floor(clock().getTime() / 60_000);
    if (now !== minute) counts.clear();
    minute = now;
    const { live = [], bulk = [] } = Object.groupBy(commands, (command) => (isFlood(command) ? 'bulk' : 'live'));
    await Promise.all([live.length > 0 && enqueue(live), bulk.length > 0 && enqueueBulk(bulk)]);
  };
}
