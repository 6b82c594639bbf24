import { createHmac } from 'node:crypto';
import { expect, it } from 'vitest';
import { Unreadable } from '../../functions/core/model/errors.ts';
import { mailchimp } from '../../functions/sources/mailchimp.ts';
import { NOWHERE } from '../core/examples.ts';
import { describeSource, expectAccepted, refusalOf } from './describe-source.ts';
import type { Fixture } from './fixture.ts';
import { fixturesOf, requestOf } from './fixture.ts';

function sign(body: Uint8Array, at: Date, secret: string): Readonly<Record<string, string>> {
  const t = Math.floor(at.getTime() / 1000);
  const v1 = createHmac('sha256', secret).update(`${t}.`).update(body).digest('hex');
  return { 'x-mailchimp-signature': `t=${t},v1=${v1}` };
}

describeSource(mailchimp, { sign, toleranceSeconds: 300 });

const SECRET = 'sample-secret-mailchimp';
const [fixture] = fixturesOf('mailchimp') as [Fixture];
const recorded = requestOf(fixture, 'mailchimp');
const { 'x-mailchimp-signature': _signature, ...plain } = recorded.headers;

/** The recorded request, unsigned and with a key in its URL. */
const legacy = { ...recorded, url: new URL('?key=a-legacy-key', recorded.url), headers: plain };

const FORM = {
  type: 'unsubscribe',
  fired_at: '2025-11-02 10:00:00',
  'data[id]': '8a25ff1d98',
  'data[list_id]': 'a6b5da1054',
  'data[email]': 'ada@example.com',
};

async function read(change: Readonly<Record<string, string>>) {
  const body = Buffer.from(new URLSearchParams({ ...FORM, ...change }).toString());
  const request = { ...recorded, body, headers: { ...plain, ...sign(body, recorded.receivedAt, SECRET) } };
  return mailchimp.read(await mailchimp.verify(request, [SECRET], NOWHERE)).signals;
}

it('accepts a key in the URL', async () => {
  await expectAccepted(mailchimp, legacy, ['a-legacy-key']);
});

it('accepts either proof of a request with both', async () => {
  const both = { ...legacy, headers: recorded.headers };

  await expectAccepted(mailchimp, both, ['a-legacy-key']);
  await expectAccepted(mailchimp, both, [SECRET]);
});

it('does not mention the signature if the key of an unsigned webhook is wrong', async () => {
  const refusal = await refusalOf(mailchimp, legacy, ['another-key']);

  expect(String(refusal)).not.toContain('signature');
});

it.each([
  ['another key', '?key=another-key'],
  ['an empty key', '?key='],
  ['no key', ''],
])('rejects %s in the URL', async (_what, search) => {
  await refusalOf(mailchimp, { ...legacy, url: new URL(search, recorded.url) }, ['a-legacy-key', SECRET]);
});

it.each([
  ['without its time', (header: string) => header.replace(/^t=\d+,/, '')],
  ['without its value', (header: string) => header.replace(/,v1=.*/, '')],
  ['with another time', (header: string) => header.replace(/^t=\d+/, 't=1762077604')],
])('rejects a signature %s', async (_what, change) => {
  const header = change(recorded.headers['x-mailchimp-signature'] ?? '');

  await refusalOf(mailchimp, { ...recorded, headers: { ...plain, 'x-mailchimp-signature': header } }, [SECRET]);
});

it.each([
  ['an opt-out without a reason', {}, ['opt_out']],
  ['an opt-out with its action', { 'data[action]': 'unsub', 'data[reason]': 'manual' }, ['opt_out']],
  ['a complaint', { 'data[action]': 'unsub', 'data[reason]': 'abuse' }, ['complaint']],
  ['a contact that a user of the account deleted', { 'data[action]': 'delete' }, ['suppressed']],
  ['a contact that a user of the account archived', { 'data[action]': 'archive' }, ['suppressed']],
  ['the same for a reason', { 'data[action]': 'delete', 'data[reason]': 'manual' }, ['suppressed']],
  ['a complaint whose contact was deleted', { 'data[action]': 'delete', 'data[reason]': 'abuse' }, ['complaint']],
  ['an opt-out for an unknown reason', { 'data[reason]': 'constructor' }, ['opt_out']],
  ['a cleaned address for an unknown reason', { type: 'cleaned', 'data[reason]': 'soft' }, ['ignored']],
  ['an unknown event with an address', { type: 'constructor' }, ['ignored']],
  ['an unknown event without an address', { type: 'constructor', 'data[email]': '' }, []],
])('reads %s', async (_what, change, kinds) => {
  expect((await read(change)).map(({ kind }) => kind)).toEqual(kinds);
});

it('reads an opt-out without an audience as one from all', async () => {
  expect(await read({ 'data[list_id]': '' })).toMatchObject([{ kind: 'opt_out', scope: 'all' }]);
});

it.each([
  ['without a type', { type: '' }, 'type is missing'],
  ['without an address', { 'data[email]': '' }, 'the email address is not valid'],
])('reports an opt-out %s as unreadable', async (_what, change, reason) => {
  await expect(read(change)).rejects.toThrow(new Unreadable(reason));
});
