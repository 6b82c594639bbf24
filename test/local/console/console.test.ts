import process from 'node:process';
import { SQSClient } from '@aws-sdk/client-sqs';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { createQueue } from '../../../functions/aws/sqs.ts';
import { parseEmailAddress } from '../../../functions/core/model/email-address.ts';
import { consoleSamples } from '../../../local/console/samples.ts';
import { optOut } from '../../core/examples.ts';
import type { StackUnderTest } from '../stack-under-test.ts';
import { stackUnderTest, until } from '../stack-under-test.ts';
import type { Viewer } from './event-stream.ts';
import { viewEvents } from './event-stream.ts';

let stack: StackUnderTest;
let viewer: Viewer;

beforeAll(async () => {
  stack = await stackUnderTest({}, undefined, {});
});
beforeEach(async () => {
  viewer = await viewEvents(stack.url);
});
afterEach(() => viewer.leave());
afterAll(() => stack.stop());

async function press(path: string, headers: Readonly<Record<string, string>> = {}) {
  const response = await fetch(`${stack.url}/_local/${path}`, { method: 'POST', headers });
  return { status: response.status, body: (await response.json()) as Record<string, unknown> };
}

function optOutByForm(email: string): Promise<Response> {
  const headers = { 'content-type': 'application/x-www-form-urlencoded' };
  return stack.post({ path: '/unsubscribe', headers, body: `${new URLSearchParams({ email })}` });
}

const journeyOf = (email: string) => viewer.newest('journey').find((journey) => journey.email === email);
const outcomesOf = (email: string) =>
  (journeyOf(email)?.attempts as { readonly outcome: string }[] | undefined)?.map(({ outcome }) => outcome) ?? [];

async function untilConfirmed(email: string) {
  return until(
    async () => journeyOf(email),
    (journey) => journey?.confirmedAt !== undefined,
  );
}

describe('the console', () => {
  it('shows an opt-out from its request to its confirmation, with times in order', async () => {
    await optOutByForm('watched@example.com');

    const journey = await untilConfirmed('watched@example.com');
    expect(journey).toMatchObject({ source: 'form', kind: 'opt_out' });
    const { receivedAt, acceptedAt, confirmedAt } = journey as Record<string, number>;
    expect(acceptedAt).toBeGreaterThanOrEqual(receivedAt ?? Number.NaN);
    expect(confirmedAt).toBeGreaterThanOrEqual(receivedAt ?? Number.NaN);
    const request = viewer.newest('request').find(({ at }) => at === receivedAt);
    expect(request).toMatchObject({ method: 'POST', path: '/unsubscribe', status: 303, optOuts: 1 });
    const call = viewer.newest('call').find(({ path }) => String(path).includes('watched@example.com'));
    expect(call).toMatchObject({ method: 'POST', status: 200, tookMs: expect.any(Number) });
  });

  it('shows totals and the depth of the queue', async () => {
    await until(
      async () => viewer.newest('totals')[0],
      (totals) => Number(totals?.confirmed) >= 1,
    );

    const [depth] = await until(
      async () => viewer.newest('depth'),
      (depths) => depths.length === 1,
    );
    expect(depth).toMatchObject({ visible: expect.any(Number), inFlight: expect.any(Number), delayed: 0, dead: 0 });
  });

  it('shows earlier data to a new viewer', async () => {
    await optOutByForm('earlier@example.com');
    await untilConfirmed('earlier@example.com');

    const late = await viewEvents(stack.url);

    await until(
      async () => late.newest('journey'),
      (journeys) => journeys.some(({ email }) => email === 'earlier@example.com'),
    );
    expect(late.newest('setup')).toHaveLength(1);
    late.leave();
  });

  it('shows why a request was rejected', async () => {
    await stack.post({ path: '/webhooks/standard-webhooks', headers: {}, body: '{}' });

    const request = await until(
      async () => viewer.newest('request').find(({ path }) => path === '/webhooks/standard-webhooks'),
      (found) => found !== undefined,
    );
    expect(request).toMatchObject({ status: 401, note: expect.any(String) });
  });

  it('shows no sealed token, and leaves the log unchanged', async () => {
    await press('send/one-click');

    const { path } = await until(
      async () => viewer.newest('request').find((request) => String(request.path).startsWith('/u/')) ?? { path: '' },
      (request) => request.path !== '',
    );
    expect(String(path).length).toBeLessThan(20);
    expect(stack.written.every((chunk) => chunk.endsWith('\n'))).toBe(true);
    // The next tests break HubSpot and count its calls.
    await until(
      async () => viewer.newest('journey'),
      (journeys) => journeys.length > 0 && journeys.every(({ confirmedAt }) => confirmedAt !== undefined),
    );
  });
});

describe('a fault', () => {
  it('lasts until repaired: the opt-out is deferred, then confirmed', async () => {
    expect(await press('break/down')).toEqual({ status: 200, body: { name: 'down' } });
    expect(await stack.sim('faults')).toEqual([{ status: 503 }]);

    await optOutByForm('patient@example.com');

    await until(
      async () => outcomesOf('patient@example.com'),
      ([first]) => first === 'deferred',
    );
    expect(viewer.newest('fault')).toEqual([{ name: 'down' }]);
    expect(await press('repair')).toEqual({ status: 200, body: {} });
    await untilConfirmed('patient@example.com');
    expect(await stack.contact('patient@example.com')).toMatchObject({ optedOut: true, optOutWrites: 1 });
  });

  it('lasts for a number of calls and replaces the one before', async () => {
    await press('break/down');

    expect(await press('break/cut?times=1')).toMatchObject({ body: { name: 'cut', left: 1 } });

    await optOutByForm('cut@example.com');
    await untilConfirmed('cut@example.com');
    expect(outcomesOf('cut@example.com')).toEqual(['deferred', 'confirmed']);
    expect(viewer.newest('call').some(({ status }) => status === 0)).toBe(true);
  });

  it.each([
    [[{ status: 503 }], { name: 'down' }],
    [[{ status: 503, times: 2 }], { name: 'down', left: 2 }],
    [[{ status: 500 }], { name: 'other' }],
    [
      [
        { status: 503, times: 2 },
        { drop: 'before', times: 3 },
      ],
      { name: 'other', left: 5 },
    ],
    [[{ status: 503, times: 2 }, { drop: 'before' }], { name: 'other' }],
  ])('that another client has planned is shown: %j', async (planned, shown) => {
    await stack.sim('faults', 'POST', planned);

    await until(
      async () => viewer.newest('fault'),
      ([fault]) => JSON.stringify(fault) === JSON.stringify(shown),
    );
    await press('repair');
  });

  it('that is unknown changes nothing', async () => {
    expect(await press('break/toString')).toMatchObject({ status: 404 });
    expect(await press('send/toString')).toMatchObject({ status: 404 });
  });
});

it('counts the opt-outs of a backfill, which another program puts on the bulk queue', async () => {
  const totals = () => viewer.newest('totals')[0] as Readonly<Record<string, number>>;
  const depth = () => viewer.newest('depth')[0] as Readonly<Record<string, number>>;
  const before = await until(
    async () => totals(),
    ({ accepted, ended }) => accepted === ended,
  );
  await press('break/down');
  const commands = ['one', 'two', 'three'].map((name) =>
    optOut({ id: name.padEnd(43, '0'), email: parseEmailAddress(`backfill.${name}@example.com`), source: 'backfill' }),
  );

  await createQueue(new SQSClient(), process.env.BULK_QUEUE_URL ?? '').send(commands);

  await until(
    async () => depth(),
    ({ visible = 0, inFlight = 0, delayed = 0 }) => visible + inFlight + delayed === commands.length,
  );
  await press('repair');
  await until(
    async () => totals(),
    ({ confirmed = 0 }) => confirmed === (before.confirmed ?? 0) + commands.length,
  );
  expect(totals()).toMatchObject({
    requests: before.requests,
    accepted: (before.accepted ?? 0) + commands.length,
    ended: (before.ended ?? 0) + commands.length,
  });
});

it('names who signs the samples that are rejected, and only those', () => {
  const samples = consoleSamples(stack.dir);

  for (const { expected, signer } of samples) expect(expected === 401).toBe(signer !== undefined);
  expect(samples.flatMap(({ signer }) => signer ?? []).toSorted()).toEqual(['AWS', 'Scaleway']);
});

it('sends a sample of every source, with the documented status', async () => {
  const left = [...consoleSamples(stack.dir)];
  const wrong: unknown[] = [];
  const work = async () => {
    for (let next = left.shift(); next; next = left.shift()) {
      const { body } = await press(`send/${next.name}`);
      if (body.status !== next.expected) wrong.push(body);
    }
  };
  await Promise.all([work(), work(), work()]);

  expect(wrong).toEqual([]);
}, 60_000);

it.each([
  ['another page', { origin: 'https://evil.example.com' }],
  ['another port', { origin: 'http://127.0.0.1:1' }],
  ['another site', { 'sec-fetch-site': 'cross-site' }],
])('rejects posts from %s', async (_who, headers) => {
  const response = await fetch(`${stack.url}/_local/send/form`, { method: 'POST', headers });

  expect(response.status).toBe(403);
});

it('ends the event streams of its viewers when the stack stops', async () => {
  const own = await viewEvents(stack.url);

  await stack.stop();

  await own.ended;
  expect(vi.isMockFunction(process.stdout.write)).toBe(true);
});
