import { expect, it } from 'vitest';
import { Unreadable } from '../../functions/core/model/errors.ts';
import { mailjet } from '../../functions/sources/mailjet.ts';
import { NOWHERE, request } from '../core/examples.ts';
import { describeSource } from './describe-source.ts';

describeSource(mailjet);

async function read(body: unknown) {
  const posted = request(JSON.stringify(body), { headers: { authorization: 'Bearer secret' } });
  return mailjet.read(await mailjet.verify(posted, ['secret'], NOWHERE));
}

const unsub = { event: 'unsub', time: 1762077600, email: 'ada@example.com', Message_GUID: 'g1', mj_list_id: 1 };

it('counts a single unreadable event without throwing, because Mailjet suspends a URL that fails', async () => {
  expect(await read({ ...unsub, email: '' })).toEqual({
    signals: [],
    unreadable: ['event 1: the email address is not valid'],
  });
});

it('gives opt-outs from two lists, at two times and of two messages different keys', async () => {
  const changes = [{}, { mj_list_id: 2 }, { time: 1762077601 }, { Message_GUID: 'g2' }];

  const { signals } = await read(changes.map((change) => ({ ...unsub, ...change })));

  expect(new Set(signals.map(({ eventKey }) => eventKey)).size).toBe(changes.length);
});

it('does not use MessageID in the key', async () => {
  const { signals } = await read([1, 2].map((MessageID) => ({ ...unsub, MessageID })));

  expect(new Set(signals.map(({ eventKey }) => eventKey)).size).toBe(1);
});

it.each([
  ['an unknown event with an address', { event: 'constructor' }, ['ignored']],
  ['an unknown event without an address', { event: 'constructor', email: undefined }, []],
  ['a bounce without hard_bounce', { event: 'bounce' }, ['soft_bounce']],
  ['a complaint with hard_bounce', { event: 'spam', hard_bounce: true }, ['complaint']],
  ['a complaint about mail to a list', { event: 'spam' }, ['complaint']],
])('reads %s', async (_what, change, kinds) => {
  const { signals, unreadable } = await read({ ...unsub, ...change });

  expect(signals.map(({ kind }) => kind)).toEqual(kinds);
  expect(unreadable).toEqual([]);
});

it.each([
  [{ error_related_to: 'recipient', error: 'user unknown' }, 'hard_bounce'],
  [{ error_related_to: 'domain', error: 'Invalid Domain' }, 'hard_bounce'],
  [{ error: 'user unknown', comment: '550 5.7.1 blocked' }, 'soft_bounce'],
  [{ error_related_to: 'spam', error: 'sender blocked' }, 'soft_bounce'],
  [{ error_related_to: 'recipient', error: 'mailbox inactive' }, 'soft_bounce'],
  [{ error_related_to: 'system', error: 'constructor' }, 'soft_bounce'],
])('reads a permanent bounce with %j as %s', async (change, kind) => {
  const { signals } = await read({ ...unsub, event: 'bounce', hard_bounce: true, ...change });

  expect(signals).toMatchObject([{ kind }]);
});

it('reads a complaint about mail to a list as one from all', async () => {
  expect((await read({ ...unsub, event: 'spam' })).signals).toMatchObject([{ scope: 'all' }]);
});

it('reads an empty batch as no signals, and reports a value that is not an event as unreadable', async () => {
  expect(await read([])).toEqual({ signals: [], unreadable: [] });
  await expect(read(17)).rejects.toThrow(Unreadable);
});
