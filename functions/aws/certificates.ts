import { Unavailable } from '../core/model/errors.ts';
import type { Certificates } from '../core/verify/source.ts';

const TIME_LIMIT_MS = 3_000;
const MAX_LENGTH = 65_536;
const MOST_KEPT = 50;

/** Fetches what senders publish: over HTTPS, from the very URL, without following a redirect, little and at once. */
export function createCertificates(fetchIt: typeof fetch): Certificates {
  const kept = new Map<string, Promise<string>>();
  return {
    get({ href, protocol }) {
      const known = kept.get(href);
      if (known !== undefined) return known;
      if (protocol !== 'https:') return Promise.reject(new Unavailable('a certificate is fetched over HTTPS only'));
      if (kept.size >= MOST_KEPT) kept.clear();
      const certificate = fetchText(href, fetchIt);
      kept.set(href, certificate);
      certificate.catch(() => kept.delete(href));
      return certificate;
    },
  };
}

async function fetchText(href: string, fetchIt: typeof fetch): Promise<string> {
  try {
    const response = await fetchIt(href, { redirect: 'error', signal: AbortSignal.timeout(TIME_LIMIT_MS) });
    const length = Number(response.headers.get('content-length') ?? Number.POSITIVE_INFINITY);
    if (response.status === 200 && length <= MAX_LENGTH) return await response.text();
  } catch {
    // Its message would hold the URL.
  }
  throw new Unavailable('the certificate cannot be fetched');
}
