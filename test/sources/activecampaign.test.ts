import { expect, it } from 'vitest';
import { activecampaign } from '../../functions/sources/activecampaign.ts';
import { AT, NOWHERE, request } from '../core/examples.ts';
import { describeSource } from './describe-source.ts';

describeSource(activecampaign);

const SECRET = 'sample-secret-activecampaign';
const url = new URL(`https://relay.example.com/webhooks/activecampaign?key=${SECRET}`);

async function read(text: string) {
  return activecampaign.read(await activecampaign.verify(request(text, { url }), [SECRET], NOWHERE));
}

const fields = (more: Readonly<Record<string, string>>) =>
  new URLSearchParams({
    type: 'unsubscribe',
    date_time: '2025-11-02T10:00:00+00:00',
    'contact[id]': '42',
    'contact[email]': 'ada@example.com',
    ...more,
  }).toString();

it.each([
  ['no list', '', ['all']],
  ['a list of 0', '&list=0', ['all']],
  ['an empty list', '&list=', ['all']],
  ['one list', '&list=3', ['3']],
  ['lists without a number', '&list[][id]=3&list[][id]=5', ['3', '5']],
  ['lists with a number', '&list%5B0%5D%5Bid%5D=3&list%5B10%5D%5Bid%5D=5', ['3', '5']],
  ['lists by id only', '&list[]=3&list[1]=5', ['3', '5']],
  ['a list that appears twice', '&list=3&list[0][id]=3', ['3']],
  ['the name of a list', '&list[0][name]=News&listing=7&mylist=7&contact[list]=8', ['all']],
])('reads %s', async (_what, lists, expected) => {
  const { signals } = await read(fields({}) + lists);

  expect(signals.map(({ scope }) => (scope === 'all' ? scope : scope.list))).toEqual(expected);
  expect(new Set(signals.map(({ eventKey }) => eventKey)).size).toBe(signals.length);
});

it('ignores the lists of a subscribe and of a bounce', async () => {
  for (const type of ['subscribe', 'bounce', 'update']) {
    expect((await read(fields({ type, list: '3' }))).signals).toMatchObject([{ scope: 'all' }]);
  }
});

it.each([
  ['Hard', 'hard_bounce'],
  ['soft', 'soft_bounce'],
  ['', 'soft_bounce'],
])('reads a bounce of type %j as %s', async (type, kind) => {
  expect((await read(fields({ type: 'bounce', 'bounce[type]': type }))).signals).toMatchObject([{ kind }]);
});

it.each([
  [{ 'bounce[code]': '5.1.1' }, 'hard_bounce'],
  [{ 'bounce[code]': '5.7.1' }, 'soft_bounce'],
  [{ 'bounce[code]': '9.1.1', 'bounce[codestr]': 'It could be an invalid email or a sending limit' }, 'soft_bounce'],
])('reads a hard bounce with %j as %s', async (more, kind) => {
  const { signals } = await read(fields({ type: 'bounce', 'bounce[type]': 'hard', ...more }));

  expect(signals).toMatchObject([{ kind }]);
});

it('reads an unsubscribe as an opt-out even with bounce fields', async () => {
  expect((await read(fields({ 'bounce[type]': 'hard' }))).signals).toMatchObject([{ kind: 'opt_out' }]);
});

it('gives contacts without an id different keys by address', async () => {
  const { signals } = await read(fields({ 'contact[id]': '' }));

  expect(signals).toMatchObject([{ email: 'ada@example.com', eventKey: 'unsubscribe  2025-11-02T10:00:00+00:00' }]);
});

it.each([
  ['nothing', '', 'type is missing'],
  ['JSON', '{"type":"unsubscribe"}', 'type is missing'],
  ['no address', fields({ 'contact[email]': '' }), 'the email address is not valid'],
])('reports a form with %s as unreadable', async (_what, text, reason) => {
  await expect(read(text)).rejects.toThrow(expect.objectContaining({ name: 'Unreadable', message: reason }));
});

it.each([
  ['2025-11-02 10:00:00', 'unsubscribe 42 2025-11-02 10:00:00'],
  ['', `unsubscribe 42 ${AT.toISOString()}`],
])('takes an opt-out with the time %j as of its arrival', async (date_time, eventKey) => {
  expect((await read(fields({ date_time }))).signals).toMatchObject([
    { kind: 'opt_out', eventKey, occurredAt: AT, isTimeAssumed: true },
  ]);
});

it.each(['Unsubscribe', 'UNSUBSCRIBE'])('reads the type %s', async (type) => {
  expect((await read(fields({ type, list: '3' }))).signals).toMatchObject([{ kind: 'opt_out', scope: { list: '3' } }]);
});

it('reads the webhook step of an automation, which has neither a type nor a time', async () => {
  const step = new URLSearchParams({
    'contact[id]': '903',
    'contact[email]': 'ada@example.com',
    'contact[first_name]': 'Ada',
    seriesid: '22',
  }).toString();

  expect((await read(step)).signals).toEqual([
    {
      kind: 'opt_out',
      scope: 'all',
      email: 'ada@example.com',
      eventKey: `unsubscribe 903 ${AT.toISOString()}`,
      occurredAt: AT,
      isTimeAssumed: true,
      confidence: 'exact',
    },
  ]);
});

it('gives no signal for an event that asks for nothing, whatever it lacks', async () => {
  expect((await read('type=subscribe')).signals).toEqual([]);
  expect((await read(fields({ type: 'update', 'contact[email]': 'ada@' }))).signals).toEqual([]);
});
