import { expect, it } from 'vitest';
import { activecampaign } from '../../functions/sources/activecampaign.ts';
import { NOWHERE, request } from '../core/examples.ts';
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
  ['no time', fields({ date_time: '' }), 'date_time is not a time'],
  ['a time without a time zone', fields({ date_time: '2025-11-02 10:00:00' }), 'date_time is not a time'],
])('reports a form with %s as unreadable', async (_what, text, reason) => {
  await expect(read(text)).rejects.toThrow(expect.objectContaining({ name: 'Unreadable', message: reason }));
});
