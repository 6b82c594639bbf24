import type { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { openSecret } from '../aws/secrets-manager.ts';
import type { Variables } from '../config/environment.ts';
import { parseCredentials } from '../config/secret-formats.ts';
import { createCircuit } from '../core/delivery/circuit-breaker.ts';
import { createPace } from '../core/delivery/rate-limiter.ts';
import type { Receipts } from '../crypto/signed-receipts.ts';
import { openReceipts, parseReceiptKeys } from '../crypto/signed-receipts.ts';
import type { HubSpotPorts } from './request.ts';
import { openToken } from './token.ts';

export type HubSpotSideEnvironment = Pick<
  Variables,
  'HUBSPOT_SECRET' | 'RECEIPTS_SECRET' | 'HUBSPOT_BASE_URL' | 'HUBSPOT_API_VERSION' | 'HUBSPOT_RATE_PER_10_S'
>;

export interface HubSpotSidePorts extends Pick<HubSpotPorts, 'clock' | 'report'> {
  /** How many share the rate. */
  readonly instances: number;
}

export interface HubSpotSide {
  /** For `openHubSpot` and `openBulkRead`: they share the token, the rate and the circuit. */
  readonly calls: HubSpotPorts;
  readonly receipts: Receipts;
}

/** What telling HubSpot and looking there have in common: the way there, at a share of the rate, and the receipts. */
export function openHubSpotSide(
  client: SecretsManagerClient,
  env: HubSpotSideEnvironment,
  { instances, clock, report }: HubSpotSidePorts,
): HubSpotSide {
  const at = { baseUrl: env.HUBSPOT_BASE_URL, version: env.HUBSPOT_API_VERSION, fetch, clock };
  const secret = openSecret(client, env.HUBSPOT_SECRET, { parse: parseCredentials, clock });
  const pace = createPace({ ratePer10Seconds: env.HUBSPOT_RATE_PER_10_S, instances });
  const keys = openSecret(client, env.RECEIPTS_SECRET, { parse: parseReceiptKeys, clock });
  return {
    calls: { ...at, token: openToken({ ...at, secret }), pace, circuit: createCircuit(), report },
    receipts: openReceipts(keys, report),
  };
}
