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
  ['a bounce of an unknown type', 'email.bounced', { to, bounce: { type: 'constructor' } }, 'soft_bounce'],
  ['a bounce without a type', 'email.bounced', { to, bounce: { message: 'no' } }, 'hard_bounce'],
  ['a bounce without details', 'email.bounced', { to }, 'hard_bounce'],
  ['a suppression with an unknown origin', 'suppression.added', { email, origin: 'whim' }, 'suppressed'],
  ['a contact with a malformed unsubscribed flag', 'contact.updated', { email, unsubscribed: 'true ' }, 'ignored'],
  ['an unknown event', 'contact.constructor', { email }, 'ignored'],
  ['a recipient with a name', 'email.complained', { to: ['"Lovelace, Ada" <Ada@Example.com> '] }, 'complaint'],
])('reads %s', async (_what, type, data, kind) => {
  const { signals, unreadable } = await read(event(type, data));

  expect(signals).toMatchObject([{ kind, email, scope: 'all', eventKey: MESSAGE_ID, confidence: 'exact' }]);
  expect(unreadable).toEqual([]);
});

it.each([
  [{ subType: 'NoEmail', diagnosticCode: ['smtp; 550 x'] }, 'hard_bounce'],
  [{ subType: 'General', diagnosticCode: 'smtp; 550 5.1.1 no such user' }, 'hard_bounce'],
  [{ subType: 'General', message: 'This can hurt your reputation as a sender.' }, 'hard_bounce'],
  [{ subType: 'General', diagnosticCode: ['smtp; 550 5.7.1 blocked'] }, 'soft_bounce'],
  [{ subType: 'ContentRejected' }, 'soft_bounce'],
  [{ subType: 'Suppressed' }, 'suppressed'],
  [{ subType: 'OnAccountSuppressionList' }, 'suppressed'],
])('reads a permanent bounce with %j as %s', async (details, kind) => {
  const { signals } = await read(event('email.bounced', { to, bounce: { type: 'Permanent', ...details } }));

  expect(signals).toMatchObject([{ kind }]);
});

it.each(['delivered@resend.dev', 'complained+label-2@resend.dev', 'Suppressed@Resend.dev'])(
  'reads an event about %s as a test',
  async (played) => {
    expect((await read(event('email.complained', { to: [played] }))).signals).toMatchObject([{ kind: 'test' }]);
  },
);

it.each(['onboarding@resend.dev', 'bounced@resend.dev.example.com', 'unbounced@resend.dev'])(
  'does not read an event about %s as a test',
  async (real) => {
    expect((await read(event('email.complained', { to: [real] }))).signals).toMatchObject([{ kind: 'complaint' }]);
  },
);

it('limits each topic’s opt-out to the topic and gives it its own key', async () => {
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
  ['a complaint without recipients', event('email.complained', { to: [] }), 'event 1: the email address is not valid'],
  ['a complaint without its data', event('email.complained', null), 'event 1: the email address is not valid'],
  [
    'a recipient with two names',
    event('email.complained', { to: ['<a> <b>'] }),
    'event 1: the email address is not valid',
  ],
  ['a topic without an id', event('contact.topics.updated', { email, topics: [{}] }), 'event 1: id is missing'],
])('reports %s as unreadable', async (_what, sent, reason) => {
  expect(await read(sent)).toEqual({ signals: [], unreadable: [reason] });
});

it.each([
  ['an array', [], 'the body is not an object'],
  ['no type', {}, 'type is missing'],
  ['malformed topics', event('contact.topics.updated', { email, topics: 'news' }), 'topics is not an array'],
])('throws for a body with %s', async (_what, body, reason) => {
  await expect(read(body)).rejects.toThrow(new Unreadable(reason));
});

it.each([
  ['folders', event('inbox.thread.folder.updated', { from: 'inbox', to: 'archive' })],
  ['a mail as an object', event('inbox.email.received', { email: { subject: 'Hello' } })],
  ['no data', event('something.new', undefined)],
])('gives no signal for an unknown event with %s', async (_what, sent) => {
  expect(await read(sent)).toEqual({ signals: [], unreadable: [] });
});
