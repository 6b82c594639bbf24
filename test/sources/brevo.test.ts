import { expect, it } from 'vitest';
import { Unreadable } from '../../functions/core/model/errors.ts';
import { brevo } from '../../functions/sources/brevo.ts';
import { AT, NOWHERE, request } from '../core/examples.ts';
import { describeSource } from './describe-source.ts';

describeSource(brevo);

async function read(body: unknown) {
  const posted = request(JSON.stringify(body), { headers: { authorization: 'Bearer secret' } });
  return brevo.read(await brevo.verify(posted, ['secret'], NOWHERE));
}

const unsubscribe = { event: 'unsubscribe', email: 'ada@example.com', camp_id: 7, ts_event: 1762077600 };

it('responds with 429 to a failure, so that Brevo retries', () => {
  expect(brevo.onFailure).toBe(429);
});

it.each([
  ['no list', undefined, ['all']],
  ['an empty array of lists', [], ['all']],
  ['one list outside an array', 3, [{ list: '3' }]],
  ['two lists', [3, '42'], [{ list: '3' }, { list: '42' }]],
  ['malformed lists', [null, {}], ['all']],
])('reads an opt-out from %s', async (_what, list_id, scopes) => {
  const { signals } = await read({ ...unsubscribe, list_id });

  expect(signals.map(({ scope }) => scope)).toEqual(scopes);
  expect(new Set(signals.map(({ eventKey }) => eventKey)).size).toBe(scopes.length);
});

it('reads a list in lists as no list, and rejects one that is too deep', async () => {
  const nested = (depth: number) => {
    const list = `${'['.repeat(depth)}7${']'.repeat(depth)}`;
    return JSON.stringify({ ...unsubscribe, list_id: 0 }).replace('"list_id":0', `"list_id":${list}`);
  };
  const readText = async (text: string) => {
    const posted = request(text, { headers: { authorization: 'Bearer secret' } });
    return brevo.read(await brevo.verify(posted, ['secret'], NOWHERE));
  };

  expect((await readText(nested(9))).signals).toMatchObject([{ scope: 'all' }]);
  await expect(readText(nested(50_000))).rejects.toThrow(Unreadable);
});

it('reports an opt-out from more lists than anybody has as unreadable', async () => {
  const { signals, unreadable } = await read([{ ...unsubscribe, list_id: Array(200_000).fill(7) }, unsubscribe]);

  expect(signals).toHaveLength(1);
  expect(unreadable).toEqual(['event 1: it has too many recipients or lists']);
});

it('does not read a time in an unknown zone, and keeps it in the key', async () => {
  const changes = [{ ts: 1762077600 }, { date_event: '2025-11-02 10:00:00' }];
  const { signals } = await read(changes.map((change) => ({ ...unsubscribe, ts_event: undefined, ...change })));

  expect(signals).toMatchObject([
    { kind: 'opt_out', occurredAt: AT, isTimeAssumed: true, eventKey: '7 unsubscribe 1762077600' },
    { kind: 'opt_out', occurredAt: AT, isTimeAssumed: true, eventKey: '7 unsubscribe 2025-11-02 10:00:00' },
  ]);
});

it('reads a complaint as one from all, whatever its lists', async () => {
  expect((await read({ ...unsubscribe, event: 'spam', list_id: [3] })).signals).toMatchObject([{ scope: 'all' }]);
});

it.each([
  ['an unknown event with an address', { event: 'constructor' }, ['ignored']],
  ['an unknown event without an address', { event: 'constructor', email: undefined }, []],
  ['an event with capitals', { event: 'Hard_Bounce' }, ['hard_bounce']],
])('reads %s', async (_what, change, kinds) => {
  const { signals, unreadable } = await read({ ...unsubscribe, ...change });

  expect(signals.map(({ kind }) => kind)).toEqual(kinds);
  expect(unreadable).toEqual([]);
});

it('reads an empty batch as no signals, and reports a value that is not an event as unreadable', async () => {
  expect(await read([])).toEqual({ signals: [], unreadable: [] });
  await expect(read('unsubscribe')).rejects.toThrow(Unreadable);
});
