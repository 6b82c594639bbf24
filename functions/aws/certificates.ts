import { Unavailable } from '../core/model/errors.ts';
import type { Certificates } from '../core/verify/source.ts';

const TIME_LIMIT_MS = 3_000;
const MAX_BYTES = 65_536;
const MAX_ENTRIES = 50;

/** Fetches and caches signing certificates. HTTPS only, no redirects, at most 64 KB, within 3 seconds. */
export function createCertificates(fetchIt: typeof fetch): Certificates {
  const cache = new Map<string, Promise<string>>();
  return {
    get({ href, protocol }) {
      const cached = cache.get(href);
      if (cached !== undefined) return cached;
      if (protocol !== 'https:') return Promise.reject(new Unavailable('certificates are fetched over HTTPS only'));
      if (cache.size >= MAX_ENTRIES) cache.clear();
      const certificate = fetchText(href, fetchIt);
      cache.set(href, certificate);
      certificate.catch(() => cache.delete(href));
      return certificate;
    },
  };
}

async function fetchText(href: string, fetchIt: typeof fetch): Promise<string> {
  try {
    const response = await fetchIt(href, { redirect: 'error', signal: AbortSignal.timeout(TIME_LIMIT_MS) });
    const bytes = Number(response.headers.get('content-length') ?? Number.POSITIVE_INFINITY);
    if (response.status === 200 && bytes <= MAX_BYTES) return await response.text();
  } catch {
    // The error's message may contain the URL.
  }
  throw new Unavailable('could not fetch the certificate');
}
