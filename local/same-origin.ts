import type { IncomingMessage } from 'node:http';

const LOOPBACK = new Set(['127.0.0.1', 'localhost', '[::1]']);

/**
 * Returns whether a request comes from a page of this server, or from a program. Any website can send requests to loopback
 * or point its own name there (DNS rebinding), but browsers send `Host`, `Origin` and `Sec-Fetch-Site`.
 *
 * @param origins other origins whose pages may send requests. @default none
 */
export function isSameOrigin({ method, headers }: IncomingMessage, origins: readonly string[] = []): boolean {
  const { host = '', origin, 'sec-fetch-site': site } = headers;
  if (!LOOPBACK.has(host.replace(/:\d+$/, ''))) return false;
  if (origin === undefined) return method === 'GET' || method === 'HEAD' || site === undefined || OWN_SITES.has(site);
  // A page with `Referrer-Policy: no-referrer` posts its own form with the origin `null`.
  if (origin === 'null') return site === 'same-origin';
  return origin === `http://${host}` || origins.includes(origin);
}

const OWN_SITES: ReadonlySet<unknown> = new Set(['same-origin', 'none']);
