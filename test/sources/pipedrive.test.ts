import { expect, it } from 'vitest';
import { Unreadable } from '../../functions/core/model/errors.ts';
import type { VerifiedRequest } from '../../functions/core/verify/verify.ts';
import { pipedrive } from '../../functions/sources/pipedrive.ts';
import { AT, NOWHERE, request } from '../core/examples.ts';
import { describeSource } from './describe-source.ts';

describeSource(pipedrive);

const SECRET = 'relay:sample-secret-pipedrive';
const authorization = `Basic ${Buffer.from(SECRET).toString('base64')}`;

async function read(event: unknown) {
  const asked = request(JSON.stringify(event), { headers: { authorization } });
  return pipedrive.read(await pipedrive.verify(asked, [SECRET], NOWHERE));
}

const meta = { action: 'change', entity: 'person', id: 'e1', timestamp: '2025-11-02T10:00:00.000Z' };
const data = { marketing_status: 'unsubscribed', emails: [{ value: 'ada@example.com' }] };

it.each([
  ['the status changed', { previous: { marketing_status: 'no_consent' } }, 'opt_out'],
  ['the status was empty before', { previous: { marketing_status: null } }, 'opt_out'],
  ['the person is new', { previous: null, meta: { ...meta, action: 'create' } }, 'opt_out'],
  ['previous is missing', {}, 'opt_out'],
  ['previous is empty', { previous: {} }, 'opt_out'],
  [
    'its words are in upper case',
    { data: { ...data, marketing_status: 'UNSUBSCRIBED' }, meta: { ...meta, entity: 'Person' } },
    'opt_out',
  ],
  ['only another field changed', { previous: { name: 'Ada' } }, 'ignored'],
  ['the status is archived', { data: { ...data, marketing_status: 'archived' } }, 'ignored'],
  ['there is no consent', { data: { ...data, marketing_status: 'no_consent' } }, 'ignored'],
  ['the status is an inherited property name', { data: { ...data, marketing_status: 'constructor' } }, 'ignored'],
  ['there is no status', { data: { emails: data.emails } }, 'ignored'],
])('reads the status if %s', async (_what, change, kind) => {
  expect((await read({ meta, data, ...change })).signals).toMatchObject([{ kind, email: 'ada@example.com' }]);
});

it('opts out only the new address if only the addresses changed', async () => {
  const emails = ['ada@example.com', 'Ada.Work@example.com'].map((value) => ({ value }));
  const previous = { emails: [{ value: 'ADA@example.com ' }] };
  const kinds = async (change: object) =>
    (await read({ meta, data: { ...data, emails }, ...change })).signals.map(({ kind, email }) => [kind, email]);

  expect(await kinds({ previous })).toEqual([
    ['ignored', 'ada@example.com'],
    ['opt_out', 'ada.work@example.com'],
  ]);
  for (const all of [{ ...previous, marketing_status: 'no_consent' }, { emails: null }, { emails: [null, {}] }]) {
    expect((await kinds({ previous: all })).map(([kind]) => kind)).toEqual(['opt_out', 'opt_out']);
  }
});

it.each([
  ['a deleted person', { meta: { ...meta, action: 'delete' }, data: null, previous: data }],
  ['a person without addresses', { meta, data: { ...data, emails: [] } }],
  ['a person without the emails field', { meta, data: { marketing_status: 'unsubscribed' } }],
  ['an address that is not valid, without a status', { meta, data: { emails: [{ value: 'ada@' }] } }],
  ['an organization', { meta: { ...meta, entity: 'organization' }, data }],
])('gives no signal for %s', async (_what, event) => {
  expect(await read(event)).toEqual({ signals: [], unreadable: [] });
});

it.each([
  ['no time', undefined],
  ['a time in another format', 'today'],
])('takes an opt-out with %s as of its arrival', async (_what, timestamp) => {
  expect((await read({ meta: { ...meta, timestamp }, data })).signals).toMatchObject([
    { kind: 'opt_out', eventKey: 'e1', occurredAt: AT, isTimeAssumed: true },
  ]);
});

it('reads an opt-out whose earlier addresses are deeply nested', async () => {
  const deep = `{"emails":[{"value":${'['.repeat(90)}${']'.repeat(90)}}]}`;
  const text = `{"meta":${JSON.stringify(meta)},"data":${JSON.stringify(data)},"previous":${deep}}`;
  const asked = request(text, { headers: { authorization } });

  expect(pipedrive.read(asked as VerifiedRequest).signals).toMatchObject([{ kind: 'opt_out' }]);
});

it.each([
  ['version 1', { v: 1, event: 'updated.person', current: {}, meta: { object: 'person' } }, 'entity is missing'],
  ['no meta', { data }, 'meta is not an object'],
  [
    'addresses in another format',
    { meta, data: { ...data, emails: 'ada@example.com' } },
    'data.emails is not an array',
  ],
])('reports %s as unreadable', async (_what, event, reason) => {
  await expect(read(event)).rejects.toThrow(new Unreadable(reason));
});

it.each(['', ' ', null])('skips a row of the form whose address is %j', async (value) => {
  const { signals, unreadable } = await read({ meta, data: { ...data, emails: [{ value }, ...data.emails] } });

  expect(signals).toMatchObject([{ kind: 'opt_out', email: 'ada@example.com' }]);
  expect(unreadable).toEqual([]);
});
