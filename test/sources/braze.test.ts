import { expect, it } from 'vitest';
import { braze } from '../../functions/sources/braze.ts';
import { AT, NOWHERE, request } from '../core/examples.ts';
import { describeSource } from './describe-source.ts';

describeSource(braze);

const SECRET = 'sample-secret-braze';

async function read(text: string, headers: Readonly<Record<string, string>> = { 'x-relay-key': SECRET }) {
  return braze.read(await braze.verify(request(text, { headers }), [SECRET], NOWHERE));
}

const event = { event: 'unsubscribed', email: 'ada@example.com', id: 'd1', occurred_at: '2025-11-02T10:00:00Z' };

it('accepts a bearer token', async () => {
  const { signals } = await read(JSON.stringify(event), { authorization: `Bearer ${SECRET}` });

  expect(signals).toMatchObject([{ kind: 'opt_out', eventKey: 'd1' }]);
});

it('reads an empty list as no list', async () => {
  expect((await read(JSON.stringify({ ...event, list: '' }))).signals).toMatchObject([{ scope: 'all' }]);
});

it('ignores an inherited property name as event', async () => {
  expect((await read(JSON.stringify({ ...event, event: 'constructor' }))).signals).toMatchObject([{ kind: 'ignored' }]);
});

it.each([
  ['a template without quotes', '{"event": unsubscribed}', 'the body is not JSON'],
  ['a profile without an address', JSON.stringify({ ...event, email: '' }), 'the email address is not valid'],
  ['no state', JSON.stringify({ ...event, event: '' }), 'event is missing'],
])('throws for %s, so that Braze shows a 400', async (_what, text, reason) => {
  await expect(read(text)).rejects.toThrow(expect.objectContaining({ name: 'Unreadable', message: reason }));
});

it.each([
  [{ occurred_at: '' }, 'd1'],
  [{ occurred_at: 'today' }, 'd1'],
  [{ occurred_at: '', id: '' }, 'unsubscribed  2026-11-02'],
])('takes an opt-out with %j as of its arrival', async (change, eventKey) => {
  expect((await read(JSON.stringify({ ...event, ...change }))).signals).toMatchObject([
    { kind: 'opt_out', eventKey, occurredAt: AT, isTimeAssumed: true },
  ]);
});

it('reads the state in any case', async () => {
  expect((await read(JSON.stringify({ ...event, event: 'Unsubscribed' }))).signals).toMatchObject([
    { kind: 'opt_out' },
  ]);
});
