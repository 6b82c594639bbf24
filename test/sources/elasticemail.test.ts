import { describe, expect, it } from 'vitest';
import { elasticemail } from '../../functions/sources/elasticemail.ts';
import { AT, NOWHERE, request } from '../core/examples.ts';
import { describeSource, refusalOf } from './describe-source.ts';

const SECRET = 'sample-secret-elasticemail';

describeSource(elasticemail);

async function read(fields: Readonly<Record<string, string>>) {
  const asked = request(new URLSearchParams(fields).toString(), { headers: { 'x-relay-key': SECRET } });
  return elasticemail.read(await elasticemail.verify(asked, [SECRET], NOWHERE));
}

const date = '11/2/2026 9:00:00 AM';
const unsubscribed = { status: 'Unsubscribed', to: 'ada@example.com', date, transaction: 't1', messageid: 'm1' };

it.each([
  ['another spelling', { ...unsubscribed, status: 'UNSUBSCRIBED' }, ['opt_out']],
  ['the names in version 4 of the API', { ...unsubscribed, status: 'Unsubscribe' }, ['opt_out']],
  ['a complaint in version 4 of the API', { ...unsubscribed, status: 'Complaint' }, ['complaint']],
  ['a category with a space', { ...unsubscribed, status: 'Error', category: 'No Mailbox' }, ['hard_bounce']],
  ['an address already on the bounce list', { ...unsubscribed, status: 'Error', category: 'Ignore' }, ['suppressed']],
  ['a suppressed address', { ...unsubscribed, status: 'Error', category: 'Suppressed' }, ['suppressed']],
  ['an unknown category', { ...unsubscribed, status: 'Error', category: 'constructor' }, ['soft_bounce']],
  ['an error without a category', { ...unsubscribed, status: 'Error' }, ['soft_bounce']],
  ['an unknown status with an address', { ...unsubscribed, status: 'constructor' }, ['ignored']],
  ['an unknown status without an address', { status: 'Paused' }, []],
])('reads %s', async (_what, fields, kinds) => {
  const { signals, unreadable } = await read(fields);

  expect(signals.map(({ kind }) => kind)).toEqual(kinds);
  expect(unreadable).toEqual([]);
});

it.each([
  ['11/2/2026 9:00:00 AM', '2026-11-02T09:00:00.000Z'],
  ['11/02/2026 21:00:00', '2026-11-02T21:00:00.000Z'],
  ['2026-11-02 09:00:00', '2026-11-02T09:00:00.000Z'],
  ['2026-11-02T09:00:00.5', '2026-11-02T09:00:00.500Z'],
  ['2026-11-02T09:00:00.123', '2026-11-02T09:00:00.123Z'],
  ['2026-11-02 11:00:00 +0200', '2026-11-02T09:00:00.000Z'],
])('reads %s as a time in UTC', async (written, iso) => {
  expect((await read({ ...unsubscribed, date: written })).signals).toMatchObject([{ occurredAt: new Date(iso) }]);
});

it.each(['yesterday', '22/13/2026 9:00:00 AM', '12026-11-02 09:00:00', '2026-11-02'])(
  'uses the time of arrival for the date %j',
  async (written) => {
    expect((await read({ ...unsubscribed, date: written })).signals).toMatchObject([{ occurredAt: AT }]);
  },
);

it('gives a second opt-out from the same mail another key', async () => {
  const keys = await Promise.all(
    [date, date, '11/9/2026 9:00:00 AM'].map(async (each) => (await read({ ...unsubscribed, date: each })).signals),
  );

  expect(new Set(keys.flat().map(({ eventKey }) => eventKey)).size).toBe(2);
});

describe('by GET', () => {
  const asked = (search: string) => {
    const url = new URL(`https://relay.example.com/webhooks/elasticemail?${search}&key=${SECRET}`);
    return request('', { method: 'GET', url });
  };
  const readQuery = async (search: string) =>
    elasticemail.read(await elasticemail.verify(asked(search), [SECRET], NOWHERE)).signals;

  it('reads an opt-out', async () => {
    const search = 'transaction=6b9a&to=ada%40example.com&date=12%2F1%2F2026%209%3A00%3A00%20AM&status=Unsubscribed';

    expect(await readQuery(`${search}&category=Unknown&messageid=m9`)).toMatchObject([
      { kind: 'opt_out', email: 'ada@example.com', occurredAt: new Date('2026-12-01T09:00:00Z') },
    ]);
  });

  it('reads a plus sign in an address that is not escaped', async () => {
    expect(await readQuery('status=Unsubscribed&to=ada+news@example.com')).toMatchObject([
      { kind: 'opt_out', email: 'ada+news@example.com' },
    ]);
  });

  it('reads the notification that tests a new URL as a test', async () => {
    expect(await readQuery('status=opened&to=test%40test.com')).toMatchObject([{ kind: 'test' }]);
  });

  it('rejects another key', async () => {
    await refusalOf(elasticemail, asked('status=Unsubscribed&to=ada%40example.com'), ['another-secret']);
  });
});

it('prefers the form over the query', async () => {
  const url = new URL(`https://relay.example.com/webhooks/elasticemail?key=${SECRET}&to=grace@example.com`);
  const asked = request(new URLSearchParams(unsubscribed).toString(), { url });

  const verified = await elasticemail.verify(asked, [SECRET], NOWHERE);

  expect(elasticemail.read(verified).signals).toMatchObject([{ email: 'ada@example.com' }]);
});

it.each([
  ['no status', { ...unsubscribed, status: '' }, 'status is missing'],
  ['no address', { ...unsubscribed, to: '' }, 'the email address is not valid'],
])('reports a notification with %s as unreadable', async (_what, fields, reason) => {
  await expect(read(fields)).rejects.toThrow(expect.objectContaining({ name: 'Unreadable', message: reason }));
});
