/** An API request. `path` has the query; `status` is 0 while there is no answer, and for ever if the connection was cut. */
export interface LoggedRequest {
  readonly at: string;
  readonly method: string;
  readonly path: string;
  readonly status: number;
}

/** The last 200,000 API requests. */
export interface RequestLog {
  /** Notes a request; the function given back notes its status. */
  add(request: Omit<LoggedRequest, 'status'>): (status: number) => void;
  /** Oldest first. */
  all(): readonly LoggedRequest[];
  clear(): void;
}

const KEPT = 200_000;
const SLACK = 20_000;

export function keepRequests(): RequestLog {
  let log: { at: string; method: string; path: string; status: number }[] = [];
  return {
    add({ at, method, path }) {
      const entry = { at, method, path, status: 0 };
      log.push(entry);
      if (log.length > KEPT + SLACK) log = log.slice(-KEPT);
      return (status) => {
        entry.status = status;
      };
    },
    all: () => log.slice(-KEPT),
    clear() {
      log = [];
    },
  };
}
