import { createPrivateKey, createSign } from 'node:crypto';
import { expect, it } from 'vitest';
import { Unreadable } from '../../functions/core/model/errors.ts';
import { sendgrid } from '../../functions/sources/sendgrid.ts';
import { NOWHERE } from '../core/examples.ts';
import { describeSource, refusalOf } from './describe-source.ts';
import type { Fixture } from './fixture.ts';
import { fixturesOf, requestOf } from './fixture.ts';
import { later } from './harm.ts';

/** The private half of the key in the fixtures, made for these tests. */
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

it('takes the line break at the end of the body for a part of what is signed', async () => {
  expect(fixture.body.endsWith('\r\n')).toBe(true);

  await refusalOf(sendgrid, { ...recorded, body: Buffer.from(fixture.body.trimEnd()) }, [fixture.secret]);
});

it('refuses a signed timestamp that was changed', async () => {
  const headers = { ...recorded.headers, 'x-twilio-email-event-webhook-timestamp': '1762077606' };

  await refusalOf(sendgrid, { ...recorded, headers }, [fixture.secret]);
});

it.each([
  ['another key', OTHER_PUBLIC_KEY],
  ['a key that is none', 'MFkwEwYH'],
  ['the private key', PRIVATE_KEY],
])('refuses %s', async (_what, key) => {
  await refusalOf(sendgrid, recorded, [key]);
});

it('accepts a request that SendGrid repeats a day later, since its signed time may be the first one', async () => {
  await sendgrid.verify(later(recorded, 86_400), [fixture.secret], NOWHERE);
});

it('takes a complaint for one, whatever type of bounce stands beside it', async () => {
  const spam = { ...unsubscribe, event: 'spamreport', type: 'blocked' };

  expect((await read(Buffer.from(JSON.stringify([spam])))).signals).toMatchObject([{ kind: 'complaint' }]);
});

it.each([
  ['an object', '{"event":"unsubscribe"}'],
  ['null', 'null'],
  ['nothing', ''],
  ['a cut batch', '[{"event":"unsubscribe"'],
])('finds %s in place of the batch unreadable', async (_what, text) => {
  await expect(read(Buffer.from(text))).rejects.toThrow(Unreadable);
});

it.each([
  ['an unknown event with an address', { event: 'constructor' }, ['ignored']],
  ['an unknown event without one', { event: 'account_something', email: undefined }, []],
  ['a group event without its group', { event: 'group_unsubscribe' }, ['opt_out']],
  ['an address in capitals', { email: ' ADA@EXAMPLE.COM ' }, ['opt_out']],
  ['the made-up person in capitals', { email: 'Example@Test.com' }, ['test']],
])('reads %s', async (_what, change, kinds) => {
  const { signals, unreadable } = await read(Buffer.from(JSON.stringify([{ ...unsubscribe, ...change }])));

  expect(signals.map(({ kind }) => kind)).toEqual(kinds);
  expect(signals.every(({ scope }) => scope === 'all')).toBe(true);
  expect(unreadable).toEqual([]);
});

it('takes two groups left at once for two events, also where neither has an id', async () => {
  const leaves = { ...unsubscribe, event: 'group_unsubscribe', sg_event_id: undefined, sg_message_id: 'm1' };
  const batch = [leaves, leaves].map((event, index) => ({ ...event, asm_group_id: index }));

  const keys = (await read(Buffer.from(JSON.stringify(batch)))).signals.map(({ eventKey }) => eventKey);

  expect(new Set(keys).size).toBe(2);
});

it('reads nothing out of an empty batch', async () => {
  expect(await read(Buffer.from('[]'))).toEqual({ signals: [], unreadable: [] });
});
