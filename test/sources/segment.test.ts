import { createHmac } from 'node:crypto';
import { expect, it } from 'vitest';
import { Unauthenticated, Unreadable } from '../../functions/core/model/errors.ts';
import { segment } from '../../functions/sources/segment.ts';
import { AT, NOWHERE, request } from '../core/examples.ts';
import { describeSource, refusalOf } from './describe-source.ts';

const SECRET = 'sample-secret-segment';
const NO_BATCHES = 'Segment signs only the first event of a batch: turn batching off in Segment';

function sign(body: Uint8Array): Readonly<Record<string, string>> {
  return { 'x-signature': createHmac('sha1', SECRET).update(body).digest('hex') };
}

describeSource(segment, { sign });

const asked = (text: string, signed = text) => request(text, { headers: sign(Buffer.from(signed)) });

async function read(text: string) {
  return segment.read(await segment.verify(asked(text), [SECRET], NOWHERE));
}

const event = {
  type: 'track',
  event: 'Unsubscribed',
  messageId: 'm1',
  timestamp: '2025-11-02T10:00:00.000Z',
  context: { traits: { email: 'ada@example.com' } },
};
const one = JSON.stringify(event);

it.each([
  ['a batch', `[${one},${one}]`],
  ['a batch of one', `\n [ ${one} ]`],
  ['a batch in a field', `{"batch":[${one}]}`],
  ['a batch in a field, with spaces', `{ "batch" : [${one}] }`],
])('names batching as the reason for rejecting %s', async (_what, text) => {
  expect(await refusalOf(segment, asked(text, one), [SECRET])).toEqual(new Unauthenticated(NO_BATCHES));
  await expect(read(text)).rejects.toThrow(new Unreadable(NO_BATCHES));
});

it('names the failed check if the body is not a batch', async () => {
  expect(await refusalOf(segment, asked(one, 'other'), [SECRET])).toEqual(
    new Unauthenticated('no configured secret matches'),
  );
});

it.each([
  ['the traits before the properties', { properties: { email: 'other@example.com' } }, 'ada@example.com'],
  ['the properties without traits', { context: null, properties: { email: 'other@example.com' } }, 'other@example.com'],
])('takes the address from %s', async (_what, change, email) => {
  expect((await read(JSON.stringify({ ...event, ...change }))).signals).toMatchObject([{ email }]);
});

it.each([
  [{ event: 'UNSUBSCRIBED' }, 'opt_out'],
  [{ type: 'Track' }, 'opt_out'],
  [{ event: 'constructor' }, 'ignored'],
  [{ type: 'page', event: 'Unsubscribed' }, 'ignored'],
  [{ event: 'Email Bounced', properties: { list_id: 7 } }, 'soft_bounce'],
  [{ event: 'Email Unsubscribed' }, 'opt_out'],
])('reads %j as %s, without a list', async (change, kind) => {
  expect((await read(JSON.stringify({ ...event, ...change }))).signals).toMatchObject([{ kind, scope: 'all' }]);
});

it.each([
  ['no type', { type: undefined }, 'type is missing'],
  ['a call without a name', { event: undefined }, 'event is missing'],
  ['no address', { context: {} }, 'the email address is not valid'],
])('reports an event with %s as unreadable', async (_what, change, reason) => {
  await expect(read(JSON.stringify({ ...event, ...change }))).rejects.toThrow(
    expect.objectContaining({ name: 'Unreadable', message: reason }),
  );
});

it.each([
  [{ timestamp: null }, { occurredAt: AT, isTimeAssumed: true }],
  [{ timestamp: 'today' }, { occurredAt: AT, isTimeAssumed: true }],
  [{ timestamp: 'today', originalTimestamp: '2025-11-02T09:59:59Z' }, { occurredAt: new Date('2025-11-02T09:59:59Z') }],
  [{ messageId: null }, { eventKey: 'unsubscribed  2025-11-02T10:00:00.000Z' }],
])('reads an opt-out with %j', async (change, expected) => {
  expect((await read(JSON.stringify({ ...event, ...change }))).signals).toMatchObject([
    { kind: 'opt_out', ...expected },
  ]);
});

it('reads an opt-out from a deeply nested list as one from everything', async () => {
  const deep = one.replace('{', `{"properties":{"list_id":${'['.repeat(90)}${']'.repeat(90)}},`);

  expect((await read(deep)).signals).toMatchObject([{ kind: 'opt_out', scope: 'all' }]);
});
