import { describe, expect, it } from 'vitest';
import { createBatchLane } from '../../functions/core/delivery/batch-lane.ts';
import { createDefinitions } from '../../functions/core/delivery/definitions.ts';
import type { DeliverPorts } from '../../functions/core/delivery/deliver.ts';
import { deliver } from '../../functions/core/delivery/deliver.ts';
import type { OptOut } from '../../functions/core/model/opt-out.ts';
import type { Outcome } from '../../functions/core/model/outcome.ts';
import { callBatch, createHubSpot } from '../../functions/hubspot/client.ts';
import { commandFor } from '../../prove/harness/commands.ts';
import { createMemoryLedger } from '../core/ledger/memory.ts';
import { clientUnderTest } from './client-under-test.ts';

const { create, simulator } = clientUnderTest();

/** The relay's delivery with the batch lane, against the simulator, with the ledger in memory. */
function delivery(change: Partial<DeliverPorts> = {}) {
  const { ports: calls, clock, pass, events } = create();
  const lane = createBatchLane({ call: (call) => callBatch(call, calls), size: 100, clock, report: calls.report });
  const { ledger } = createMemoryLedger();
  const ports: DeliverPorts = {
    ledger,
    hubspot: (writesAlone) => createHubSpot(calls, { lane, writesAlone }),
    definitions: createDefinitions({ clock, report: calls.report }),
    businessUnitIds: {},
    staleAfterSeconds: 3_600,
    uncheckedAfterHours: 24,
    allAddresses: false,
    enqueue: () => Promise.reject(new Error('unexpected call')),
    isOverSurgeLimit: async () => false,
    sign: async () => undefined,
    clock,
    random: () => 0,
    ...change,
  };
  const round = async (commands: readonly OptOut[]): Promise<readonly Outcome['kind'][]> => {
    const attempts = await Promise.all(commands.map((command) => deliver(command, ports)));
    pass(600);
    return attempts.map(({ outcome }) => outcome.kind);
  };
  return {
    ledger,
    events,
    round,
    /** Delivers until every command is closed, as the queue does. Returns how many were confirmed in each round. */
    async untilClosed(commands: readonly OptOut[]): Promise<readonly number[]> {
      const confirmed: number[] = [];
      for (let rounds = 0; rounds < 6; rounds += 1) {
        const kinds = await round(commands);
        confirmed.push(kinds.filter((kind) => kind === 'confirmed').length);
        if (!kinds.includes('deferred')) return confirmed;
      }
      throw new Error(`still open: ${confirmed}`);
    },
  };
}

const COUNT = 20;
const commands = (name = 'b') => Array.from({ length: COUNT }, (_none, index) => commandFor(`${name}-${index}`));
const plan = (...faults: object[]) => simulator().sim('POST', 'faults', faults);
const WRITE = { match: 'batch/unsubscribe-all?', times: 1 };
const DONE = { status: 'COMPLETE', results: [] };
const FAILED = { status: 'error', message: 'failed' };
const STRANGER = {
  subscriberIdString: 'stranger@example.com',
  statuses: [{ subscriberIdString: 'stranger@example.com', status: 'UNSUBSCRIBED', channel: 'EMAIL' }],
};

/** The paths of the calls, without those for definitions. */
async function paths(): Promise<readonly string[]> {
  const { json } = await simulator().sim('GET', 'requests');
  const all = (json as readonly { readonly method: string; readonly path: string }[]).map(({ path }) => path);
  return all.filter((path) => !path.includes('/definitions'));
}

async function contact(email: string): Promise<{ readonly optedOut: boolean; readonly optOutWrites: number }> {
  return (await simulator().sim('GET', `contacts/${email}`)).json;
}

async function expectOptedOutOnce(all: readonly { readonly email: string }[]): Promise<void> {
  for (const { email } of all) expect(await contact(email)).toMatchObject({ optedOut: true, optOutWrites: 1 });
}

it('a batch is confirmed by one call', async () => {
  const { untilClosed } = delivery();

  expect(await untilClosed(commands())).toEqual([COUNT]);

  expect(await paths()).toHaveLength(1);
  await expectOptedOutOnce(commands());
});

it('a stale batch is read by one call and written by another', async () => {
  const { untilClosed } = delivery({ staleAfterSeconds: -1 });

  expect(await untilClosed(commands())).toEqual([COUNT]);

  expect(await paths()).toHaveLength(2);
  await expectOptedOutOnce(commands());
});

it('a stale batch keeps what its recipients opted into since', async () => {
  const { untilClosed, ledger } = delivery({ staleAfterSeconds: -1 });
  const [ann, ...others] = commands() as [ReturnType<typeof commandFor>, ...ReturnType<typeof commandFor>[]];
  const timestamp = new Date(Date.now() + 60_000).toISOString();
  await simulator().sim('PUT', `contacts/${ann.email}`, { statuses: [{ status: 'SUBSCRIBED', timestamp }] });

  await untilClosed([ann, ...others]);

  expect(await ledger.find(ann.id)).toMatchObject({ state: 'superseded' });
  expect(await contact(ann.email)).toMatchObject({ optedOut: false, optOutWrites: 0 });
  await expectOptedOutOnce(others);
});

it('every brand gets a batch of its own', async () => {
  await simulator().sim('POST', 'portal', { brands: [0, 7] });
  const { untilClosed } = delivery();

  expect(await untilClosed(commands())).toEqual([COUNT]);

  expect((await paths()).map((path) => /businessUnitId=(\d)/.exec(path)?.[1])).toEqual(['0', '7']);
  for (const { email } of commands()) expect(await contact(email)).toMatchObject({ optedOut: true, optOutWrites: 2 });
});

it('two opt-outs of an address in one batch are both confirmed by one write', async () => {
  const { untilClosed } = delivery();
  const [first] = commands() as [ReturnType<typeof commandFor>];
  const again = { ...commandFor('again'), email: first.email };

  expect(await untilClosed([first, again])).toEqual([2]);

  await expectOptedOutOnce([first]);
});

describe('a lying batch loses nothing, doubles nothing and confirms nothing that is not so', () => {
  it.each<[string, object, readonly number[]]>([
    ['lists nobody, and nothing is written', { body: DONE }, [0, COUNT]],
    ['lists nobody, and all is written', { body: DONE, apply: true }, [COUNT]],
    ['lists strangers, and nothing is written', { body: { ...DONE, results: [STRANGER] } }, [0, COUNT]],
    [
      'has status 207 and an error without an address, and all is written',
      { status: 207, apply: true, body: { ...DONE, numErrors: 1, errors: [FAILED] } },
      [COUNT],
    ],
    ['counts an error, and nothing is written', { body: { ...DONE, numErrors: 1 } }, [0, COUNT]],
    ['is pending, and nothing is written', { status: 202, body: { ...DONE, status: 'PENDING' } }, [0, COUNT]],
    ['is empty, and all is written', { body: '', apply: true }, [COUNT]],
    ['is a web page, and nothing is written', { body: '<html></html>' }, [0, COUNT]],
    ['is cut after the write', { drop: 'after' }, [0, COUNT]],
    ['is cut before the write', { drop: 'before' }, [0, COUNT]],
    ['fails after the write', { status: 502, apply: true }, [0, COUNT]],
    ['asks to wait', { status: 429, headers: { 'Retry-After': '1' } }, [0, COUNT]],
    ['refuses the token in the middle', { match: 'batch/', status: 401 }, [COUNT]],
    ['refuses the token twice', { match: 'batch/', status: 401, times: 2 }, [0, COUNT]],
  ])('if it %s', async (_what, fault, confirmed) => {
    await plan({ ...WRITE, ...('body' in fault && !('status' in fault) ? { status: 200 } : {}), ...fault });
    const { untilClosed } = delivery();

    expect(await untilClosed(commands())).toEqual(confirmed);

    await expectOptedOutOnce(commands());
  });

  it('if it lists only some of its addresses', async () => {
    const [first] = commands() as [ReturnType<typeof commandFor>];
    const row = { subscriberIdString: first.email, channel: 'EMAIL', status: 'UNSUBSCRIBED', subscriptionId: 1 };
    const results = [{ subscriberIdString: first.email, statuses: [row] }];
    await plan({ ...WRITE, status: 200, apply: true, body: { status: 'COMPLETE', results } });
    const { untilClosed } = delivery();

    expect(await untilClosed(commands())).toEqual([COUNT]);

    // One write, and one read for the other nineteen.
    expect(await paths()).toHaveLength(2);
    await expectOptedOutOnce(commands());
  });
});

describe('one poisoned address does not hold up the others', () => {
  const poison = commandFor('b-7');
  const others = commands().filter(({ id }) => id !== poison.id);

  it('if HubSpot fails every batch with it', async () => {
    await plan({ match: 'batch/', matchBody: poison.email, status: 500 });
    const { untilClosed } = delivery();

    expect((await untilClosed(commands())).at(-1)).toBeGreaterThan(0);

    await expectOptedOutOnce(commands());
    expect((await paths()).length).toBeLessThanOrEqual(3 * COUNT);
  });

  it('if HubSpot refuses every batch with it, and the address alone', async () => {
    await plan({ match: 'batch/', matchBody: poison.email, status: 400 }, { match: poison.email, status: 400 });
    const { untilClosed, ledger } = delivery();

    expect((await untilClosed(commands())).reduce((sum, count) => sum + count, 0)).toBe(COUNT - 1);

    expect(await ledger.find(poison.id)).toMatchObject({ state: 'rejected' });
    await expectOptedOutOnce(others);
    expect(await contact(poison.email)).toMatchObject({ optOutWrites: 0 });
  });
});

it('an account without batch calls gets single ones, and one report', async () => {
  await simulator().sim('POST', 'portal', { batch: false });
  const { untilClosed, events } = delivery();

  expect(await untilClosed(commands())).toEqual([COUNT]);

  expect(events.filter(({ event }) => event === 'batch.unavailable')).toEqual([
    { event: 'batch.unavailable', status: 403 },
  ]);
  expect(await paths()).toHaveLength(1 + COUNT);
  await expectOptedOutOnce(commands());
});
