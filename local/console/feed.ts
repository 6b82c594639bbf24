import type { ServerResponse } from 'node:http';

/** The data of the console, as server-sent events. A new viewer first receives the stored data. */
export interface Feed {
  /** Sends data to all viewers and stores it: the newest per key, for the last 150 keys of each type. */
  publish(type: string, key: string | number, data: object): void;
  connect(response: ServerResponse): void;
  /** Returns the number of viewers. */
  viewers(): number;
}

const MAX_KEYS = 150;
/** A viewer that reads too slowly is disconnected. Its browser reconnects and receives the stored data. */
const MAX_BEHIND_BYTES = 4_000_000;

export function createFeed(): Feed {
  const stored = new Map<string, Map<string | number, string>>();
  const viewers = new Set<ServerResponse>();
  const store = (type: string, key: string | number, message: string) => {
    const ofType = stored.get(type) ?? new Map<string | number, string>();
    stored.set(type, ofType.set(key, message));
    const [oldest] = ofType.keys();
    if (ofType.size > MAX_KEYS && oldest !== undefined) ofType.delete(oldest);
  };
  return {
    publish(type, key, data) {
      const message = `event: ${type}\ndata: ${JSON.stringify(data)}\n\n`;
      store(type, key, message);
      for (const viewer of viewers) {
        if (viewer.writableLength > MAX_BEHIND_BYTES) viewer.destroy();
        else viewer.write(message);
      }
    },
    connect(response) {
      response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' });
      response.write('retry: 1000\n\n');
      for (const ofType of stored.values()) response.write([...ofType.values()].join(''));
      response.write('event: caught-up\ndata: {}\n\n');
      viewers.add(response);
      response.on('close', () => viewers.delete(response));
    },
    viewers: () => viewers.size,
  };
}
