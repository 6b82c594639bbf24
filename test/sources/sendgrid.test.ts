import { createPrivateKey, createSign } from 'node:crypto';
import { expect, it } from 'vitest';
import { Unreadable } from '../../functions/core/model/errors.ts';
import { sendgrid } from '../../functions/sources/sendgrid.ts';
import { NOWHERE } from '../core/examples.ts';
import { describeSource, expectAccepted, refusalOf } from './describe-source.ts';
import type { Fixture } from './fixture.ts';
import { fixturesOf, requestOf } from './fixture.ts';
import { later } from './harm.ts';

/** The private key for the fixtures' public key, made for these tests. */
const PRIVATE_KEY =
  'MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQg5VKhK7lgMDMAkThUS+BC3jY3NKOniH9kI+u7/SrMLpyhRANCAARdG1xCMK0eKqejSTB6e39x5UHNUdKnmLX58v6RSUVMqNbqXf+tECPYbsqeYD3hJA6MyvUaV6P3OnpAlJHfsw8d';
const OTHER_PUBLIC_KEY =
  'MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEhEChKrgJVRe4RqcskndapzKYbFc+VVAfdN156Z8/EziKwQPun+XrpxDxUWTOdQSJB8tgc9VdA777GXEcXxZbyg==';

function sign(body: Uint8Array, at: Date): Readonly<Record<string, string>> {
  const timestamp = String(Math.floor(at.getTime() / 1000));
  const key = createPrivateKey({ key: Buffer.from(PRIVATE_KEY, 'base64'), format: 'der', type: 'pkcs8' });
  return {
    'x-twilio-email-event-webhook-timestamp': timestamp,
    'x-twilio-email-event-webhook-signature': createSign('sha256').update(timestamp).update(body).sign(key, 'base64'),
  };
}

describeSource(sendgrid, { sign });

const [fixture] = fixturesOf('sendgrid') as [Fixture];
const recorded = requestOf(fixture, 'sendgrid');

async function read(body: Uint8Array) {
  const request = { ...recorded, body, headers: sign(body, recorded.receivedAt) };
  return sendgrid.read(await sendgrid.verify(request, [fixture.secret], NOWHERE));
}

const unsubscribe = { email: 'ada@example.com', event: 'unsubscribe', timestamp: 1762077600, sg_event_id: 'e1' };

it('includes the line break at the end of the body in the signature', async () => {
  expect(fixture.body.endsWith('\r\n')).toBe(true);

  await refusalOf(sendgrid, { ...recorded, body: Buffer.from(fixture.body.trimEnd()) }, [fixture.secret]);
});

it('rejects a changed timestamp', async () => {
  const headers = { ...recorded.headers, 'x-twilio-email-event-webhook-timestamp': '1762077606' };

  await refusalOf(sendgrid, { ...recorded, headers }, [fixture.secret]);
});

it.each([
  ['another key', OTHER_PUBLIC_KEY],
  ['a key that is not valid', 'MFkwEwYH'],
  ['the private key', PRIVATE_KEY],
])('rejects %s', async (_what, key) => {
  await refusalOf(sendgrid, recorded, [key]);
});

it('accepts a retry a day later, because it may keep the original timestamp', async () => {
  await expectAccepted(sendgrid, later(recorded, 86_400), [fixture.secret]);
});

it('reads a complaint as one, whatever its bounce type', async () => {
  const spam = { ...unsubscribe, event: 'spamreport', type: 'blocked' };

  expect((await read(Buffer.from(JSON.stringify([spam])))).signals).toMatchObject([{ kind: 'complaint' }]);
});

it.each([
  ['an object', '{"event":"unsubscribe"}'],
  ['null', 'null'],
  ['an empty body', ''],
  ['a truncated batch', '[{"event":"unsubscribe"'],
])('reports %s instead of a batch as unreadable', async (_what, text) => {
  await expect(read(Buffer.from(text))).rejects.toThrow(Unreadable);
});

it.each([
  ['an unknown event with an address', { event: 'constructor' }, ['ignored']],
  ['an unknown event without an address', { event: 'account_something', email: undefined }, []],
  ['a group event without its group', { event: 'group_unsubscribe' }, ['opt_out']],
  ['an address in capitals', { email: ' ADA@EXAMPLE.COM ' }, ['opt_out']],
  ['the test address in capitals', { email: 'Example@Test.com' }, ['test']],
])('reads %s', async (_what, change, kinds) => {
  const { signals, unreadable } = await read(Buffer.from(JSON.stringify([{ ...unsubscribe, ...change }])));

  expect(signals.map(({ kind }) => kind)).toEqual(kinds);
  expect(signals.every(({ scope }) => scope === 'all')).toBe(true);
  expect(unreadable).toEqual([]);
});

it('gives opt-outs from two groups different keys, even without event ids', async () => {
  const leaves = { ...unsubscribe, event: 'group_unsubscribe', sg_event_id: undefined, sg_message_id: 'm1' };
  const batch = [leaves, leaves].map((event, index) => ({ ...event, asm_group_id: index }));

  const keys = (await read(Buffer.from(JSON.stringify(batch)))).signals.map(({ eventKey }) => eventKey);

  expect(new Set(keys).size).toBe(2);
});

it.each([
  [{ bounce_classification: 'Invalid Address', reason: '550 x' }, 'hard_bounce'],
  [{ bounce_classification: 'invalid address', reason: '550 5.7.1 blocked' }, 'soft_bounce'],
  [{ bounce_classification: 'Mailbox Unavailable', reason: '552 5.2.2 mailbox full' }, 'soft_bounce'],
  [{ bounce_classification: 'Mailbox Unavailable', reason: '550 5.5.0 mailbox unavailable' }, 'hard_bounce'],
  [{ bounce_classification: 'Unclassified', reason: '550 x' }, 'soft_bounce'],
  [{ bounce_classification: 'Reputation', reason: '550 5.1.1 no such user' }, 'soft_bounce'],
  [{ bounce_classification: 'Content' }, 'soft_bounce'],
  [{ bounce_classification: 'Frequency or Volume Too High' }, 'soft_bounce'],
  [{ bounce_classification: 'Technical Failure' }, 'soft_bounce'],
  [{ type: 'Blocked', reason: '550 5.1.1 no such user' }, 'soft_bounce'],
  [{ type: 'expired', reason: '' }, 'soft_bounce'],
  [{ status: '5.1.1', reason: '500 unknown recipient' }, 'hard_bounce'],
  [{ status: '5.7.1', reason: '550 x' }, 'soft_bounce'],
])('reads a bounce with %j as %s', async (change, kind) => {
  const { signals } = await read(Buffer.from(JSON.stringify([{ ...unsubscribe, event: 'bounce', ...change }])));

  expect(signals).toMatchObject([{ kind }]);
});

it('reads an empty batch as no signals', async () => {
  expect(await read(Buffer.from('[]'))).toEqual({ signals: [], unreadable: [] });
});
