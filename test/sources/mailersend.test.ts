import { createHmac } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { mailersend } from '../../functions/sources/mailersend.ts';
import { NOWHERE, request } from '../core/examples.ts';
import { describeSource, refusalOf } from './describe-source.ts';

/** From MailerSend's documentation. */
const TEST_SECRET = 'test_Am3L1GuOIc4blLUuHqAPxxwkZaJyEk8G';
const SECRET = 'sample-secret-mailersend';

function sign(body: Uint8Array, _at: Date, secret: string): Readonly<Record<string, string>> {
  return { signature: createHmac('sha256', secret).update(body).digest('hex') };
}

describeSource(mailersend, { sign });

function asking(event: unknown, secret = SECRET) {
  const text = typeof event === 'string' ? event : JSON.stringify(event);
  return request(text, { headers: sign(Buffer.from(text), new Date(), secret) });
}

async function read(event: unknown) {
  return mailersend.read(await mailersend.verify(asking(event), [SECRET], NOWHERE));
}

const created_at = '2026-11-02T10:00:00.000000Z';
const data = { id: 'e1', email: 'ada@example.com' };
const PING = { type: 'webhook.test', message: 'This is a ping test message', created_at };
const UNSUBSCRIBED = { type: 'activity.unsubscribed', created_at, data };

describe('the published test secret', () => {
  it('verifies the test request sent before the webhook has a secret', async () => {
    const verified = await mailersend.verify(asking(PING, TEST_SECRET), ['any other secret'], NOWHERE);

    expect(mailersend.read(verified)).toEqual({ signals: [], unreadable: [] });
  });

  it.each([
    ['an opt-out', UNSUBSCRIBED],
    ['a test request with another spelling', { ...PING, type: 'Webhook.Test' }],
    ['an array of test requests', [PING]],
    ['a body that is not JSON', '{"type":"webhook.test"'],
    [
      'a repeated type, of which the last one counts',
      `{"type":"webhook.test",${JSON.stringify(UNSUBSCRIBED).slice(1)}`,
    ],
  ])('does not verify %s', async (_what, event) => {
    await refusalOf(mailersend, asking(event, TEST_SECRET), [SECRET]);
  });

  it('does not verify an opt-out even if it is configured as the secret', async () => {
    await refusalOf(mailersend, asking(UNSUBSCRIBED, TEST_SECRET), [TEST_SECRET]);
  });

  it.each([[[]], [['']], [[' ']]])('verifies nothing while the secrets are %j', async (secrets) => {
    await refusalOf(mailersend, asking(PING, TEST_SECRET), secrets);
  });
});

it.each([
  ['cut short', (signature: string) => signature.slice(0, -1)],
  ['too long', (signature: string) => `${signature}0`],
  ['not hexadecimal', () => 'no signature'],
])('rejects a signature that is %s', async (_what, changed) => {
  const asked = asking(UNSUBSCRIBED);

  await refusalOf(mailersend, { ...asked, headers: { signature: changed(asked.headers['signature'] ?? '') } }, [
    SECRET,
  ]);
});

it.each([
  ['a test with an address', { type: 'webhook.test', created_at, data }, ['test']],
  ['an unknown event with an address', { type: 'activity.constructor', created_at, data }, ['ignored']],
  ['an unknown event without an address', { type: 'bulk_email.completed', created_at, data: { id: 'b1' } }, []],
  ['an event without data', { type: 'maintenance.end' }, []],
])('reads %s', async (_what, event, kinds) => {
  const { signals, unreadable } = await read(event);

  expect(signals.map(({ kind }) => kind)).toEqual(kinds);
  expect(unreadable).toEqual([]);
});

it.each([
  ['a recipient object', { id: 'e1', recipient: { email: 'Ada@Example.com' } }],
  ['a recipient next to another address', { id: 'e1', recipient: 'ada@example.com', email: 'grace@example.com' }],
])('reads the address of %s', async (_what, change) => {
  const { signals } = await read({ ...UNSUBSCRIBED, data: change });

  expect(signals).toMatchObject([{ kind: 'opt_out', email: 'ada@example.com', eventKey: 'e1' }]);
});

it.each([
  ['no object', [], 'the body is not an object'],
  ['no type', { data }, 'type is missing'],
  ['no address', { ...UNSUBSCRIBED, data: { id: 'e1' } }, 'the email address is not valid'],
  [
    'an email object without a recipient',
    { ...UNSUBSCRIBED, data: { id: 'e1', email: {} } },
    'the email address is not valid',
  ],
])('reports a body with %s as unreadable', async (_what, body, reason) => {
  await expect(read(body)).rejects.toThrow(expect.objectContaining({ name: 'Unreadable', message: reason }));
});
