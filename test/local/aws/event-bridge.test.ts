import { afterEach, beforeEach, expect, it } from 'vitest';
import { type LocalEventBridge, type PutEvent, startEventBridge } from '../../../local/aws/event-bridge.ts';

const valid = { Source: 'shop', DetailType: 'Opt-Out Requested', Detail: '{"email":"ada@example.com"}' };

let server: LocalEventBridge;
let events: PutEvent[];

beforeEach(async () => {
  events = [];
  server = await startEventBridge({ port: 0, onEvent: (event) => void events.push(event) });
});

afterEach(() => server.close());

async function put(entries: unknown, target = 'AWSEvents.PutEvents') {
  const headers = { 'content-type': 'application/x-amz-json-1.1', 'x-amz-target': target };
  const response = await fetch(server.url, { method: 'POST', headers, body: JSON.stringify({ Entries: entries }) });
  return { status: response.status, body: await response.json() };
}

it('passes on an accepted event with all its fields', async () => {
  const arn = 'arn:aws:events:us-east-1:000000000000:event-bus/partners';
  const resources = ['arn:aws:ses:us-east-1:000000000000:identity/example.com'];

  const { status, body } = await put([{ ...valid, EventBusName: arn, Resources: resources, Time: 1_764_547_200.5 }]);

  expect(status).toBe(200);
  expect(body).toEqual({ FailedEntryCount: 0, Entries: [{ EventId: events[0]?.id }] });
  expect(events).toEqual([
    {
      id: expect.stringMatching(/^[0-9a-f-]{36}$/),
      source: 'shop',
      detailType: 'Opt-Out Requested',
      detail: { email: 'ada@example.com' },
      resources,
      busName: 'partners',
      time: '2025-12-01T00:00:00Z',
    },
  ]);
});

it('uses the default bus, no resources and the current time by default', async () => {
  await put([{ ...valid, Resources: [] }, valid]);

  for (const event of events) expect(event).toMatchObject({ busName: 'default', resources: [] });
  expect(Math.abs(Date.now() - Date.parse(events[0]?.time ?? ''))).toBeLessThan(60_000);
});

it.each([
  ['no source', { Source: undefined }, 'InvalidArgument'],
  ['an empty source', { Source: '' }, 'InvalidArgument'],
  ['no detail type', { DetailType: undefined }, 'InvalidArgument'],
  ['no detail', { Detail: undefined }, 'InvalidArgument'],
  ['a detail that is not JSON', { Detail: '{email' }, 'MalformedDetail'],
  ['a detail that is a list', { Detail: '[]' }, 'MalformedDetail'],
  ['a detail that is a string', { Detail: '"text"' }, 'MalformedDetail'],
  ['the source of an AWS service', { Source: 'aws.ses' }, 'NotAuthorizedForSourceException'],
])('rejects an entry with %s and accepts the others', async (_case, change, code) => {
  const { status, body } = await put([valid, { ...valid, ...change }, valid]);

  expect(status).toBe(200);
  expect(body).toEqual({
    FailedEntryCount: 1,
    Entries: [
      { EventId: events[0]?.id },
      { ErrorCode: code, ErrorMessage: expect.any(String) },
      { EventId: events[1]?.id },
    ],
  });
  expect(events).toHaveLength(2);
});

it('accepts ten entries and rejects eleven, an empty list, and no list', async () => {
  expect((await put(Array(10).fill(valid))).body).toMatchObject({ FailedEntryCount: 0 });

  for (const entries of [Array(11).fill(valid), [], undefined, 'text', [null]]) {
    expect(await put(entries)).toMatchObject({ status: 400, body: { __type: 'ValidationException' } });
  }
  expect(events).toHaveLength(10);
});

it('rejects a member of the wrong type and an invalid time', async () => {
  for (const change of [{ Source: 1 }, { Resources: 'arn' }, { Time: '2025-12-01' }]) {
    expect(await put([{ ...valid, ...change }])).toMatchObject({
      status: 400,
      body: { __type: 'SerializationException' },
    });
  }
  expect(events).toEqual([]);
});

it('accepts events of AWS and its partners by PutPartnerEvents, each partner on its own bus', async () => {
  const partner = 'aws.partner/salesforce.com/00D/0YL';
  const entries = [{ ...valid, Source: partner }, { ...valid, Source: 'aws.ses' }, valid];

  const { body } = await put(entries, 'AWSEvents.PutPartnerEvents');

  expect(body).toMatchObject({
    FailedEntryCount: 1,
    Entries: [{}, {}, { ErrorCode: 'NotAuthorizedForSourceException' }],
  });
  expect(events).toMatchObject([
    { source: partner, busName: partner },
    { source: 'aws.ses', busName: 'default' },
  ]);
});

it('responds after the event is passed on', async () => {
  const steps: string[] = [];
  const onEvent = async () => {
    await new Promise((resolve) => setImmediate(resolve));
    steps.push('handed over');
  };
  await server.close();
  server = await startEventBridge({ port: 0, onEvent });

  await put([valid]).then(() => steps.push('answered'));

  expect(steps).toEqual(['handed over', 'answered']);
});

it('rejects other operations', async () => {
  expect(await put([valid], 'AWSEvents.PutRule')).toMatchObject({
    status: 400,
    body: { __type: 'UnknownOperationException' },
  });
});
