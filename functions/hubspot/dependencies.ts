import type { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { createSecretCache } from '../aws/secrets-manager.ts';
import type { Variables } from '../config/environment.ts';
import { parseCredentials } from '../config/secret-formats.ts';
import { createCircuitBreaker } from '../core/delivery/circuit-breaker.ts';
import { createDailyLimit } from '../core/delivery/daily-limit.ts';
import type { Definitions } from '../core/delivery/definitions.ts';
import { createDefinitions } from '../core/delivery/definitions.ts';
import { createRateLimiter } from '../core/delivery/rate-limiter.ts';
import type { Receipts } from '../crypto/signed-receipts.ts';
import { createReceipts, parseReceiptKeys } from '../crypto/signed-receipts.ts';
import type { HubSpotPorts } from './request.ts';
import { createTokenProvider } from './token.ts';

export type HubSpotEnvironment = Pick<
  Variables,
  'HUBSPOT_SECRET' | 'RECEIPTS_SECRET' | 'HUBSPOT_BASE_URL' | 'HUBSPOT_API_VERSION' | 'HUBSPOT_RATE_PER_10_S'
>;

export interface HubSpotDependenciesPorts extends Pick<HubSpotPorts, 'legalBasis' | 'clock' | 'report'> {
  /** Fraction of `HUBSPOT_RATE_PER_10_S` that this process may use: above 0, at most 1. */
  readonly shareOfRate: number;
  /** Fractions of the rate and of the daily limit that are left to more urgent calls. @default none */
  readonly leaves?: { readonly rate: number; readonly daily: number } | undefined;
}

export interface HubSpotDependencies {
  /** For `createHubSpot` and `readManyStatuses`, which share the token, the rate limiter and the circuit breaker. */
  readonly calls: HubSpotPorts;
  readonly definitions: Definitions;
  readonly receipts: Receipts;
}

/** Creates what `deliver` and `sweep` have in common: access to HubSpot and the signed receipts. */
export function createHubSpotDependencies(
  client: SecretsManagerClient,
  env: HubSpotEnvironment,
  { shareOfRate, leaves = { rate: 0, daily: 0 }, legalBasis, clock, report }: HubSpotDependenciesPorts,
): HubSpotDependencies {
  const api = { baseUrl: env.HUBSPOT_BASE_URL, version: env.HUBSPOT_API_VERSION, fetch, clock };
  const secret = createSecretCache(client, env.HUBSPOT_SECRET, { parse: parseCredentials, clock });
  const rateLimiter = createRateLimiter({
    ratePer10Seconds: env.HUBSPOT_RATE_PER_10_S,
    instances: Math.round(1 / shareOfRate),
    leaves: leaves.rate,
  });
  const keys = createSecretCache(client, env.RECEIPTS_SECRET, { parse: parseReceiptKeys, clock });
  return {
    calls: {
      ...api,
      tokens: createTokenProvider({ ...api, secret }),
      rateLimiter,
      circuitBreaker: createCircuitBreaker(),
      dailyLimit: createDailyLimit(leaves.daily),
      legalBasis,
      report,
    },
    definitions: createDefinitions({ clock, report }),
    receipts: createReceipts(keys, report),
  };
}
