/** A log line of the event `optout.attempted`. */
interface AttemptLine {
  readonly optOutId: string;
  readonly outcome: string;
  readonly status?: number;
}

/** What the log reports about opt-outs, by their ids. */
export interface OutcomeLog {
  /** Parses text that the functions have logged. */
  read(text: string): void;
  readonly accepted: ReadonlySet<string>;
  /** The outcome of each closed opt-out. */
  readonly closed: ReadonlyMap<string, string>;
  /** The number of deferred attempts by HubSpot's status; 0 if HubSpot did not respond. */
  readonly deferred: ReadonlyMap<number, number>;
}

export function createOutcomeLog(): OutcomeLog {
  const accepted = new Set<string>();
  const closed = new Map<string, string>();
  const deferred = new Map<number, number>();
  const addAttempt = ({ optOutId, outcome, status = 0 }: AttemptLine) => {
    if (outcome === 'deferred') deferred.set(status, (deferred.get(status) ?? 0) + 1);
    else if (outcome !== 'duplicate') closed.set(optOutId, outcome);
  };
  return {
    accepted,
    closed,
    deferred,
    read(text) {
      for (const line of text.split('\n')) {
        if (line.includes('"event":"optout.accepted"')) accepted.add(JSON.parse(line).optOutId);
        if (line.includes('"event":"optout.attempted"')) addAttempt(JSON.parse(line));
      }
    },
  };
}
