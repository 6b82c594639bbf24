import { createHmac } from 'node:crypto';
import { expect, it } from 'vitest';
import { Unauthenticated, Unreadable } from '../../functions/core/model/errors.ts';
import type { RawRequest } from '../../functions/core/payload/http.ts';
import { klaviyo } from '../../functions/sources/klaviyo.ts';
import { AT, NOWHERE, request } from '../core/examples.ts';
import { describeSource, expectAccepted, refusalOf } from './describe-source.ts';
import { later } from './harm.ts';

const SECRET = 'sample-secret-klaviyo';
const WEBHOOK_ID = '01KP4928STE8FKCWB6WDHZ4ZB7';

function sign(body: Uint8Array, at: Date): Readonly<Record<string, string>> {
  const timestamp = at.toUTCString();
  const signature = createHmac('sha256', SECRET).update(body).update(timestamp).digest('hex');
  return { 'klaviyo-timestamp': timestamp, 'klaviyo-signature': signature };
}

const unproven = ({ headers, ...asked }: RawRequest) =>
  ['klaviyo-signature', 'klaviyo-timestamp'].map((name) => ({ ...asked, headers: { ...headers, [name]: '' } }));

describeSource(klaviyo, { sign, unproven });

function asked(payload: unknown, more: Readonly<Record<string, string>> = { 'klaviyo-webhook-id': WEBHOOK_ID }) {
  const unsigned = request(JSON.stringify(payload));
  return { ...unsigned, headers: { ...sign(unsigned.body, unsigned.receivedAt), ...more } };
}

const meta = { klaviyo_webhook_id: WEBHOOK_ID };

async function read(payload: unknown, more?: Readonly<Record<string, string>>) {
  return klaviyo.read(await klaviyo.verify(asked(payload, more), [SECRET], NOWHERE));
}

const event = (topic: string) => ({
  external_id: 'e1',
  topic,
  payload: { data: { attributes: { timestamp: 1762077600, event_properties: { email: 'ada@example.com' } } } },
});

it('accepts a signature over the body followed by the timestamp header', async () => {
  const good = asked({});
  const iso = { ...good.headers, 'klaviyo-timestamp': good.receivedAt.toISOString() };

  await refusalOf(klaviyo, { ...good, headers: iso }, [SECRET]);
});

it('accepts a retry after 48 hours', async () => {
  await expectAccepted(klaviyo, later(asked({}), 48 * 3600), [SECRET]);
});

it.each([
  ['that differs from the signed one', { data: [], meta }, { 'klaviyo-webhook-id': 'other' }],
  ['that is missing in the body', { data: [] }, { 'klaviyo-webhook-id': WEBHOOK_ID }],
  ['that is missing in the headers', { data: [], meta }, {}],
  ['that is missing in both', { data: [] }, {}],
])('rejects a webhook id %s', async (_what, payload, headers) => {
  const isSent = 'klaviyo-webhook-id' in headers;
  const reason = isSent ? 'klaviyo-webhook-id does not match the signed body' : 'header klaviyo-webhook-id is missing';

  await expect(read(payload, headers)).rejects.toThrow(new Unauthenticated(reason));
});

it.each([
  ['event:klaviyo.unsubscribed_from_email_marketing', 'opt_out'],
  ['event:a1B2c3:unsubscribed_from_email_marketing', 'opt_out'],
  ['unsubscribed_from_email_marketing', 'opt_out'],
  ['event:klaviyo.unsubscribed-from-email-marketing', 'opt_out'],
  ['event:klaviyo.resubscribed_to_email_marketing', 'ignored'],
  ['event:klaviyo.unsubscribed_from_email_marketing_2', 'ignored'],
  ['event:klaviyo.unmarked_email_as_spam', 'ignored'],
  ['event:klaviyo.constructor', 'ignored'],
  ['event:klaviyo.', 'ignored'],
])('reads the topic %s as %s', async (topic, kind) => {
  expect((await read({ data: [event(topic)], meta })).signals).toMatchObject([{ kind }]);
});

it.each([
  ['bounced_email', 'Hard', 'hard_bounce'],
  ['bounced_email', 'Soft', 'soft_bounce'],
  ['dropped_email', 'Hard', 'suppressed'],
])('reads %s of type %s as %s', async (topic, type, kind) => {
  const bounced = event(topic);
  Object.assign(bounced.payload.data.attributes.event_properties, { 'Bounce Type': type });

  expect((await read({ data: [bounced], meta })).signals).toMatchObject([{ kind }]);
});

it('prefers the address of the included profile over that of the event', async () => {
  const included = [null, { type: 'metric', attributes: { email: 'metric@example.com' } }, { type: 'profile' }];
  const of = (more: object) => ({ ...event('x'), payload: { ...event('x').payload, ...more } });
  const profile = { type: 'profile', attributes: { email: 'profile@example.com' } };
  const { signals } = await read({
    data: [of({ included }), of({ included: [profile] }), of({ included: profile })],
    meta,
  });

  expect(signals.map(({ email }) => email)).toEqual(['ada@example.com', 'profile@example.com', 'ada@example.com']);
});

it.each([
  ['no batch', { meta }, 'data is not an array'],
  ['an event instead of a batch', { data: event('x'), meta }, 'data is not an array'],
  ['an array', [event('x')], 'the body is not an object'],
])('reports %s as unreadable', async (_what, payload, reason) => {
  await expect(read(payload)).rejects.toThrow(new Unreadable(reason));
});

it('accepts a body with a thousand events', async () => {
  const data = Array.from({ length: 1000 }, (_each, index) => ({ ...event('x'), external_id: `e${index}` }));

  expect((await read({ data, meta })).signals).toHaveLength(1000);
  expect(klaviyo.maxBytes).toBe(4 * 1024 * 1024);
});

it.each([
  [{ datetime: '2026-04-13 22:16:46+00:00' }, { occurredAt: new Date('2026-04-13T22:16:46Z') }],
  [{ timestamp: 'now', datetime: '2026-04-13T22:16:46.5Z' }, { occurredAt: new Date('2026-04-13T22:16:46.5Z') }],
  [{}, { occurredAt: AT, isTimeAssumed: true }],
])('reads an opt-out with the times %j', async (times, expected) => {
  const { event_properties } = event('x').payload.data.attributes;
  const payload = { data: { attributes: { event_properties, ...times } } };
  const unsubscribed = { ...event('event:klaviyo.unsubscribed_from_email_marketing'), payload };

  expect((await read({ data: [unsubscribed], meta })).signals).toMatchObject([{ kind: 'opt_out', ...expected }]);
});

it.each(['HARD', 'hard'])('reads a bounce of type %s as hard', async (type) => {
  const bounced = event('event:klaviyo.Bounced_Email');
  Object.assign(bounced.payload.data.attributes.event_properties, { 'Bounce Type': type });

  expect((await read({ data: [bounced], meta })).signals).toMatchObject([{ kind: 'hard_bounce' }]);
});

it('does not read changed preferences as an opt-out, because it does not know what changed', async () => {
  expect((await read({ data: [event('event:klaviyo.updated_email_preferences')], meta })).signals).toMatchObject([
    { kind: 'ignored' },
  ]);
});
