import { expect, it } from 'vitest';
import { Unreadable } from '../../functions/core/model/errors.ts';
import type { RawRequest } from '../../functions/core/payload/http.ts';
import { sparkpost } from '../../functions/sources/sparkpost.ts';
import { NOWHERE, request } from '../core/examples.ts';
import { describeSource, refusalOf } from './describe-source.ts';
import { withoutEachProof } from './harm.ts';

const SECRET = 'optout:sample-secret-sparkpost';
const basic = (pair: string) => ({ authorization: `Basic ${Buffer.from(pair).toString('base64')}` });

/** Every batch has an id in a SparkPost header, which is not a proof. */
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

it('uses the default responses, because SparkPost accepts only 200', () => {
  expect(sparkpost).not.toHaveProperty('onSuccess');
  expect(sparkpost).not.toHaveProperty('onFailure');
});

it.each([
  ['another user', 'other:sample-secret-sparkpost'],
  ['another password', 'optout:sample-secret'],
  ['no password', 'optout:'],
])('rejects %s if the secret has user and password', async (_what, pair) => {
  await refusalOf(sparkpost, request('[]', { headers: basic(pair) }), [SECRET]);
});

it.each([
  ['a complaint of an unknown type', { ...complaint, fbtype: 'constructor' }, ['complaint']],
  ['a complaint without a type', complaint, ['complaint']],
  ['a bounce of an unknown class', { ...complaint, type: 'bounce', bounce_class: '999' }, ['soft_bounce']],
  ['a bounce without a class', { ...complaint, type: 'out_of_band' }, ['soft_bounce']],
  ['a class as a number', { ...complaint, type: 'bounce', bounce_class: 10 }, ['hard_bounce']],
  ['an unknown event with an address', { ...complaint, type: 'constructor' }, ['ignored']],
  ['an unknown event without an address', { type: 'ab_test_cancelled' }, []],
])('reads %s', async (_what, event, kinds) => {
  const { signals, unreadable } = await read(batchOf(event));

  expect(signals.map(({ kind }) => kind)).toEqual(kinds);
  expect(unreadable).toEqual([]);
});

it('keeps an event id beyond 2^53 exactly', async () => {
  const text = JSON.stringify(batchOf(complaint)).replace('"92356927693813856"', '92356927693813857');
  const verified = await sparkpost.verify(request(text, { headers: basic(SECRET) }), [SECRET], NOWHERE);

  expect(sparkpost.read(verified).signals).toMatchObject([{ eventKey: '92356927693813857' }]);
});

it.each([
  ['an object', { msys: {} }],
  ['null', null],
])('reports %s instead of a batch as unreadable', async (_what, body) => {
  await expect(read(body)).rejects.toThrow(new Unreadable('the body is not an array'));
});

it('reads an empty batch as no signals', async () => {
  expect(await read([])).toEqual({ signals: [], unreadable: [] });
});

it('reads every event of an entry', async () => {
  const [delivery, click] = ['delivery', 'link_unsubscribe'].map((type) => ({ ...complaint, type, event_id: type }));
  const { signals } = await read([{ msys: { message_event: delivery, unsubscribe_event: click } }]);

  expect(signals.map(({ kind }) => kind)).toEqual(['ignored', 'opt_out']);
});
