import type { LogLine } from './log-lines.ts';

/** One attempt at an opt-out, from its log line. */
export interface LoggedAttempt {
  readonly at: number;
  readonly outcome: string;
  readonly attempt: number;
  readonly tookMs?: number;
  readonly status?: number;
  readonly evidence?: string;
  /** When the message becomes visible again. */
  readonly againAt?: number;
}

/** The progress of an opt-out. Times are in epoch milliseconds. Log lines have no address, so this has none. */
export interface Journey {
  readonly id: string;
  readonly source: string;
  readonly kind: string;
  /** When its request was received. Calculated from its age if that was before this process started. */
  readonly receivedAt: number;
  readonly acceptedAt?: number;
  readonly attempts: readonly LoggedAttempt[];
  readonly confirmedAt?: number;
  /** HubSpot's correlation id of the last response. */
  readonly correlationId?: string;
}

export interface Journeys {
  /**
   * Adds a log line to its journey and returns the journey, or undefined if the line is not a step of one. `receivedAt`: time of
   * the current request.
   */
  follow(line: LogLine, now: number, receivedAt?: number): Journey | undefined;
}

/** Log lines of an attempt. Other lines with an `optOutId`, such as those of the sweep, are not steps of a journey. */
export function isAttempt({ event }: LogLine): boolean {
  return event === 'optout.attempted' || event === 'delivery.failed';
}

const MAX_JOURNEYS = 2000;
const MAX_ATTEMPTS = 12;
const ACCEPTED = 'optout.accepted';

/** Joins log lines by `optOutId`. */
export function followJourneys(): Journeys {
  const journeys = new Map<string, Journey>();
  return {
    follow(line, now, receivedAt) {
      const { optOutId: id, source = '', kind = '' } = line;
      if (typeof id !== 'string' || !(line.event === ACCEPTED || isAttempt(line))) return undefined;
      const start = receivedAt ?? now - numberOf(line.ageSeconds, 0) * 1000;
      const before = journeys.get(id) ?? { id, source: `${source}`, kind: `${kind}`, receivedAt: start, attempts: [] };
      const after = step(before, line, now);
      journeys.set(id, after);
      const [oldest] = journeys.keys();
      if (journeys.size > MAX_JOURNEYS && oldest !== undefined) journeys.delete(oldest);
      return after;
    },
  };
}

/** The first attempt may be logged before `optout.accepted`. */
function step(journey: Journey, line: LogLine, now: number): Journey {
  if (line.event === ACCEPTED) return { ...journey, acceptedAt: journey.acceptedAt ?? now };
  const attempt = attemptOf(line, now);
  const attempts = [...journey.attempts, attempt].slice(-MAX_ATTEMPTS);
  const isFirstConfirmation = attempt.outcome === 'confirmed' && journey.confirmedAt === undefined;
  const correlation = typeof line.correlationId === 'string' ? { correlationId: line.correlationId } : {};
  return { ...journey, attempts, ...correlation, ...(isFirstConfirmation ? { confirmedAt: now } : {}) };
}

function attemptOf(line: LogLine, now: number): LoggedAttempt {
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
