import type { ServerResponse } from 'node:http';

/** What is shown on the console, as server-sent events: a new viewer is told first what is known already. */
export interface Feed {
  /** The newest data of a key replaces what was known of it; of each type the last 150 keys are remembered. */
  publish(type: string, key: string | number, data: object): void;
  connect(response: ServerResponse): void;
  /** How many are looking. */
  viewers(): number;
}

const KEPT = 150;
/** A viewer that reads too slowly is cut off; its browser connects again and gets what is known then. */
const MAX_BEHIND_BYTES = 4_000_000;

export function createFeed(): Feed {
  const known = new Map<string, Map<string | number, string>>();
  const viewers = new Set<ServerResponse>();
  const remember = (type: string, key: string | number, message: string) => {
    const ofType = known.get(type) ?? new Map<string | number, string>();
    known.set(type, ofType.set(key, message));
    const [oldest] = ofType.keys();
    if (ofType.size > KEPT && oldest !== undefined) ofType.delete(oldest);
  };
  return {
    publish(type, key, data) {
      const message = `event: ${type}\ndata: ${JSON.stringify(data)}\n\n`;
      remember(type, key, message);
      for (const viewer of viewers) {
        if (viewer.writableLength > MAX_BEHIND_BYTES) viewer.destroy();
        else viewer.write(message);
      }
    },
    connect(response) {
      response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' });
      response.write('retry: 1000\n\n');
      for (const ofType of known.values()) response.write([...ofType.values()].join(''));
      response.write('event: caught-up\ndata: {}\n\n');
      viewers.add(response);
      response.on('close', () => viewers.delete(response));
    },
    viewers: () => viewers.size,
  };
}
