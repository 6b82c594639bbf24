import { beforeEach, describe, expect, it } from 'vitest';
import { untilQuarterHourMs } from '../../functions/core/delivery/daily-limit.ts';
import { createDefinitions } from '../../functions/core/delivery/definitions.ts';
import type { DeliverPorts } from '../../functions/core/delivery/deliver.ts';
import { deliver } from '../../functions/core/delivery/deliver.ts';
import { parseEmailAddress } from '../../functions/core/model/email-address.ts';
import type { OptOut } from '../../functions/core/model/opt-out.ts';
import type { Outcome } from '../../functions/core/model/outcome.ts';
import { optOut } from '../core/examples.ts';
import { createMemoryLedger } from '../core/ledger/memory.ts';
import { clientUnderTest } from './client-under-test.ts';

const { create, simulator, planFaults, requestStatuses } = clientUnderTest();

// The clock stands still, so the rate limiter would wait in real time.
beforeEach(() => simulator().sim('POST', 'limits', { per10Seconds: 1_000_000 }));

/** The number of messages that the function receives at once. */
const BATCH = 10;
const HOUR = 3_600;

/** The relay's delivery on a queue whose messages become visible as the clock passes. */
function createDelivery(change: Partial<DeliverPorts> = {}) {
  const { ports: calls, attempt, clock, pass } = create();
  const { ledger } = createMemoryLedger();
  const ports: DeliverPorts = {
    ledger,
    hubspot: attempt,
    definitions: createDefinitions(calls),
    businessUnitIds: {},
    staleAfterSeconds: HOUR,
    uncheckedAfterHours: 24,
    allAddresses: false,
    enqueue: async () => {},
    isOverSurgeLimit: async () => false,
    sign: async () => undefined,
    clock,
    random: () => 0.5,
    ...change,
  };
  let waiting: readonly { readonly command: OptOut; readonly dueMs: number }[] = [];
  const outcomes: Outcome[] = [];

  async function deliverBatch(batch: typeof waiting): Promise<typeof waiting> {
    const results = await Promise.all(
      batch.map(async ({ command }) => {
        const { outcome } = await deliver(command, ports);
        outcomes.push(outcome);
        const dueMs = outcome.kind === 'deferred' ? clock().getTime() + outcome.retryAfterSeconds * 1000 : 0;
        return { command, dueMs };
      }),
    );
    return results.filter(({ dueMs }) => dueMs > 0);
  }

  return {
    ports,
    clock,
    outcomes,
    waiting: () => waiting.length,
    /** Enqueues opt-outs that occurred this many seconds ago. */
    enqueue(count: number, ageSeconds = 0) {
      const at = new Date(clock().getTime() - ageSeconds * 1000).toISOString();
      const commands = Array.from({ length: count }, (_, index) =>
        optOut({
          id: `id-${index}`,
          email: parseEmailAddress(`p${index}@example.com`),
          occurredAt: at,
          receivedAt: at,
        }),
      );
      waiting = commands.map((command) => ({ command, dueMs: clock().getTime() }));
    },
    /** Delivers everything that becomes due within these seconds. */
    async run(seconds: number) {
      const endMs = clock().getTime() + seconds * 1000;
      while (waiting.length > 0) {
        const nextMs = Math.max(clock().getTime(), Math.min(...waiting.map(({ dueMs }) => dueMs)));
        if (nextMs > endMs) break;
        pass((nextMs - clock().getTime()) / 1000);
        const due = waiting.filter(({ dueMs }) => dueMs <= nextMs).slice(0, BATCH);
        const again = await deliverBatch(due);
        waiting = [...waiting.filter((each) => !due.includes(each)), ...again];
      }
      pass(Math.max(0, endMs - clock().getTime()) / 1000);
    },
  };
}

const kinds = (outcomes: readonly Outcome[]) => new Set(outcomes.map(({ kind }) => kind));

describe('the number of calls to HubSpot', () => {
  it('for 100 fresh opt-outs is 100, and one for the definitions', async () => {
    const { enqueue, run, outcomes } = createDelivery();
    enqueue(100);

    await run(60);

    expect(kinds(outcomes)).toEqual(new Set(['confirmed']));
    expect((await requestStatuses()).length).toBe(101);
  });

  it('for 100 opt-outs that are two hours old is 200, and one for the definitions', async () => {
    const { enqueue, run, outcomes } = createDelivery();
    enqueue(100, 2 * HOUR);

    await run(60);

    expect(outcomes).toHaveLength(100);
    expect(kinds(outcomes)).toEqual(new Set(['confirmed']));
    expect((await requestStatuses()).length).toBe(201);
  });

  it('for 150 fresh opt-outs with a 429 and Retry-After is at most 165', async () => {
    await planFaults({ match: 'p50%40', times: 1, status: 429, headers: { 'Retry-After': '15' } });
    const { enqueue, run, outcomes, waiting } = createDelivery();
    enqueue(150);

    await run(HOUR);

    expect(waiting()).toBe(0);
    expect(outcomes.filter(({ kind }) => kind === 'confirmed')).toHaveLength(150);
    expect((await requestStatuses()).length).toBeLessThanOrEqual(165);
  });

  it('while the daily limit is spent is one, and then one per quarter of an hour', async () => {
    await simulator().sim('POST', 'limits', { daily: 0 });
    const { enqueue, run, outcomes, waiting, clock } = createDelivery();
    // From the beginning of a quarter of an hour, or the 20 seconds could be in two of them.
    await run(Math.ceil(untilQuarterHourMs(clock().getTime()) / 1000));
    enqueue(60);

    await run(20);
    expect(await requestStatuses()).toEqual([429]);
    expect(outcomes).toHaveLength(60);
    await run(2 * HOUR - 20);
    expect((await requestStatuses()).length).toBeLessThanOrEqual(9);
    expect(waiting()).toBe(60);

    await simulator().sim('POST', 'limits', { daily: 1_000 });
    await run(HOUR);

    expect(waiting()).toBe(0);
    // By now they are old: one read and one write each, and one call for the definitions.
    expect((await requestStatuses()).filter((status: number) => status === 200)).toHaveLength(121);
  });

  it('in an account with brands is one for each business unit of each opt-out', async () => {
    await simulator().sim('POST', 'portal', { brands: [0, 7] });
    const { enqueue, run, outcomes } = createDelivery();
    enqueue(20);

    await run(60);

    const confirmed = { kind: 'confirmed', evidence: 'response', businessUnits: ['0', '7'] };
    expect(outcomes).toMatchObject(Array(20).fill(confirmed));
    expect((await requestStatuses()).length).toBe(41);
    for (const person of ['p0', 'p19']) {
      expect((await simulator().sim('GET', `contacts/${person}@example.com`)).json).toMatchObject({ optedOut: true });
    }
  });
});

describe('an account with brands and data privacy settings', () => {
  it('confirms an opt-out from one list of a brand', async () => {
    await simulator().sim('POST', 'portal', { brands: [0, 7], dataPrivacy: true });
    const { ports, clock } = createDelivery();
    const at = clock().toISOString();

    const { outcome } = await deliver(optOut({ scope: { list: '7001' }, occurredAt: at, receivedAt: at }), ports);

    expect(outcome).toMatchObject({ kind: 'confirmed', businessUnits: ['7'] });
  });

  it('keeps a newer opt-in to one type and opts out of every other type', async () => {
    await simulator().sim('POST', 'portal', { brands: [0, 7], dataPrivacy: true, echo: 'normalized' });
    const { ports, clock } = createDelivery();
    const at = (hours: number) => new Date(clock().getTime() + hours * HOUR * 1000).toISOString();
    const statuses = [{ subscriptionId: 7002, status: 'SUBSCRIBED', timestamp: at(-1) }];
    await simulator().sim('PUT', 'contacts/ada@example.com', { statuses });

    const { outcome } = await deliver(optOut({ occurredAt: at(-2), receivedAt: at(0) }), ports);

    expect(outcome).toMatchObject({ kind: 'confirmed', kept: ['7002'], businessUnits: ['0', '7'] });
    const { json } = await simulator().sim('GET', 'contacts/ada@example.com');
    const statusOf = ({ subscriptionId, status }: { subscriptionId: number; status: string }) => [
      subscriptionId,
      status,
    ];
    expect(Object.fromEntries(json.statuses.map(statusOf))).toEqual({
      ...{ 1: 'UNSUBSCRIBED', 2: 'UNSUBSCRIBED', 3: 'UNSUBSCRIBED' },
      ...{ 7001: 'UNSUBSCRIBED', 7002: 'SUBSCRIBED', 7003: 'UNSUBSCRIBED' },
    });
  });
});
