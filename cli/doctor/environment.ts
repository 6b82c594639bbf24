import type { Variables } from '../../functions/config/environment.ts';
import { readEnvironment } from '../../functions/config/environment.ts';
import { RelayError } from '../../functions/core/model/errors.ts';
import type { Finding } from './finding.ts';
import { examine, fault, ok } from './finding.ts';

const NAMES = [
  'PUBLIC_URL',
  'QUEUE_URL',
  'LEDGER_TABLE',
  'HUBSPOT_SECRET',
  'SOURCES_SECRET',
  'LINKS_SECRET',
  'RECEIPTS_SECRET',
  'HUBSPOT_BASE_URL',
  'HUBSPOT_API_VERSION',
  'HUBSPOT_RATE_PER_10_S',
  'DELIVER_CONCURRENCY',
] as const satisfies readonly (keyof Variables)[];

/** Every variable of its own, so that one that is missing hides no other. */
export function checkEnvironment(): readonly Finding[] {
  const faults = NAMES.flatMap((name) => {
    try {
      readEnvironment(name);
      return [];
    } catch (error) {
      if (!(error instanceof RelayError)) throw error;
      return [fault('environment', error.message, 'set it as serverless.yml does, or name a file with --env')];
    }
  });
  return faults.length > 0 ? faults : [ok('environment', `all ${NAMES.length} variables are there and well-formed`)];
}

const TIME_LIMIT_MS = 5_000;

/** Whether the public address leads to the relay. */
export function checkPublicUrl(): Promise<readonly Finding[]> {
  const check = async () => {
    const { PUBLIC_URL } = readEnvironment('PUBLIC_URL');
    const url = new URL('/health', PUBLIC_URL);
    const { status } = await fetch(url, { redirect: 'manual', signal: AbortSignal.timeout(TIME_LIMIT_MS) });
    if (status === 200) return [ok('public address', `${PUBLIC_URL.origin} answers`)];
    return [fault('public address', `${url.href} answers ${status}`, 'point the domain at the API, or deploy')];
  };
  return examine('public address', check, 'is PUBLIC_URL the address that senders and readers know?');
}
