import { createHmac } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { Unreadable } from '../../functions/core/model/errors.ts';
import type { FieldMap } from '../../functions/core/readers/field-map.ts';
import { webflow } from '../../functions/sources/webflow.ts';
import { NOWHERE } from '../core/examples.ts';
import { describeSource, expectAccepted, refusalOf } from './describe-source.ts';
import type { Fixture } from './fixture.ts';
import { fixturesOf, requestOf } from './fixture.ts';

const SECRET = 'sample-secret-webflow';

function signed(timestamp: string, body: Uint8Array): Readonly<Record<string, string>> {
  const signature = createHmac('sha256', SECRET).update(`${timestamp}:`).update(body).digest('hex');
  return { 'x-webflow-timestamp': timestamp, 'x-webflow-signature': signature };
}

const sign = (body: Uint8Array, at: Date) => signed(String(at.getTime()), body);

describeSource(webflow(), { sign, toleranceSeconds: 300 });

const [fixture] = fixturesOf('webflow') as [Fixture];
const recorded = requestOf(fixture, 'webflow');
const event = JSON.parse(fixture.body);

async function read(payload: unknown, fields?: FieldMap) {
  const body = Buffer.from(JSON.stringify(payload));
  const headers = sign(body, recorded.receivedAt);
  const source = webflow(fields);
  return source.read(await source.verify({ ...recorded, body, headers }, [SECRET], NOWHERE));
}

const submitting = (data: unknown) => ({ ...event, payload: { ...event.payload, data } });

it.each([-300_000, 300_000])('accepts a request %d milliseconds from its signed time', async (ms) => {
  const headers = signed(String(recorded.receivedAt.getTime() + ms), recorded.body);

  await expectAccepted(webflow(), { ...recorded, headers }, [SECRET]);
});

it.each(['', '1762077602', '1762077602000.5', 'now'])('rejects the signed timestamp %j', async (timestamp) => {
  await refusalOf(webflow(), { ...recorded, headers: signed(timestamp, recorded.body) }, [SECRET]);
});

describe('the field map', () => {
  const data = { 'Your Address': 'ada@example.com', 'Friend’s Email': 'grace@example.com', Stop: 'true', Keep: false };
  const email = 'Your Address';

  it('names fields by name and everything else by path', async () => {
    const fields = { email: 'Your Address', list: 'payload.formId', id: 'payload.formElementId' };

    expect((await read(submitting(data), fields)).signals).toMatchObject([
      {
        email: 'ada@example.com',
        scope: { list: '65429eadebe8a9f3a30f62d0' },
        eventKey: '4e038d2c-6a1e-4953-7be9-a59a2b453177',
        confidence: 'exact',
      },
    ]);
  });

  it.each([
    ['Stop', 'opt_out'],
    ['Keep', 'ignored'],
    ['Other', 'ignored'],
  ])('reads the checkbox %s as %s', async (optOut, kind) => {
    expect((await read(submitting(data), { optOut, email })).signals).toMatchObject([
      { kind, email: 'ada@example.com' },
    ]);
  });

  it('names the address if only the name of another one contains email', async () => {
    expect((await read(submitting(data))).signals.map((signal) => [signal.email, signal.confidence])).toEqual([
      ['ada@example.com', 'ambiguous'],
      ['grace@example.com', 'ambiguous'],
    ]);
  });
});

it.each([
  ['no field with an address', { Name: '@ada', Email: 'Ada' }],
  ['no fields', null],
])('is unreadable with %s', async (_what, data) => {
  await expect(read(submitting(data))).rejects.toThrow(new Unreadable('the address is missing'));
});

it.each([
  ['in another language', { Correo: 'ada@example.com' }],
  [
    'and skips a name that asks for something else',
    { Email: 'ada@example.com', 'Email me about': 'ask bob@example.com' },
  ],
  ['under another name', { Name: 'ada@example.com', Email: 'Ada' }],
])('finds the address %s', async (_what, data) => {
  expect((await read(submitting(data))).signals).toMatchObject([{ email: 'ada@example.com', confidence: 'exact' }]);
});

it('reads the type of the event in any case', async () => {
  expect((await read({ ...event, triggerType: 'Form_Submission' })).signals).toMatchObject([{ kind: 'opt_out' }]);
});

it.each([
  ['an unknown event', { triggerType: 'constructor', payload: [] }],
  ['an event without a payload', { triggerType: 'page_deleted' }],
])('gives no opt-out for %s', async (_what, payload) => {
  expect(await read(payload)).toEqual({ signals: [], unreadable: [] });
});

it('reports the payload of API version 1 as unreadable', async () => {
  const old = {
    name: 'Unsubscribe',
    site: '62749158efef318abc8d5a0f',
    data: { email: 'ada@example.com' },
    _id: '6321',
  };

  await expect(read(old)).rejects.toThrow(new Unreadable('triggerType is missing'));
});
