import { randomUUID } from 'node:crypto';
import { createCircuitBreaker } from '../../functions/core/delivery/circuit-breaker.ts';
import { createDailyLimit } from '../../functions/core/delivery/daily-limit.ts';
import { createDefinitions } from '../../functions/core/delivery/definitions.ts';
import type { DeliverPorts } from '../../functions/core/delivery/deliver.ts';
import { createRateLimiter } from '../../functions/core/delivery/rate-limiter.ts';
import { createHubSpot } from '../../functions/hubspot/client.ts';
import { putPerson } from '../../local/hubspot/control-contacts.ts';
import { isOptedOut } from '../../local/hubspot/person.ts';
import type { Portal } from '../../local/hubspot/portal.ts';
import { createPortal } from '../../local/hubspot/portal.ts';
import { handleApi } from '../../local/hubspot/routes.ts';
import { createMemoryLedger } from '../../test/core/ledger/memory.ts';

const TOKEN = 'pat-prove';

/** What happens to a call of HubSpot. */
export type Fault = 'none' | 'down' | 'cut before' | 'cut after';

export interface SimulationOptions {
  /** The faults of the first calls, in order. */
  readonly faults: readonly Fault[];
  readonly staleAfterSeconds: number;
}

export interface SimulatedContact {
  /** The current time of the delivery and of the simulated HubSpot. Set by the caller. */
  readonly time: { now: Date };
  readonly ports: DeliverPorts;
  /** Opts the contact in at HubSpot. */
  optIn(): undefined;
  isOptedOut(): boolean;
  close(): void;
}

/** Creates a contact in an in-process HubSpot simulator, and the ports that deliver to it. */
export function createSimulatedContact(
  email: string,
  { faults, staleAfterSeconds }: SimulationOptions,
): SimulatedContact {
  const portal = createPortal(undefined, undefined);
  portal.access.setTokens([TOKEN]);
  portal.limits.set({ per10Seconds: 1_000_000 });
  const time = { now: new Date() };
  const clock = () => time.now;
  const getToken = async () => TOKEN;
  const calls = {
    baseUrl: new URL('http://hubspot.example.com'),
    version: 'v4' as const,
    tokens: { get: getToken, refresh: getToken },
    rateLimiter: createRateLimiter({ ratePer10Seconds: 999_999, instances: 1 }),
    circuitBreaker: createCircuitBreaker(),
    dailyLimit: createDailyLimit(),
    legalBasis: { legalBasis: 'LEGITIMATE_INTEREST_OTHER', legalBasisExplanation: 'The recipient opted out.' },
    fetch: fetchFrom(portal, { clock, faults: [...faults] }),
    clock,
    report: () => {},
  };
  const ports = {
    ledger: createMemoryLedger().ledger,
    hubspot: () => createHubSpot(calls),
    definitions: createDefinitions(calls),
    businessUnitIds: {},
    staleAfterSeconds,
    uncheckedAfterHours: 24,
    allAddresses: false,
    enqueue: async () => {},
    clock,
    random: () => 0.5,
  };
  return {
    time,
    ports: { ...ports, isOverSurgeLimit: async () => false, sign: async () => undefined },
    optIn() {
      const statuses = [{ status: 'SUBSCRIBED', timestamp: time.now.toISOString() }];
      putPerson(portal, email, { json: JSON.stringify({ statuses }), at: time.now.toISOString() });
    },
    isOptedOut: () => isOptedOut(portal.store.find(email), portal.settings),
    close: () => portal.store.close(),
  };
}

/** Creates a `fetch` that calls the portal directly. Each call consumes one fault. */
function fetchFrom(portal: Portal, { clock, faults }: { readonly clock: () => Date; readonly faults: Fault[] }) {
  const fetchPortal: typeof fetch = async (input, init) => {
    const { pathname, search } = new URL(input as URL);
    const exchange = {
      method: init?.method ?? 'GET',
      target: pathname + search,
      authorization: `Bearer ${TOKEN}`,
      contentType: undefined,
      body: '',
      at: clock().toISOString(),
      correlationId: randomUUID(),
    };
    const fault = faults.shift() ?? 'none';
    if (fault === 'cut before') throw new TypeError('cut');
    if (fault === 'down') return new Response('', { status: 503 });
    const { status, body, headers = {} } = handleApi(exchange, portal);
    if (fault === 'cut after') throw new TypeError('cut');
    return new Response(typeof body === 'string' ? body : JSON.stringify(body), { status, headers });
  };
  return fetchPortal;
}
