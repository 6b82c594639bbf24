import { describe, expect, it } from 'vitest';
import { Unreadable } from '../../functions/core/model/errors.ts';
import type { RawRequest } from '../../functions/core/payload/http.ts';
import { azureCommunication } from '../../functions/sources/azure-communication.ts';
import { NOWHERE } from '../core/examples.ts';
import { describeSource, refusalOf } from './describe-source.ts';
import type { Fixture } from './fixture.ts';
import { fixturesOf, requestOf } from './fixture.ts';

describeSource(azureCommunication, {
  unproven: (request) => [{ ...request, url: new URL(request.url.pathname, request.url) }],
});

const [fixture] = fixturesOf('azure-communication') as [Fixture];
const recorded = requestOf(fixture, 'azure-communication');

async function proven(text: string) {
  return azureCommunication.verify({ ...recorded, body: Buffer.from(text) }, [fixture.secret], NOWHERE);
}

const report = {
  id: 'e1',
  eventType: 'Microsoft.Communication.EmailDeliveryReportReceived',
  eventTime: '2020-09-18T00:22:20Z',
  data: { recipient: 'ada@example.com', status: 'Bounced' },
};

async function read(change: object) {
  return azureCommunication.read(await proven(JSON.stringify([{ ...report, ...change }])));
}

it.each(['', '?key=', '?key=guess', '?KEY=sample-secret-azure-communication'])(
  'rejects the query %j',
  async (query) => {
    const url = new URL(`/webhooks/azure-communication${query}`, recorded.url);

    await refusalOf(azureCommunication, { ...recorded, url }, [fixture.secret]);
  },
);

it('reads the reports in the same batch as the validation event', async () => {
  const handshake = { eventType: 'Microsoft.EventGrid.SubscriptionValidationEvent', data: { validationCode: 'c1' } };
  const verified = await proven(JSON.stringify([handshake, report]));

  expect(azureCommunication.handshake?.(verified, [])).toBeDefined();
  expect(azureCommunication.read(verified)).toMatchObject({ signals: [{ kind: 'hard_bounce' }], unreadable: [] });
});

it('answers the validation event at any position, and no other event', async () => {
  const handshake = { eventType: 'Microsoft.EventGrid.SubscriptionValidationEvent', data: { validationCode: 'c"1' } };
  const greeting = (events: unknown) =>
    proven(JSON.stringify(events)).then((it) => azureCommunication.handshake?.(it, []));

  expect(await greeting(['x', null, report, handshake])).toMatchObject({
    response: { body: '{"validationResponse":"c\\"1"}' },
  });
  expect(await greeting([report, 'x'])).toBeUndefined();
  await expect(greeting([{ ...handshake, data: {} }])).rejects.toThrow(new Unreadable('validationCode is missing'));
  await expect(greeting([{ ...handshake, data: 'c' }])).rejects.toThrow(new Unreadable('data is not an object'));
});

it.each([
  ['an unknown status', { data: { ...report.data, status: 'OutForDelivery' } }, ['ignored']],
  ['an inherited property name as status', { data: { ...report.data, status: 'constructor' } }, ['ignored']],
  ['another event with a recipient', { eventType: 'Microsoft.Communication.Other' }, ['ignored']],
  ['another event without a recipient', { eventType: 'Microsoft.Communication.Other', data: 'x' }, []],
])('gives no opt-out for %s', async (_what, change, kinds) => {
  const { signals, unreadable } = await read(change);

  expect(signals.map(({ kind }) => kind)).toEqual(kinds);
  expect(unreadable).toEqual([]);
});

it.each([['no status', { data: { recipient: 'ada@example.com' } }, 'status is missing']])(
  'reports a delivery report with %s as unreadable',
  async (_what, change, reason) => {
    expect(await read(change)).toEqual({ signals: [], unreadable: [`event 1: ${reason}`] });
  },
);

describe('the CloudEvents schema', () => {
  async function ask(headers: RawRequest['headers']) {
    const asked = { ...recorded, method: 'OPTIONS', headers, body: Buffer.from('') };
    return azureCommunication.onOptions?.(await azureCommunication.verify(asked, [fixture.secret], NOWHERE));
  }

  const { eventType: type, eventTime: time, ...rest } = report;
  const cloudEvent = { ...rest, specversion: '1.0', source: '/subscriptions/s1', type, time };

  it.each([
    ['one event', cloudEvent],
    ['a batch', [cloudEvent]],
  ])('is read: %s', async (_what, body) => {
    const { signals, unreadable } = azureCommunication.read(await proven(JSON.stringify(body)));

    expect(signals).toMatchObject([{ kind: 'hard_bounce', eventKey: 'e1', occurredAt: new Date(report.eventTime) }]);
    expect(unreadable).toEqual([]);
  });

  it.each([
    [{ 'webhook-request-origin': 'eventgrid.azure.net' }, 'eventgrid.azure.net'],
    [{ 'webhook-request-origin': 'eventgrid.azure.net', 'webhook-request-rate': '120' }, 'eventgrid.azure.net'],
  ])('allows the origin that asks before it sends: %j', async (headers, origin) => {
    const asked = await ask(headers);

    expect(asked).toEqual({
      status: 200,
      headers: { 'webhook-allowed-origin': origin, 'webhook-allowed-rate': '*' },
    });
  });

  it.each([{}, { 'webhook-request-origin': '' }, { 'webhook-request-origin': 'a\r\nset-cookie: b' }])(
    'allows no origin if none asks, or if it is not a host name: %j',
    async (headers) => {
      const asked = await ask(headers);

      expect(asked).toEqual({ status: 200 });
    },
  );

  it('has no handshake in its body', async () => {
    expect(azureCommunication.handshake?.(await proven(JSON.stringify(cloudEvent)), [])).toBeUndefined();
  });
});

it.each(['"x"', '7', 'null'])('reports %s instead of events as unreadable', async (body) => {
  const verified = await proven(body);

  expect(() => azureCommunication.read(verified)).toThrow(new Unreadable('the body is not an object'));
});
