import type { Command, OptOut } from '../model/opt-out.ts';
import type { IngestPorts } from './ingest.ts';

export interface FloodPorts {
  readonly enqueue: IngestPorts['enqueue'];
  /** Enqueues commands that may wait. */
  readonly enqueueBulk: IngestPorts['enqueue'];
  /** Whether a person made the opt-out directly, so that it never waits. @default none: a mail or CRM system reports it */
  readonly isPersonal?: (optOut: OptOut) => boolean;
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
  const { enqueue, enqueueBulk, isPersonal = () => false, clock } = ports;
  const counts = new Map<string, number>();
  let minute = 0;
  const isFlood = (command: Command): boolean => {
    if ('erase' in command || isPersonal(command)) return false;
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
