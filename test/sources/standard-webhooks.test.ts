import { describe, expect, it } from 'vitest';
import { Unreadable } from '../../functions/core/model/errors.ts';
import type { FieldMap } from '../../functions/core/readers/field-map.ts';
import { standardWebhooks } from '../../functions/sources/standard-webhooks.ts';
import { AT, NOWHERE, plus, request } from '../core/examples.ts';
import { MESSAGE_ID, SHARED_SECRET, standardSigner } from '../core/verify/standard-webhooks-signer.ts';
import { describeSource } from './describe-source.ts';

const sign = standardSigner('webhook');

describeSource(standardWebhooks(), { sign, toleranceSeconds: 300 });

async function read(text: string, fields?: FieldMap) {
  const asked = request(text, { headers: sign(Buffer.from(text), AT) });
  const source = standardWebhooks(fields);
  return source.read(await source.verify(asked, [SHARED_SECRET], NOWHERE));
}

describe('the payload', () => {
  const event = (type: string, more: object = {}) =>
    JSON.stringify({ type, data: { email: 'ada@example.com' }, ...more });

  it.each([
    ['opt_out', 'opt_out'],
    ['contact.opted_out', 'opt_out'],
    ['crm.contact.Unsubscribed', 'opt_out'],
    ['unsubscribe', 'opt_out'],
    ['email.complaint', 'complaint'],
    ['email.hard-bounce', 'hard_bounce'],
    ['email.soft_bounced', 'soft_bounce'],
    ['email.soft_bounce', 'soft_bounce'],
    ['contact.resubscribe', 'resubscribe'],
    ['email.suppressed', 'suppressed'],
    ['contact.resubscribed', 'resubscribe'],
    ['email.spamReported', 'complaint'],
    ['email.hardBounced', 'hard_bounce'],
    ['contact.subscribed', 'resubscribe'],
    ['test', 'test'],
    ['user.created', 'ignored'],
    ['unsubscribed.', 'opt_out'],
    ['contact_unsubscribed', 'opt_out'],
    ['ContactUnsubscribed', 'opt_out'],
    ['contact.optedOut', 'opt_out'],
    ['user/unsubscribed', 'opt_out'],
    ['contact:unsubscribed', 'opt_out'],
    ['email.spam_complaint', 'complaint'],
    ['unsubscribe.failed', 'ignored'],
    ['contact.sms.unsubscribed', 'ignored'],
    ['smsUnsubscribed', 'ignored'],
    ['push_unsubscribed', 'ignored'],
    ['contact.constructor', 'ignored'],
  ])('of type %s is a signal of kind %s', async (type, kind) => {
    expect((await read(event(type))).signals).toMatchObject([{ kind, scope: 'all', eventKey: MESSAGE_ID }]);
  });

  it('with a very long type is read quickly', async () => {
    const startedAt = performance.now();
    const { signals } = await read(event('a'.repeat(200_000)));

    expect(signals).toMatchObject([{ kind: 'ignored' }]);
    expect(performance.now() - startedAt).toBeLessThan(2_000);
  });

  it.each([
    ['an unknown event without an address', event('user.created', { data: { name: 'Ada' } })],
    ['an unknown event with a null address', event('user.created', { data: { email: null } })],
    ['an event without data', '{"type":"invoice.paid"}'],
    ['a resubscribe without an address', '{"type":"contact.resubscribed","data":{}}'],
    ['a test without an address', '{"type":"webhook.test","data":{}}'],
  ])('gives no signal for %s', async (_what, text) => {
    expect(await read(text)).toEqual({ signals: [], unreadable: [] });
  });

  it.each([
    ['no object', '[]', 'the body is not an object'],
    ['no JSON', 'email=ada%40example.com', 'the body is not JSON'],
    ['the published example, which has no type', '{"test": 2432232314}', 'type is missing'],
    ['no address', '{"type":"opt_out","data":{}}', 'data.email is missing'],
    ['an address that is not valid', event('opt_out', { data: { email: 'ada@' } }), 'the email address is not valid'],
    ['data that is not an object', '{"type":"opt_out","data":["ada@example.com"]}', 'data.email is missing'],
  ])('is unreadable with %s', async (_what, text, reason) => {
    await expect(read(text)).rejects.toThrow(expect.objectContaining({ name: 'Unreadable', message: reason }));
  });

  it.each([undefined, null, '2025-11-02T10:00:00', 'today'])(
    'uses the signed time if its own is %j',
    async (timestamp) => {
      expect((await read(event('opt_out', { timestamp }))).signals).toMatchObject([{ occurredAt: AT }]);
    },
  );

  it.each(['eventName', 'eventType', 'event_type', 'event'])('may have its type in %s', async (name) => {
    const text = JSON.stringify({ [name]: 'contact.unsubscribed', data: { email: 'ada@example.com' } });

    expect((await read(text)).signals).toMatchObject([{ kind: 'opt_out' }]);
  });
});

describe('the field map', () => {
  const loops = (eventName: string, more: object = {}) =>
    JSON.stringify({
      eventName,
      eventTime: AT.getTime() / 1000 - 7,
      webhookSchemaVersion: '1.0.0',
      contactIdentity: { id: 'c', email: 'ada@example.com', userId: null },
      ...more,
    });
  const fields = { email: 'contactIdentity.email', list: 'mailingList.id', time: 'eventTime' };

  it.each([
    ['contact.unsubscribed', 'opt_out'],
    ['email.spamReported', 'complaint'],
    ['email.hardBounced', 'hard_bounce'],
    ['email.softBounced', 'soft_bounce'],
    ['contact.mailingList.subscribed', 'resubscribe'],
    ['email.clicked', 'ignored'],
  ])('reads %s of another payload as %s', async (eventName, kind) => {
    expect((await read(loops(eventName), fields)).signals).toMatchObject([
      { kind, scope: 'all', email: 'ada@example.com', eventKey: MESSAGE_ID, occurredAt: plus(-7) },
    ]);
  });

  it('names the list', async () => {
    const left = loops('contact.mailingList.unsubscribed', { mailingList: { id: 'list-1', name: 'News' } });

    expect((await read(left, fields)).signals).toMatchObject([{ kind: 'opt_out', scope: { list: 'list-1' } }]);
  });

  it('may name the field that decides, instead of the type', async () => {
    const optOut = { field: 'contact.state', is: ['cancelled'] };
    const stateOf = (state: string) => JSON.stringify({ contact: { state, email: 'ada@example.com' } });

    expect((await read(stateOf('cancelled'), { email: 'contact.email', optOut })).signals).toMatchObject([
      { kind: 'opt_out', eventKey: MESSAGE_ID, occurredAt: AT },
    ]);
    await expect(read(stateOf('paused'), { email: 'contact.email', optOut })).rejects.toThrow(Unreadable);
  });

  it('does not take the address of another field', async () => {
    const other = loops('contact.unsubscribed', { contactIdentity: {}, agent: 'grace@example.com' });

    await expect(read(other, fields)).rejects.toThrow(new Unreadable('contactIdentity.email is missing'));
  });
});
