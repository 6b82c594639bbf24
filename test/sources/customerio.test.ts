import { createHmac } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { Policy } from '../../functions/core/intake/policy.ts';
import { defaultPolicy, scopeFor } from '../../functions/core/intake/policy.ts';
import { customerio } from '../../functions/sources/customerio.ts';
import { AT, NOWHERE, request } from '../core/examples.ts';
import { describeSource, expectAccepted, refusalOf } from './describe-source.ts';
import { later } from './harm.ts';

const SECRET = 'sample-secret-customerio';

function sign(body: Uint8Array, at: Date): Readonly<Record<string, string>> {
  const timestamp = String(Math.floor(at.getTime() / 1000));
  const signature = createHmac('sha256', SECRET).update(`v0:${timestamp}:`).update(body).digest('hex');
  return { 'x-cio-timestamp': timestamp, 'x-cio-signature': signature };
}

describeSource(customerio, { sign });

function asked(text: string) {
  const unsigned = request(text);
  return { ...unsigned, headers: sign(unsigned.body, unsigned.receivedAt) };
}

async function read(event: unknown) {
  const text = typeof event === 'string' ? event : JSON.stringify(event);
  return customerio.read(await customerio.verify(asked(text), [SECRET], NOWHERE));
}

const event = (metric: string, data: object, more: object = {}) => ({
  event_id: 'e1',
  object_type: 'customer',
  metric,
  timestamp: 1762077600,
  data: { email_address: 'ada@example.com', ...data },
  ...more,
});

it('rejects a changed signed time', async () => {
  const good = asked('{}');

  await refusalOf(customerio, { ...good, headers: { ...good.headers, 'x-cio-timestamp': '1762077601' } }, [SECRET]);
});

it('accepts a retry after seven days', async () => {
  await expectAccepted(customerio, later(asked('{}'), 7 * 86_400), [SECRET]);
});

it.each([
  [
    'the address of the mail before that of the profile',
    { recipient: 'sent@example.com' },
    'email',
    'sent@example.com',
  ],
  [
    'the address of the profile if the recipient is a phone number',
    { recipient: '+442012345678' },
    'sms',
    'ada@example.com',
  ],
  [
    'the identifier as a last resort',
    { email_address: undefined, identifiers: { email: 'id@example.com' } },
    'email',
    'id@example.com',
  ],
])('takes %s', async (_what, data, object_type, email) => {
  expect((await read(event('unsubscribed', data, { object_type }))).signals).toMatchObject([{ email }]);
});

it.each([
  ['a change of preferences without an object type', { object_type: undefined }, ['opt_out']],
  ['a bounce without a reply', { object_type: 'email', metric: 'bounced' }, ['hard_bounce']],
  ['words in another case', { object_type: 'Customer', metric: 'UNSUBSCRIBED' }, ['opt_out']],
  [
    'a mail that was opened, with an address that is not valid',
    { object_type: 'email', metric: 'opened', data: { recipient: 'ada@' } },
    [],
  ],
  ['an unknown metric', { metric: 'constructor' }, ['ignored']],
  ['an unknown metric without an address', { metric: 'failed', data: { customer_id: '42' } }, []],
  ['an unknown object', { object_type: 'in_app', metric: 'opened', data: null }, []],
])('reads %s', async (_what, change, kinds) => {
  const content = '{"topics":{"":false,"topic_7":false},"channels":[]}';
  const { signals, unreadable } = await read(event('cio_subscription_preferences_changed', { content }, change));

  expect(signals.map(({ kind }) => kind)).toEqual(kinds);
  expect(unreadable).toEqual([]);
});

it('reads a topic and a channel that are off as text', async () => {
  const content = { topics: { topic_7: 'False', topic_8: 'true' }, channels: { email: 'false' } };
  const { signals } = await read(event('cio_subscription_preferences_changed', { content }));

  expect(signals.map(({ scope }) => scope)).toEqual(['all', { list: 'topic_7' }]);
});

it('reads each topic and the channel of one change as a separate event', async () => {
  const content = '{"topics":{"topic_7":false},"channels":{"email":false}}';
  const { signals } = await read(event('cio_subscription_preferences_changed', { content }));

  expect(signals.map(({ scope, eventKey }) => [scope, eventKey])).toEqual([
    ['all', 'e1'],
    [{ list: 'topic_7' }, 'e1 topic_7'],
  ]);
});

it.each([
  ['no JSON', 'email=ada%40example.com', 'the body is not JSON'],
  ['no object', [], 'the body is not an object'],
  ['no metric', {}, 'metric is missing'],
  ['no preferences', event('cio_subscription_preferences_changed', {}), 'content is not an object'],
  [
    'preferences in an array',
    event('cio_subscription_preferences_changed', { content: '[]' }),
    'content is not an object',
  ],
])(
  'reports a body with %s as unreadable without throwing, so that later events are not blocked',
  async (_what, sent, reason) => {
    expect(await read(sent)).toEqual({ signals: [], unreadable: [`event 1: ${reason}`] });
  },
);

describe('changed preferences', () => {
  const contentOf = (topics: object, more: object = {}) => ({ content: JSON.stringify({ topics, ...more }) });
  const changed = async (data: object) => (await read(event('cio_subscription_preferences_changed', data))).signals;
  const scopesWith = async (lists: Policy['lists'], data: object) =>
    (await changed(data))
      .filter(({ kind }) => kind === 'opt_out')
      .map((signal) => scopeFor({ ...defaultPolicy, lists }, signal));

  const joined = contentOf({ topic_7: false, topic_8: true });
  const allOff = contentOf({ topic_7: false, topic_8: false });

  it.each<[Policy['lists'], object, readonly unknown[]]>([
    ['all', joined, [undefined]],
    ['ignore', joined, [undefined]],
    [{ topic_7: '42' }, joined, [{ list: '42' }]],
    [{ topic_8: '42' }, joined, [undefined]],
    ['all', allOff, ['all', 'all']],
    ['ignore', allOff, [undefined, undefined]],
    [{ topic_7: '42', topic_8: '43' }, allOff, [{ list: '42' }, { list: '43' }]],
    [{ topic_7: '42' }, allOff, [{ list: '42' }, 'all']],
    ['all', contentOf({ topic_7: true }, { channels: { email: false } }), ['all']],
    ['ignore', contentOf({}, { channels: { email: false } }), ['all']],
    ['all', contentOf({}), []],
  ])('ask, with lists %j and %j, for %j', async (lists, data, scopes) => {
    expect(await scopesWith(lists, data)).toEqual(scopes);
  });

  it('give no signal if nothing is off and there is no address', async () => {
    const data = { ...contentOf({ topic_7: true }), email_address: '' };

    expect(await read(event('cio_subscription_preferences_changed', data))).toEqual({ signals: [], unreadable: [] });
  });

  it('may be an object instead of text', async () => {
    expect(await changed({ content: { topics: { topic_7: false } } })).toMatchObject([{ scope: { list: 'topic_7' } }]);
  });
});

it.each([
  [{ timestamp: 'now' }, { occurredAt: AT, isTimeAssumed: true }],
  [{ event_id: undefined }, { eventKey: 'customer unsubscribed 1762077600' }],
])('reads an opt-out with %j', async (change, expected) => {
  expect((await read(event('unsubscribed', {}, change))).signals).toMatchObject([{ kind: 'opt_out', ...expected }]);
});
