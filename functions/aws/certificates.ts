import { Unauthenticated, Unavailable } from '../core/model/errors.ts';
import type { Certificates } from '../core/verify/source.ts';

const TIME_LIMIT_MS = 3_000;
const MAX_BYTES = 65_536;
const MAX_ENTRIES = 50;
/** Each URL is fetched at most once in this time. */
const RETRY_AFTER_MS = 60_000;

interface Entry {
  readonly certificate: Promise<string>;
  readonly fetchedAt: number;
  hasFailed: boolean;
}

/**
 * Fetches and caches signing certificates. HTTPS only, no redirects, at most 64 KB, within 3 seconds. A failure is cached for a
 * minute, so that a caller who names a wrong URL again and again causes one fetch a minute.
 */
export function createCertificates(fetchIt: typeof fetch, clock: () => Date): Certificates {
  const cache = new Map<string, Entry>();
  const isOld = ({ fetchedAt }: Entry): boolean => clock().getTime() - fetchedAt >= RETRY_AFTER_MS;
  /** Removes old failures, or else old certificates. */
  const makeRoom = (): void => {
    const old = [...cache].filter(([, entry]) => isOld(entry));
    const failed = old.filter(([, { hasFailed }]) => hasFailed);
    for (const [href] of failed.length > 0 ? failed : old) cache.delete(href);
  };
  return {
    async get({ href, protocol }) {
      const cached = cache.get(href);
      if (cached !== undefined && !(cached.hasFailed && isOld(cached))) return cached.certificate;
      if (protocol !== 'https:') throw new Unavailable('certificates are fetched over HTTPS only');
      if (cache.size >= MAX_ENTRIES) makeRoom();
      if (cache.size >= MAX_ENTRIES) throw new Unavailable('too many certificates were requested');
      const entry: Entry = { certificate: fetchText(href, fetchIt), fetchedAt: clock().getTime(), hasFailed: false };
      cache.set(href, entry);
      entry.certificate.catch(() => {
        entry.hasFailed = true;
      });
      return entry.certificate;
    },
  };
}

/** Client errors that a later request may not have. */
const TEMPORARY = new Set([408, 425, 429]);

async function fetchText(href: string, fetchIt: typeof fetch): Promise<string> {
  let isMissing = false;
  try {
    const response = await fetchIt(href, { redirect: 'error', signal: AbortSignal.timeout(TIME_LIMIT_MS) });
    isMissing = response.status >= 400 && response.status < 500 && !TEMPORARY.has(response.status);
    const bytes = Number(response.headers.get('content-length') ?? Number.POSITIVE_INFINITY);
    if (response.status === 200 && bytes <= MAX_BYTES) return await response.text();
  } catch {
    // The error's message may contain the URL.
  }
  if (isMissing) throw new Unauthenticated('there is no certificate at SigningCertURL');
  throw new Unavailable('could not fetch the certificate');
}
