import { expect, it } from 'vitest';
import { Unreadable } from '../../functions/core/model/errors.ts';
import type { RawRequest } from '../../functions/core/payload/http.ts';
import { sparkpost } from '../../functions/sources/sparkpost.ts';
import { NOWHERE, request } from '../core/examples.ts';
import { describeSource, refusalOf } from './describe-source.ts';
import { withoutEachProof } from './harm.ts';

const SECRET = 'optout:sample-secret-sparkpost';
const basic = (pair: string) => ({ authorization: `Basic ${Buffer.from(pair).toString('base64')}` });

/** Every batch has an id in a header of SparkPost's own, which proves nothing. */
function unproven({ headers, ...asked }: RawRequest): readonly RawRequest[] {
  const { 'x-messagesystems-batch-id': _batch, ...proof } = headers;
  return withoutEachProof({ ...asked, headers: proof });
}

describeSource(sparkpost, { unproven });

async function read(batch: unknown) {
  const asked = request(JSON.stringify(batch), { headers: basic(SECRET) });
  return sparkpost.read(await sparkpost.verify(asked, [SECRET], NOWHERE));
}

const complaint = {
  type: 'spam_complaint',
  rcpt_to: 'ada@example.com',
  raw_rcpt_to: 'Ada@Example.com',
  event_id: '92356927693813856',
  timestamp: '1793613600',
};
const batchOf = (event: unknown) => [{ msys: { message_event: event } }];

it('is answered 200 and without a body, and 503 when we fail: SparkPost takes no other success', () => {
  expect(sparkpost).not.toHaveProperty('onSuccess');
  expect(sparkpost).not.toHaveProperty('onFailure');
});

it.each([
  ['another user', 'other:sample-secret-sparkpost'],
  ['another password', 'optout:sample-secret'],
  ['no password', 'optout:'],
])('refuses %s where both are the secret', async (_what, pair) => {
  await refusalOf(sparkpost, request('[]', { headers: basic(pair) }), [SECRET]);
});

it.each([
  ['a complaint of a type nobody knows', { ...complaint, fbtype: 'constructor' }, ['complaint']],
  ['a complaint without its type', complaint, ['complaint']],
  ['a bounce of a class nobody knows', { ...complaint, type: 'bounce', bounce_class: '999' }, ['soft_bounce']],
  ['a bounce without its class', { ...complaint, type: 'out_of_band' }, ['soft_bounce']],
  ['a class as a number', { ...complaint, type: 'bounce', bounce_class: 10 }, ['hard_bounce']],
  ['an event nobody knows about somebody', { ...complaint, type: 'constructor' }, ['ignored']],
  ['an event nobody knows about nobody', { type: 'ab_test_cancelled' }, []],
])('reads %s', async (_what, event, kinds) => {
  const { signals, unreadable } = await read(batchOf(event));

  expect(signals.map(({ kind }) => kind)).toEqual(kinds);
  expect(unreadable).toEqual([]);
});

it('keeps an event’s id as it is, though it is a number beyond 2^53', async () => {
  const text = JSON.stringify(batchOf(complaint)).replace('"92356927693813856"', '92356927693813857');
  const verified = await sparkpost.verify(request(text, { headers: basic(SECRET) }), [SECRET], NOWHERE);

  expect(sparkpost.read(verified).signals).toMatchObject([{ eventKey: '92356927693813857' }]);
});

it.each([
  ['an object', { msys: {} }],
  ['null', null],
])('finds %s in place of the batch unreadable', async (_what, body) => {
  await expect(read(body)).rejects.toThrow(new Unreadable('the body is not an array'));
});

it.each(['Today', 'now'])('finds a complaint at the time %j unreadable', async (timestamp) => {
  expect((await read(batchOf({ ...complaint, timestamp }))).unreadable).toEqual(['event 1: timestamp is not a time']);
});

it('reads nothing out of an empty batch', async () => {
  expect(await read([])).toEqual({ signals: [], unreadable: [] });
});
