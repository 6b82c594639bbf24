import type { IncomingMessage } from 'node:http';

const LOOPBACK = new Set(['127.0.0.1', 'localhost', '[::1]']);

/**
 * Whether a request for the local pages comes from one of them or from no web page at all. Any page on the web may post to
 * loopback, or have its own name point there; a browser always says which page it was.
 */
export function isOurs({ method, headers }: IncomingMessage): boolean {
  const { host = '', origin, 'sec-fetch-site': site } = headers;
  if (!LOOPBACK.has(host.replace(/:\d+$/, ''))) return false;
  if (method === 'GET') return true;
  const isFromHere = origin === undefined || origin === `http://${host}`;
  return isFromHere && (site === undefined || site === 'same-origin' || site === 'none');
}
