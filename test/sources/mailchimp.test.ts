import { createHmac } from 'node:crypto';
import { expect, it } from 'vitest';
import { Unreadable } from '../../functions/core/model/errors.ts';
import { mailchimp } from '../../functions/sources/mailchimp.ts';
import { NOWHERE } from '../core/examples.ts';
import { describeSource, refusalOf } from './describe-source.ts';
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

/** The recorded request as a webhook sends it that has a key in its URL and does not sign. */
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

it('takes the key in the URL of a webhook that does not sign', async () => {
  await mailchimp.verify(legacy, ['a-legacy-key'], NOWHERE);
});

it('takes either proof from a webhook that has both', async () => {
  const both = { ...legacy, headers: recorded.headers };

  await mailchimp.verify(both, ['a-legacy-key'], NOWHERE);
  await mailchimp.verify(both, [SECRET], NOWHERE);
});

it('misses no signature where a webhook has a key and the key is wrong', async () => {
  const refusal = await refusalOf(mailchimp, legacy, ['another-key']);

  expect(String(refusal)).not.toContain('signature');
});

it.each([
  ['another key', '?key=another-key'],
  ['an empty key', '?key='],
  ['no key', ''],
])('refuses %s in the URL', async (_what, search) => {
  await refusalOf(mailchimp, { ...legacy, url: new URL(search, recorded.url) }, ['a-legacy-key', SECRET]);
});

it.each([
  ['without its time', (header: string) => header.replace(/^t=\d+,/, '')],
  ['without its value', (header: string) => header.replace(/,v1=.*/, '')],
  ['with another time', (header: string) => header.replace(/^t=\d+/, 't=1762077604')],
])('refuses a signature %s', async (_what, change) => {
  const header = change(recorded.headers['x-mailchimp-signature'] ?? '');

  await refusalOf(mailchimp, { ...recorded, headers: { ...plain, 'x-mailchimp-signature': header } }, [SECRET]);
});

it.each([
  ['an opt-out without a reason', {}, ['opt_out']],
  ['an opt-out for a reason it has never heard of', { 'data[reason]': 'constructor' }, ['opt_out']],
  ['a cleaned address for such a reason', { type: 'cleaned', 'data[reason]': 'soft' }, ['ignored']],
  ['an unknown event with an address', { type: 'constructor' }, ['ignored']],
  ['an unknown event without one', { type: 'constructor', 'data[email]': '' }, []],
])('reads %s', async (_what, change, kinds) => {
  expect((await read(change)).map(({ kind }) => kind)).toEqual(kinds);
});

it('takes an opt-out without an audience for one from all', async () => {
  expect(await read({ 'data[list_id]': '' })).toMatchObject([{ kind: 'opt_out', scope: 'all' }]);
});

it.each([
  ['without a type', { type: '' }, 'type is missing'],
  ['without a time', { fired_at: '' }, 'fired_at is missing'],
  ['with a time in another form', { fired_at: '02.11.2025 10:00' }, 'fired_at is not a time'],
  ['of nobody', { 'data[email]': '' }, 'the email address is not valid'],
])('finds an opt-out %s unreadable', async (_what, change, reason) => {
  await expect(read(change)).rejects.toThrow(new Unreadable(reason));
});
