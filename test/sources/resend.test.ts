import { expect, it } from 'vitest';
import { Unreadable } from '../../functions/core/model/errors.ts';
import { resend } from '../../functions/sources/resend.ts';
import { AT, NOWHERE, request } from '../core/examples.ts';
import { MESSAGE_ID, SHARED_SECRET, standardSigner } from '../core/verify/standard-webhooks-signer.ts';
import { describeSource } from './describe-source.ts';

const sign = standardSigner('svix');

describeSource(resend, { sign, toleranceSeconds: 300 });

async function read(event: unknown) {
  const text = JSON.stringify(event);
  const asked = request(text, { headers: sign(Buffer.from(text), AT) });
  return resend.read(await resend.verify(asked, [SHARED_SECRET], NOWHERE));
}

const event = (type: string, data: unknown) => ({ type, created_at: AT.toISOString(), data });
const to = ['ada@example.com'];
const email = 'ada@example.com';

it.each([
  ['a bounce of a type nobody knows', 'email.bounced', { to, bounce: { type: 'constructor' } }, 'hard_bounce'],
  ['a bounce that tells no type', 'email.bounced', { to, bounce: { message: 'no' } }, 'hard_bounce'],
  ['a bounce that tells nothing', 'email.bounced', { to }, 'hard_bounce'],
  ['a suppression for a reason nobody knows', 'suppression.added', { email, origin: 'whim' }, 'suppressed'],
  ['a contact that is not quite unsubscribed', 'contact.updated', { email, unsubscribed: 'true ' }, 'ignored'],
  ['an event nobody knows', 'contact.constructor', { email }, 'ignored'],
  ['a recipient with a name', 'email.complained', { to: ['"Lovelace, Ada" <Ada@Example.com> '] }, 'complaint'],
])('reads %s', async (_what, type, data, kind) => {
  const { signals, unreadable } = await read(event(type, data));

  expect(signals).toMatchObject([{ kind, email, scope: 'all', eventKey: MESSAGE_ID, confidence: 'exact' }]);
  expect(unreadable).toEqual([]);
});

it.each(['delivered@resend.dev', 'complained+label-2@resend.dev', 'Suppressed@Resend.dev'])(
  'takes what happens to %s for a test',
  async (played) => {
    expect((await read(event('email.complained', { to: [played] }))).signals).toMatchObject([{ kind: 'test' }]);
  },
);

it.each(['onboarding@resend.dev', 'bounced@resend.dev.example.com', 'unbounced@resend.dev'])(
  'takes what happens to %s for real',
  async (real) => {
    expect((await read(event('email.complained', { to: [real] }))).signals).toMatchObject([{ kind: 'complaint' }]);
  },
);

it('keeps a topic’s opt-out to that topic, and apart from the next topic’s', async () => {
  const topics = [
    { id: 't1', subscription: 'opt_out' },
    { id: 't2', subscription: 'opt_out' },
    { id: 't3', subscription: 'perhaps' },
  ];

  expect((await read(event('contact.topics.updated', { email, topics }))).signals).toMatchObject([
    { kind: 'opt_out', scope: { list: 't1' }, eventKey: `${MESSAGE_ID} t1`, confidence: 'exact' },
    { kind: 'opt_out', scope: { list: 't2' }, eventKey: `${MESSAGE_ID} t2`, confidence: 'exact' },
    { kind: 'ignored', scope: { list: 't3' } },
  ]);
});

it.each([
  ['a complaint to nobody', event('email.complained', { to: [] }), 'event 1: the email address is not valid'],
  ['a complaint without its data', event('email.complained', null), 'event 1: the email address is not valid'],
  [
    'a recipient with two names',
    event('email.complained', { to: ['<a> <b>'] }),
    'event 1: the email address is not valid',
  ],
  ['a topic without an id', event('contact.topics.updated', { email, topics: [{}] }), 'event 1: id is missing'],
  ['an event without its time', { type: 'email.complained', data: { to } }, 'event 1: created_at is not a time'],
])('finds %s unreadable', async (_what, said, reason) => {
  expect(await read(said)).toEqual({ signals: [], unreadable: [reason] });
});

it.each([
  ['an array', [], 'the body is not an object'],
  ['no type', {}, 'type is missing'],
  ['topics that are none', event('contact.topics.updated', { email, topics: 'news' }), 'topics is not an array'],
])('finds a body with %s unreadable as a whole', async (_what, body, reason) => {
  await expect(read(body)).rejects.toThrow(new Unreadable(reason));
});

it.each([
  ['folders', event('inbox.thread.folder.updated', { from: 'inbox', to: 'archive' })],
  ['a mail as an object', event('inbox.email.received', { email: { subject: 'Hello' } })],
  ['no data', event('something.new', undefined)],
])('asks for nothing where an event nobody knows tells %s', async (_what, said) => {
  expect(await read(said)).toEqual({ signals: [], unreadable: [] });
});
