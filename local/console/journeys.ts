import type { LogLine } from './log-lines.ts';

/** One attempt at telling HubSpot, as the log told it. */
export interface AttemptSeen {
  readonly at: number;
  readonly outcome: string;
  readonly attempt: number;
  readonly tookMs?: number;
  readonly status?: number;
  readonly evidence?: string;
  /** When it comes off the queue again. */
  readonly againAt?: number;
}

/** An opt-out's way. Times are milliseconds since 1970; the functions' log has no address, and neither has this. */
export interface Journey {
  readonly id: string;
  readonly source: string;
  readonly kind: string;
  /** When its request came in; reckoned from its age when that was before this process. */
  readonly receivedAt: number;
  readonly acceptedAt?: number;
  readonly attempts: readonly AttemptSeen[];
  readonly confirmedAt?: number;
  /** HubSpot's id of the last answer. */
  readonly correlationId?: string;
}

export interface Journeys {
  /** The journey that a log line is about, with that line in it. `receivedAt`: when the request at hand came in. */
  follow(line: LogLine, now: number, receivedAt?: number): Journey | undefined;
}

const KEPT = 2000;
const ATTEMPTS_KEPT = 12;

/** Joins log lines by `optOutId`. */
export function followJourneys(): Journeys {
  const journeys = new Map<string, Journey>();
  return {
    follow(line, now, receivedAt) {
      const { optOutId: id, source = '', kind = '' } = line;
      if (typeof id !== 'string') return undefined;
      const start = receivedAt ?? now - numberOf(line.ageSeconds, 0) * 1000;
      const before = journeys.get(id) ?? { id, source: `${source}`, kind: `${kind}`, receivedAt: start, attempts: [] };
      const after = step(before, line, now);
      journeys.set(id, after);
      const [oldest] = journeys.keys();
      if (journeys.size > KEPT && oldest !== undefined) journeys.delete(oldest);
      return after;
    },
  };
}

/** The attempt may be logged before the acceptance: the queue is that fast. */
function step(journey: Journey, line: LogLine, now: number): Journey {
  if (line.event === 'optout.accepted') return { ...journey, acceptedAt: journey.acceptedAt ?? now };
  const seen = attemptOf(line, now);
  const attempts = [...journey.attempts, seen].slice(-ATTEMPTS_KEPT);
  const isFirstProof = seen.outcome === 'confirmed' && journey.confirmedAt === undefined;
  const known = typeof line.correlationId === 'string' ? { correlationId: line.correlationId } : {};
  return { ...journey, attempts, ...known, ...(isFirstProof ? { confirmedAt: now } : {}) };
}

function attemptOf(line: LogLine, now: number): AttemptSeen {
  const { outcome, tookMs, status, evidence, retryAfterSeconds } = line;
  return {
    at: now,
    outcome: typeof outcome === 'string' ? outcome : 'failed',
    attempt: numberOf(line.attempt, 0),
    ...(typeof tookMs === 'number' ? { tookMs } : {}),
    ...(typeof status === 'number' ? { status } : {}),
    ...(typeof evidence === 'string' ? { evidence } : {}),
    ...(typeof retryAfterSeconds === 'number' ? { againAt: now + retryAfterSeconds * 1000 } : {}),
  };
}

const numberOf = (value: unknown, fallback: number): number => (typeof value === 'number' ? value : fallback);
