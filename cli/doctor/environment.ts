import type { Variables } from '../../functions/config/environment.ts';
import { readEnvironment } from '../../functions/config/environment.ts';
import { RelayError } from '../../functions/core/model/errors.ts';
import type { Finding } from './finding.ts';
import { examine, fault, ok, warning } from './finding.ts';

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
  'RELAY_MODE',
] as const satisfies readonly (keyof Variables)[];

/** Reads each variable separately, to report every fault and not only the first. */
export function checkEnvironment(): readonly Finding[] {
  const faults = NAMES.flatMap((name) => {
    try {
      readEnvironment(name);
      return [];
    } catch (error) {
      if (!(error instanceof RelayError)) throw error;
      return [fault('environment', error.message, 'set it as serverless.yml does, or pass --env <file>')];
    }
  });
  return faults.length > 0
    ? faults
    : [ok('environment', `all ${NAMES.length} variables are set and valid`), modeFinding()];
}

function modeFinding(): Finding {
  return readEnvironment('RELAY_MODE').RELAY_MODE === 'live'
    ? ok('mode', 'live')
    : warning('mode', 'observe: nothing is written to HubSpot', 'deploy with mode=live, then relay apply');
}

const TIME_LIMIT_MS = 5_000;

/** Checks that the public URL reaches the relay. */
export function checkPublicUrl(): Promise<readonly Finding[]> {
  const check = async () => {
    const { PUBLIC_URL } = readEnvironment('PUBLIC_URL');
    const url = new URL('/health', PUBLIC_URL);
    const { status } = await fetch(url, { redirect: 'manual', signal: AbortSignal.timeout(TIME_LIMIT_MS) });
    if (status === 200) return [ok('public URL', `${PUBLIC_URL.origin} responds`)];
    return [fault('public URL', `${url.href} responds ${status}`, 'point the domain at the API, or deploy')];
  };
  return examine('public URL', check, 'check that PUBLIC_URL is the origin that senders and recipients use');
}
