import { createHmac } from 'node:crypto';
import { expect, it } from 'vitest';
import { intercom } from '../../functions/sources/intercom.ts';
import { AT, NOWHERE, request } from '../core/examples.ts';
import { describeSource, expectAccepted, refusalOf } from './describe-source.ts';

const SECRET = 'sample-secret-intercom';

function sign(body: Uint8Array): Readonly<Record<string, string>> {
  return { 'x-hub-signature': `sha1=${createHmac('sha1', SECRET).update(body).digest('hex')}` };
}

describeSource(intercom, { sign });

const asked = (text: string) => request(text, { headers: sign(Buffer.from(text)) });

async function read(event: unknown) {
  return intercom.read(await intercom.verify(asked(JSON.stringify(event)), [SECRET], NOWHERE));
}

const event = (topic: string, item: unknown) => ({ id: 'notif_1', topic, created_at: 1762077600, data: { item } });

it.each([
  ['without its prefix', (it: string) => it.slice('sha1='.length)],
  ['under another prefix', (it: string) => it.replace('sha1', 'sha256')],
  ['cut short', (it: string) => it.slice(0, -1)],
])('rejects a signature %s', async (_what, harm) => {
  const good = asked('{}');
  const headers = { 'x-hub-signature': harm(good.headers['x-hub-signature'] ?? '') };

  await refusalOf(intercom, { ...good, headers }, [SECRET]);
});

it('accepts a test vector of RFC 2202', async () => {
  const headers = { 'x-hub-signature': 'sha1=effcdf6ae5eb2fa2d27416d5f184df9c259a7c79' };

  await expectAccepted(intercom, request('what do ya want for nothing?', { headers }), ['Jefe']);
});

it('reads the id of a subscription from either field', async () => {
  const contact = { email: 'ada@example.com' };
  const { signals } = await read(event('granular.unsubscribe', { subscription: { id: 7 }, contact }));

  expect(signals).toMatchObject([{ kind: 'opt_out', scope: { list: '7' } }]);
});

it.each([
  ['an unknown topic with an address', event('contact.created', { email: 'ada@example.com' }), ['ignored']],
  ['an unknown topic without an address', event('conversation.user.created', { id: '7' }), []],
  ['an unknown topic without an item', { topic: 'constructor' }, []],
  [
    'another channel',
    event('content_stat.sms', { content_stat: { stat_type: 'unsubscribe' }, contact: { email: 'ada@example.com' } }),
    ['ignored'],
  ],
  ['a ping with an address', event('ping', { email: 'ada@example.com' }), ['test']],
])('reads %s', async (_what, sent, kinds) => {
  const { signals, unreadable } = await read(sent);

  expect(signals.map(({ kind }) => kind)).toEqual(kinds);
  expect(unreadable).toEqual([]);
});

it.each([
  ['a list', [], 'event 1: it is not an object'],
  ['no topic', {}, 'event 1: topic is missing'],
  ['no contact', event('contact.unsubscribed', undefined), 'event 1: the email address is not valid'],
])('reports an event with %s as unreadable without throwing', async (_what, sent, reason) => {
  expect(await read(sent)).toEqual({ signals: [], unreadable: [reason] });
});

it.each([
  ['user.unsubscribed', { type: 'user', email: 'ada@example.com', unsubscribed_from_emails: true }, 'opt_out'],
  ['user.unsubscribed', { user: { email: 'ada@example.com' } }, 'opt_out'],
  ['user.email.updated', { email: 'ada@example.com', unsubscribed_from_emails: true }, 'opt_out'],
  ['user.email.updated', { email: 'ada@example.com', unsubscribed_from_emails: false }, 'ignored'],
  ['user.unsubscribed', { contact: {}, user: null, email: 'ada@example.com' }, 'opt_out'],
  ['user.tag.created', { user: { email: 'ada@example.com' } }, 'ignored'],
  ['Contact.Unsubscribed', { contact: { email: 'ada@example.com' } }, 'opt_out'],
])('reads %s of an older API version or in another case: %j', async (topic, item, kind) => {
  expect((await read(event(topic, item))).signals).toMatchObject([{ kind, email: 'ada@example.com', scope: 'all' }]);
});

it.each([null, 'today', 0])('takes an opt-out with the time %j as of its arrival', async (created_at) => {
  const unsubscribed = event('contact.unsubscribed', { contact: { email: 'ada@example.com' } });

  expect((await read({ ...unsubscribed, created_at })).signals).toMatchObject([
    { kind: 'opt_out', eventKey: 'notif_1', occurredAt: AT, isTimeAssumed: true },
  ]);
});

it('takes an opt-out without an id, with its topic and time as the key', async () => {
  const unsubscribed = event('contact.unsubscribed', { contact: { email: 'ada@example.com' } });

  expect((await read({ ...unsubscribed, id: '' })).signals).toMatchObject([
    { kind: 'opt_out', eventKey: 'contact.unsubscribed 1762077600' },
  ]);
});
