import { expect, it } from 'vitest';
import { Unreadable } from '../../functions/core/model/errors.ts';
import { postmark } from '../../functions/sources/postmark.ts';
import { NOWHERE, request } from '../core/examples.ts';
import { describeSource } from './describe-source.ts';

describeSource(postmark);

async function read(event: unknown) {
  const posted = request(JSON.stringify(event), { headers: { authorization: 'Bearer secret' } });
  return postmark.read(await postmark.verify(posted, ['secret'], NOWHERE)).signals;
}

const bounce = {
  RecordType: 'Bounce',
  ID: 42,
  Type: 'HardBounce',
  Email: 'ada@example.com',
  BouncedAt: '2025-11-02T10:00:00Z',
};
const change = {
  RecordType: 'SubscriptionChange',
  MessageID: null,
  MessageStream: 'broadcast',
  ChangedAt: '2025-11-02T10:00:00Z',
  Recipient: 'ada@example.com',
  Origin: 'Recipient',
  SuppressSending: true,
  SuppressionReason: 'ManualSuppression',
};

it.each([
  ['a type it has never heard of', { Type: 'constructor' }, ['ignored']],
  ['a type that says nothing', { Type: 'Unknown' }, ['ignored']],
  ['a challenge', { Type: 'ChallengeVerification' }, ['ignored']],
  ['a policy', { Type: 'DMARCPolicy' }, ['soft_bounce']],
  ['a hard bounce', {}, ['hard_bounce']],
  ['a complaint that comes as a bounce', { Type: 'SpamComplaint' }, ['complaint']],
  ['a name server that does not answer', { Type: 'DnsError' }, ['soft_bounce']],
  ['a record it has never heard of', { RecordType: 'constructor' }, ['ignored']],
  ['a record about nobody', { RecordType: 'Credit', Email: undefined }, []],
  ['an unknown record at no time', { RecordType: 'Credit', BouncedAt: undefined }, []],
])('reads %s', async (_what, more, kinds) => {
  expect((await read({ ...bounce, ...more })).map(({ kind }) => kind)).toEqual(kinds);
});

it.each([
  ['a reason it has never heard of', { SuppressionReason: 'constructor' }, 'suppressed'],
  ['no reason', { SuppressionReason: null }, 'suppressed'],
  ['a bounce that the office wrote down', { SuppressionReason: 'HardBounce', Origin: 'Admin' }, 'hard_bounce'],
  ['a complaint', { SuppressionReason: 'SpamComplaint' }, 'complaint'],
  ['a person whose origin is not told', { Origin: undefined }, 'opt_out'],
])('reads a suppression with %s', async (_what, more, kind) => {
  expect(await read({ ...change, ...more })).toMatchObject([{ kind }]);
});

it('tells the changes of one address in two streams apart', async () => {
  const keys = [...(await read(change)), ...(await read({ ...change, MessageStream: 'news' }))];

  expect(new Set(keys.map(({ eventKey }) => eventKey)).size).toBe(2);
});

it('takes an opt-out without a stream for one from all', async () => {
  expect(await read({ ...change, MessageStream: undefined })).toMatchObject([{ kind: 'opt_out', scope: 'all' }]);
});

it.each([
  ['an array', [bounce]],
  ['an event without its record', { ...bounce, RecordType: undefined }],
  ['a bounce without a time', { ...bounce, BouncedAt: undefined }],
  ['a bounce without a type', { ...bounce, Type: undefined }],
  ['a bounce of nobody', { ...bounce, Email: undefined }],
])('finds %s unreadable', async (_what, event) => {
  await expect(read(event)).rejects.toThrow(Unreadable);
});
