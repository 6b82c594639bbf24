import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { afterAll, afterEach, beforeAll, beforeEach } from 'vitest';
import { createSecretCache } from '../../functions/aws/secrets-manager.ts';
import { parseCredentials } from '../../functions/config/secret-formats.ts';
import { createCircuitBreaker } from '../../functions/core/delivery/circuit-breaker.ts';
import { createDailyLimit } from '../../functions/core/delivery/daily-limit.ts';
import type { ApiVersion } from '../../functions/core/delivery/hubspot.ts';
import { createRateLimiter, type Share } from '../../functions/core/delivery/rate-limiter.ts';
import type { RelayEvent } from '../../functions/core/model/telemetry.ts';
import { createHubSpot } from '../../functions/hubspot/client.ts';
import type { TimeLimits } from '../../functions/hubspot/request.ts';
import { createTokenProvider } from '../../functions/hubspot/token.ts';
import { type LocalSecretsManager, startSecretsManager } from '../../local/aws/secrets-manager.ts';
import { aws, standingClock } from '../aws/listening.ts';
import { ANN, type Simulated, simulated, TOKEN } from '../local/hubspot/simulated.ts';

export const LEGAL_BASIS = { legalBasis: 'NON_GDPR', legalBasisExplanation: 'The recipient asked.' };

export interface ClientOptions {
  readonly baseUrl?: string;
  readonly version?: ApiVersion;
  readonly secret?: string;
  readonly limits?: TimeLimits;
  readonly share?: Share;
}

/** Starts a HubSpot simulator for each test and a Secrets Manager emulator for the file. */
export function clientUnderTest() {
  let hubspot: Simulated;
  let manager: LocalSecretsManager;
  let secretsManager: SecretsManagerClient;
  beforeAll(async () => {
    manager = await startSecretsManager({ port: 0 });
    secretsManager = new SecretsManagerClient(aws(manager.url));
  });
  afterAll(async () => {
    secretsManager.destroy();
    await manager.close();
  });
  beforeEach(async () => {
    hubspot = await simulated();
  });
  afterEach(() => hubspot.close());

  /** Wires the client as the Lambda function does; its clock stands still until the test calls `pass`. */
  function create({ baseUrl = hubspot.url, version = 'v4', secret = TOKEN, limits, share }: ClientOptions = {}) {
    const { clock, pass } = standingClock(new Date().toISOString());
    manager.write('hubspot', secret);
    const api = { baseUrl: new URL(baseUrl), version, fetch, clock };
    const cache = createSecretCache(secretsManager, 'hubspot', { parse: parseCredentials, clock });
    const events: RelayEvent[] = [];
    const ports = {
      ...api,
      tokens: createTokenProvider({ ...api, secret: cache }),
      rateLimiter: createRateLimiter(share ?? { ratePer10Seconds: 100_000, instances: 1 }),
      circuitBreaker: createCircuitBreaker(),
      dailyLimit: createDailyLimit(),
      legalBasis: LEGAL_BASIS,
      report: (event: RelayEvent) => void events.push(event),
      ...(limits ? { limits } : {}),
    };
    return { ports, attempt: () => createHubSpot(ports), rateLimiter: ports.rateLimiter, pass, events, clock };
  }

  return {
    create,
    simulator: () => hubspot,
    writeSecret: (secret: string) => manager.write('hubspot', secret),
    /** Plans faults, each for one request unless it says otherwise. */
    planFaults: (...faults: object[]) =>
      hubspot.sim(
        'POST',
        'faults',
        faults.map((fault) => ({ times: 1, ...fault })),
      ),
    /** How many unsubscribe-all calls the simulator has applied to Ann. */
    optOutWrites: async () => (await hubspot.sim('GET', `contacts/${ANN}`)).json.optOutWrites,
    /** The status of every request to the simulator. */
    requestStatuses: async () =>
      (await hubspot.sim('GET', 'requests')).json.map((each: { status: number }) => each.status),
  };
}
