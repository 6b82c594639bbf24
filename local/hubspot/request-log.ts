export interface LoggedRequest {
  readonly at: string;
  readonly method: string;
  /** Path and query. */
  readonly path: string;
  /** 0 until there is a response, and always if the connection was cut. */
  readonly status: number;
}

/** The last 200,000 API requests. */
export interface RequestLog {
  /** Adds a request and returns a function that sets its status. */
  add(request: Omit<LoggedRequest, 'status'>): (status: number) => void;
  /** Oldest first. */
  all(): readonly LoggedRequest[];
  clear(): void;
}

const MAX_ENTRIES = 200_000;
const SLACK = 20_000;

export function createRequestLog(): RequestLog {
  let log: { at: string; method: string; path: string; status: number }[] = [];
  return {
    add({ at, method, path }) {
      const entry = { at, method, path, status: 0 };
      log.push(entry);
      if (log.length > MAX_ENTRIES + SLACK) log = log.slice(-MAX_ENTRIES);
      return (status) => {
        entry.status = status;
      };
    },
    all: () => log.slice(-MAX_ENTRIES),
    clear() {
      log = [];
    },
  };
}
