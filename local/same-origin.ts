import type { IncomingMessage } from 'node:http';

const LOOPBACK = new Set(['127.0.0.1', 'localhost', '[::1]']);

/**
 * Returns whether a request for the local pages comes from one of them, or from a program. Any website can post to loopback
 * or point its own name there (DNS rebinding), but browsers send `Host`, `Origin` and `Sec-Fetch-Site`.
 */
export function isSameOrigin({ method, headers }: IncomingMessage): boolean {
  const { host = '', origin, 'sec-fetch-site': site } = headers;
  if (!LOOPBACK.has(host.replace(/:\d+$/, ''))) return false;
  if (method === 'GET') return true;
  const isFromHere = origin === undefined || origin === `http://${host}`;
  return isFromHere && (site === undefined || site === 'same-origin' || site === 'none');
}
