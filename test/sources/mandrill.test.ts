import { createHmac } from 'node:crypto';
import { expect, it } from 'vitest';
import { Unreadable } from '../../functions/core/model/errors.ts';
import { mandrill } from '../../functions/sources/mandrill.ts';
import { NOWHERE } from '../core/examples.ts';
import { describeSource, expectAccepted, refusalOf } from './describe-source.ts';
import type { Fixture } from './fixture.ts';
import { fixturesOf, requestOf } from './fixture.ts';

describeSource(mandrill);

const SECRET = 'sample-secret-mandrill';
const fixture = fixturesOf('mandrill').find(({ url }) => url === undefined) as Fixture;
const recorded = requestOf(fixture, 'mandrill');

/** A form signed with a key. The fields are sent in the given order. */
function call(fields: Readonly<Record<string, string>>, key = SECRET) {
  const names = Object.keys(fields).toSorted();
  const signed = names.map((name) => `${name}${fields[name]}`).join('');
  const signature = createHmac('sha1', key).update(`${recorded.url.href}${signed}`).digest('base64');
  const body = Buffer.from(new URLSearchParams(fields).toString());
  return { ...recorded, headers: { ...recorded.headers, 'x-mandrill-signature': signature }, body };
}

async function read(events: unknown) {
  const posted = call({ mandrill_events: JSON.stringify(events) });
  return mandrill.read(await mandrill.verify(posted, [SECRET], NOWHERE));
}

const unsub = { event: 'unsub', _id: 'm1', ts: 1762077600, msg: { email: 'ada@example.com' } };

it('rejects a request for another URL', async () => {
  const url = new URL('?from=somebody', recorded.url);

  await refusalOf(mandrill, { ...recorded, url }, [SECRET]);
});

it('accepts a signature over the fields in alphabetical order', async () => {
  await expectAccepted(mandrill, call({ mandrill_events: '[]', zeta: '1', alpha: '2' }), [SECRET]);
});

it.each([[[]], [[SECRET]]])(
  'accepts the set-up test, an empty list signed with the public key (secrets: %j)',
  async (secrets) => {
    const posted = call({ mandrill_events: '[]' }, 'test-webhook');
    const unescaped = { ...posted, body: Buffer.from('mandrill_events=[]') };

    for (const each of [posted, unescaped]) {
      expect(mandrill.read(await mandrill.verify(each, secrets, NOWHERE))).toEqual({ signals: [], unreadable: [] });
    }
  },
);

it.each([
  ['a list with an event', { mandrill_events: JSON.stringify([unsub]) }],
  ['another field', { mandrill_events: '[]', more: '1' }],
  ['another field before it', { all: '1', mandrill_events: '[]' }],
  ['a list with a space in it', { mandrill_events: '[ ]' }],
])('rejects %s signed with the key of the set-up test', async (_what, fields) => {
  await refusalOf(mandrill, call(fields, 'test-webhook'), [SECRET]);
});

it('rejects a form of more than 5,000 fields', async () => {
  const fields = Object.fromEntries(Array.from({ length: 6_000 }, (_none, at) => [`f${at}`, '']));

  await refusalOf(mandrill, call(fields), [SECRET]);
});

it('reads the form once for all keys, and not without a key', async () => {
  let reads = 0;
  const counting = {
    ...recorded,
    get body() {
      reads += 1;
      return recorded.body;
    },
  };

  await refusalOf(mandrill, counting, []);
  const readsForSetUpTest = reads;
  await refusalOf(
    mandrill,
    counting,
    Array.from({ length: 10 }, (_none, at) => `wrong ${at}`),
  );

  expect([readsForSetUpTest, reads]).toEqual([1, 3]);
});

it('rejects a body that is not UTF-8', async () => {
  await refusalOf(mandrill, { ...recorded, body: Buffer.from([0x6d, 0xff]) }, [SECRET]);
});

it.each([
  ['an unknown event with an address', { event: 'constructor' }, ['ignored']],
  ['an unknown event without an address', { event: 'inbound', msg: {} }, []],
  ['an unknown event without a message', { event: 'constructor', msg: undefined }, []],
  ['a rejected mail with a reason', { event: 'reject', msg: { ...unsub.msg, reason: 'unsub' } }, ['suppressed']],
])('reads %s', async (_what, change, kinds) => {
  const { signals, unreadable } = await read([{ ...unsub, ...change }]);

  expect(signals.map(({ kind }) => kind)).toEqual(kinds);
  expect(unreadable).toEqual([]);
});

it.each([
  [{ bounce_description: 'bad_mailbox', diag: 'smtp;550 x' }, 'hard_bounce'],
  [{ bounce_description: 'invalid_domain' }, 'hard_bounce'],
  [{ bounce_description: 'general', diag: 'smtp;550 5.1.1 no such user' }, 'hard_bounce'],
  [{ bounce_description: 'general', diag: 'smtp;550 x' }, 'soft_bounce'],
  [{ bounce_description: 'bad_mailbox', diag: 'smtp;550 5.7.1 blocked' }, 'soft_bounce'],
])('reads a hard bounce with %j as %s', async (change, kind) => {
  const { signals } = await read([{ ...unsub, event: 'hard_bounce', msg: { ...unsub.msg, ...change } }]);

  expect(signals).toMatchObject([{ kind }]);
});

it.each([['an opt-out without an address', { ...unsub, msg: {} }, 'the email address is not valid']])(
  'reports %s as unreadable and reads the other events',
  async (_what, event, reason) => {
    expect(await read([unsub, event])).toMatchObject({
      signals: [{ kind: 'opt_out' }],
      unreadable: [`event 2: ${reason}`],
    });
  },
);

it('gives two opt-outs from one message different keys by their time', async () => {
  const { signals } = await read([unsub, { ...unsub, ts: 1762077601 }]);

  expect(signals.map(({ eventKey }) => eventKey)).toEqual(['m1 unsub 1762077600', 'm1 unsub 1762077601']);
});

it.each([
  ['a form without events', {}, 'mandrill_events is missing'],
  ['events that are not JSON', { mandrill_events: 'unsub' }, 'mandrill_events is not JSON'],
  ['events that are not a list', { mandrill_events: '{}' }, 'mandrill_events is not an array'],
])('reports %s as unreadable', async (_what, fields, reason) => {
  const verified = await mandrill.verify(call({ more: '1', ...fields }), [SECRET], NOWHERE);

  expect(() => mandrill.read(verified)).toThrow(new Unreadable(reason));
});
