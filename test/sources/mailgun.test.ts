import { createHmac } from 'node:crypto';
import { expect, it } from 'vitest';
import { Unreadable } from '../../functions/core/model/errors.ts';
import type { RawRequest } from '../../functions/core/payload/http.ts';
import { mailgun } from '../../functions/sources/mailgun.ts';
import { NOWHERE } from '../core/examples.ts';
import { describeSource, expectAccepted, refusalOf } from './describe-source.ts';
import type { Fixture } from './fixture.ts';
import { fixturesOf, requestOf } from './fixture.ts';
import { later } from './harm.ts';

const SECRET = 'sample-secret-mailgun';

/** The request without its time, its token, its signatures, or the word in its URL. */
function unproven(request: RawRequest): readonly RawRequest[] {
  const text = Buffer.from(request.body).toString();
  const bodies = ['timestamp', 'token', 'signature'].map((name) =>
    text
      .replaceAll(`${name}": "`, 'gone": "')
      .replaceAll(`${name}":"`, 'gone":"')
      .replaceAll(`${name}=`, 'gone=')
      .replaceAll(`"${name}"`, '"gone"'),
  );
  return [
    ...bodies.map((body) => ({ ...request, body: Buffer.from(body) })),
    ...(request.url.search === '' ? [] : [{ ...request, url: new URL(request.url.pathname, request.url) }]),
  ];
}

describeSource(mailgun, { isBodySigned: false, toleranceSeconds: 12 * 60 * 60, unproven });

const recorded = requestOf(fixturesOf('mailgun').find(({ about }) => about === 'an opt-out') as Fixture, 'mailgun');

/** A signed request with any event. */
function call(
  event: unknown,
  { search = '', key = SECRET, timestamp = '1762077605' as unknown, token = 'a-token' } = {},
) {
  const signature = createHmac('sha256', key).update(`${timestamp}${token}`).digest('hex');
  const body = Buffer.from(JSON.stringify({ signature: { timestamp, token, signature }, 'event-data': event }));
  return { ...recorded, url: new URL(search, recorded.url), body };
}

async function read(event: unknown) {
  return mailgun.read(await mailgun.verify(call(event), [SECRET], NOWHERE)).signals;
}

const unsubscribed = { event: 'unsubscribed', id: 'e1', timestamp: 1762077600.5, recipient: 'ada@example.com' };

it('accepts another event with the same signature, which does not cover the event', async () => {
  const forged = Buffer.from(recorded.body).toString().replaceAll('ada@', 'grace@');

  await expectAccepted(mailgun, { ...recorded, body: Buffer.from(forged) }, [SECRET]);
});

it.each([
  ['no word', ''],
  ['another word', '?key=mine'],
  ['a truncated word', '?key=wor'],
])('rejects %s in the URL if the secret requires one', async (_what, search) => {
  await refusalOf(mailgun, call(unsubscribed, { search }), [`${SECRET}:word`]);
});

it.each([
  ['no word after the colon', `${SECRET}:`, { search: '?key=' }],
  ['no key before the colon', ':word', { search: '?key=word', key: '' }],
])('treats a secret with %s as no secret', async (_what, secret, parts) => {
  await refusalOf(mailgun, call(unsubscribed, parts), [secret]);
});

it.each([
  ['a secret', []],
  ['the word in the URL', [`${SECRET}:word`]],
])('does not read the body without %s', async (_what, secrets) => {
  const unread = {
    ...recorded,
    get body(): Uint8Array {
      throw new Error('the body was read');
    },
  };

  await refusalOf(mailgun, unread, secrets);
});

it('reads the body once for all secrets', async () => {
  let reads = 0;
  const counting = {
    ...recorded,
    get body() {
      reads += 1;
      return recorded.body;
    },
  };

  await refusalOf(
    mailgun,
    counting,
    Array.from({ length: 10 }, (_none, at) => `wrong ${at}`),
  );

  expect(reads).toBe(1);
});

it('accepts the secret whose word is in the URL, next to others', async () => {
  const secrets = ['x:other', `${SECRET}:word`, 'y'];

  await expectAccepted(mailgun, call(unsubscribed, { search: '?key=word' }), secrets);
});

it.each([
  ['an event with 20,000 values', { ...unsubscribed, more: Array.from({ length: 20_000 }, () => 0) }],
  ['an event nested 200 levels deep', JSON.parse(`${'['.repeat(200)}${']'.repeat(200)}`)],
])('rejects %s, even if it is signed', async (_what, event) => {
  await refusalOf(mailgun, call(event), [SECRET]);
});

it('accepts a retry after eight hours', async () => {
  await expectAccepted(mailgun, later(recorded, 8 * 60 * 60), [SECRET]);
});

it('rejects digits moved from the token to the timestamp', async () => {
  const signature = createHmac('sha256', SECRET).update('176207760512ab').digest('hex');
  const body = JSON.stringify({ signature: { timestamp: '17620776051', token: '2ab', signature }, 'event-data': {} });

  const error = await refusalOf(mailgun, { ...recorded, body: Buffer.from(body) }, [SECRET]);

  expect(error).toHaveProperty('message', 'the signed time is too far from now');
});

it('accepts a timestamp that is a number', async () => {
  await expectAccepted(mailgun, call(unsubscribed, { timestamp: 1762077605 }), [SECRET]);
});

it.each([
  ['a permanent failure without a reason', { event: 'failed', severity: 'permanent' }, ['hard_bounce']],
  ['the name of the webhook', { event: 'permanent_fail' }, ['hard_bounce']],
  [
    'a permanent failure that Mailgun calls soft',
    { event: 'failed', severity: 'permanent', 'delivery-status': { 'bounce-type': 'soft' } },
    ['soft_bounce'],
  ],
  ['a delayed bounce', { event: 'failed', severity: 'permanent', reason: 'delayed-bounce' }, ['hard_bounce']],
  ['a failure without a severity', { event: 'failed' }, ['soft_bounce']],
  ['a rejection by the provider', { event: 'failed', severity: 'permanent', reason: 'espblock' }, ['soft_bounce']],
  ...['bounce', 'complaint', 'unsubscribe'].map((why): [string, object, string[]] => [
    `a mail that was not sent for an earlier ${why}`,
    { event: 'failed', severity: 'permanent', reason: `suppress-${why}` },
    ['suppressed'],
  ]),
  ['an unknown event with an address', { event: 'constructor' }, ['ignored']],
  ['an unknown event without an address', { event: 'constructor', recipient: undefined }, []],
])('reads %s', async (_what, change, kinds) => {
  expect((await read({ ...unsubscribed, ...change })).map(({ kind }) => kind)).toEqual(kinds);
});

it('includes the day in the key, and uses the token if there is no id', async () => {
  const keys = await Promise.all(
    [unsubscribed, { ...unsubscribed, timestamp: 1762164000 }, { ...unsubscribed, id: undefined }].map(read),
  );

  expect(keys.flat().map(({ eventKey }) => eventKey)).toEqual(['e1 2025-11-02', 'e1 2025-11-03', 'a-token']);
});

it('reports a verified request without an event as unreadable', async () => {
  await expect(read(undefined)).rejects.toThrow(new Unreadable('event-data is not an object'));
});
