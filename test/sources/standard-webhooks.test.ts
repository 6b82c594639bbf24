import { describe, expect, it } from 'vitest';
import { standardWebhooks } from '../../functions/sources/standard-webhooks.ts';
import { AT, NOWHERE, request } from '../core/examples.ts';
import { MESSAGE_ID, SHARED_SECRET, standardSigner } from '../core/verify/standard-webhooks-signer.ts';
import { describeSource } from './describe-source.ts';

const sign = standardSigner('webhook');

describeSource(standardWebhooks, { sign, toleranceSeconds: 300 });

async function read(text: string) {
  const asked = request(text, { headers: sign(Buffer.from(text), AT) });
  return standardWebhooks.read(await standardWebhooks.verify(asked, [SHARED_SECRET], NOWHERE));
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
    ['test', 'test'],
    ['user.created', 'ignored'],
    ['unsubscribed.', 'ignored'],
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
    ['a test without an address', '{"type":"webhook.test","data":{}}'],
  ])('gives no signal for %s', async (_what, text) => {
    expect(await read(text)).toEqual({ signals: [], unreadable: [] });
  });

  it.each([
    ['no object', '[]', 'the body is not an object'],
    ['no JSON', 'email=ada%40example.com', 'the body is not JSON'],
    ['the published example, which has no type', '{"test": 2432232314}', 'type is missing'],
    ['no address', '{"type":"opt_out","data":{}}', 'the email address is not valid'],
    ['data that is not an object', '{"type":"opt_out","data":["ada@example.com"]}', 'the email address is not valid'],
    ['a time without a time zone', event('opt_out', { timestamp: '2025-11-02T10:00:00' }), 'timestamp is not a time'],
  ])('is unreadable with %s', async (_what, text, reason) => {
    await expect(read(text)).rejects.toThrow(expect.objectContaining({ name: 'Unreadable', message: reason }));
  });

  it('uses the signed time if it has none', async () => {
    expect((await read(event('opt_out'))).signals).toMatchObject([{ occurredAt: AT }]);
  });
});
