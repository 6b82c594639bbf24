import { randomUUID } from 'node:crypto';
import { createCircuitBreaker } from '../../functions/core/delivery/circuit-breaker.ts';
import type { DeliverPorts } from '../../functions/core/delivery/deliver.ts';
import { createRateLimiter } from '../../functions/core/delivery/rate-limiter.ts';
import { createHubSpot } from '../../functions/hubspot/client.ts';
import { putPerson } from '../../local/hubspot/control-contacts.ts';
import type { Person } from '../../local/hubspot/person.ts';
import type { Portal } from '../../local/hubspot/portal.ts';
import { createPortal } from '../../local/hubspot/portal.ts';
import { handleApi } from '../../local/hubspot/routes.ts';
import { createMemoryLedger } from '../../test/core/ledger/memory.ts';
import type { Trouble } from './order.ts';

const TOKEN = 'pat-prove';

export interface AccountOptions {
  readonly troubles: readonly Trouble[];
  readonly staleAfterSeconds: number;
}

export interface Account {
  /** To be set: the simulated HubSpot goes by it, too. */
  readonly time: { now: Date };
  readonly ports: DeliverPorts;
  /** The person opts in again at HubSpot. */
  optIn(): undefined;
  person(): Person;
  close(): void;
}

/** One person's account at a HubSpot without a wire, and what delivers to it. */
export function createAccount(email: string, { troubles, staleAfterSeconds }: AccountOptions): Account {
  const portal = createPortal(undefined, undefined);
  portal.access.setTokens([TOKEN]);
  portal.limits.set({ per10Seconds: 1_000_000 });
  const time = { now: new Date() };
  const clock = () => time.now;
  const known = async () => TOKEN;
  const calls = {
    baseUrl: new URL('http://hubspot.example.com'),
    version: 'v4' as const,
    tokens: { get: known, refresh: known },
    rateLimiter: createRateLimiter({ ratePer10Seconds: 999_999, instances: 1 }),
    circuitBreaker: createCircuitBreaker(),
    fetch: answering(portal, { clock, troubles: [...troubles] }),
    clock,
    report: () => {},
  };
  const ports = {
    ledger: createMemoryLedger().ledger,
    hubspot: () => createHubSpot(calls),
    businessUnitIds: {},
    staleAfterSeconds,
    clock,
    random: () => 0.5,
  };
  return {
    time,
    ports: { ...ports, isOverSurgeLimit: async () => false, sign: async () => undefined },
    optIn() {
      const statuses = [{ status: 'SUBSCRIBED', timestamp: time.now.toISOString() }];
      putPerson(portal.store, email, { json: JSON.stringify({ statuses }), at: time.now.toISOString() });
    },
    person: () => portal.store.find(email),
    close: () => portal.store.close(),
  };
}

/** The portal's answers, without a wire; `troubles` are used up. */
function answering(portal: Portal, { clock, troubles }: { readonly clock: () => Date; readonly troubles: Trouble[] }) {
  const answer: typeof fetch = async (asked, init) => {
    const { pathname, search } = new URL(asked as URL);
    const exchange = {
      method: init?.method ?? 'GET',
      target: pathname + search,
      authorization: `Bearer ${TOKEN}`,
      contentType: undefined,
      body: '',
      at: clock().toISOString(),
      correlationId: randomUUID(),
    };
    const trouble = troubles.shift() ?? 'none';
    if (trouble === 'cut before') throw new TypeError('cut');
    if (trouble === 'down') return new Response('', { status: 503 });
    const { status, body, headers = {} } = handleApi(exchange, portal);
    if (trouble === 'cut after') throw new TypeError('cut');
    return new Response(typeof body === 'string' ? body : JSON.stringify(body), { status, headers });
  };
  return answer;
}
