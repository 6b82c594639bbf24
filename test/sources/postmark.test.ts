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
  ['an unknown type', { Type: 'constructor' }, ['ignored']],
  ['the type Unknown', { Type: 'Unknown' }, ['ignored']],
  ['a challenge', { Type: 'ChallengeVerification' }, ['ignored']],
  ['a refusal by a spam filter', { Type: 'SpamNotification' }, ['soft_bounce']],
  ['a DMARC policy', { Type: 'DMARCPolicy' }, ['soft_bounce']],
  ['a hard bounce', {}, ['hard_bounce']],
  ['a complaint sent as a bounce', { Type: 'SpamComplaint' }, ['complaint']],
  ['a DNS error', { Type: 'DnsError' }, ['soft_bounce']],
  ['an unknown record', { RecordType: 'constructor' }, ['ignored']],
  ['a record without an address', { RecordType: 'Credit', Email: undefined }, []],
  ['an unknown record without a time', { RecordType: 'Credit', BouncedAt: undefined }, ['ignored']],
])('reads %s', async (_what, more, kinds) => {
  expect((await read({ ...bounce, ...more })).map(({ kind }) => kind)).toEqual(kinds);
});

it.each([
  ['an unknown reason', { SuppressionReason: 'constructor' }, 'suppressed'],
  ['no reason', { SuppressionReason: null }, 'suppressed'],
  ['a bounce', { SuppressionReason: 'HardBounce' }, 'hard_bounce'],
  ['a bounce entered by an admin', { SuppressionReason: 'HardBounce', Origin: 'Admin' }, 'suppressed'],
  [
    'a complaint entered by a user of the account',
    { SuppressionReason: 'SpamComplaint', Origin: 'Customer' },
    'suppressed',
  ],
  ['a complaint', { SuppressionReason: 'SpamComplaint' }, 'complaint'],
  ['no origin', { Origin: undefined }, 'opt_out'],
])('reads a suppression with %s', async (_what, more, kind) => {
  expect(await read({ ...change, ...more })).toMatchObject([{ kind }]);
});

it('gives changes of one address in two streams different keys', async () => {
  const keys = [...(await read(change)), ...(await read({ ...change, MessageStream: 'news' }))];

  expect(new Set(keys.map(({ eventKey }) => eventKey)).size).toBe(2);
});

it('reads an opt-out without a stream as one from all', async () => {
  expect(await read({ ...change, MessageStream: undefined })).toMatchObject([{ kind: 'opt_out', scope: 'all' }]);
});

it.each([
  ['an array', [bounce]],
  ['an event without a record type', { ...bounce, RecordType: undefined }],
  ['a bounce without a type', { ...bounce, Type: undefined }],
  ['a bounce without an address', { ...bounce, Email: undefined }],
])('reports %s as unreadable', async (_what, event) => {
  await expect(read(event)).rejects.toThrow(Unreadable);
});
