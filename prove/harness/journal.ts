/** How an attempt ended, as the log says it. */
interface Attempted {
  readonly optOutId: string;
  readonly outcome: string;
  readonly status?: number;
}

/** What the log has told of opt-outs, by their ids. */
export interface Journal {
  /** Reads what the functions write. */
  read(text: string): void;
  readonly accepted: ReadonlySet<string>;
  /** Closed, with the outcome. */
  readonly closed: ReadonlyMap<string, string>;
  /** How many attempts were put off, by HubSpot's status; 0 for none. */
  readonly deferred: ReadonlyMap<number, number>;
}

export function createJournal(): Journal {
  const accepted = new Set<string>();
  const closed = new Map<string, string>();
  const deferred = new Map<number, number>();
  const end = ({ optOutId, outcome, status = 0 }: Attempted) => {
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
        if (line.includes('"event":"optout.attempted"')) end(JSON.parse(line));
      }
    },
  };
}
