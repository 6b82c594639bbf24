import { createHmac } from 'node:crypto';
import { expect, it } from 'vitest';
import { Unreadable } from '../../functions/core/model/errors.ts';
import { mailtrap } from '../../functions/sources/mailtrap.ts';
import { NOWHERE, request } from '../core/examples.ts';
import { describeSource, refusalOf } from './describe-source.ts';

const SECRET = 'sample-secret-mailtrap';

function sign(body: Uint8Array, _at: Date, secret: string): Readonly<Record<string, string>> {
  return { 'mailtrap-signature': createHmac('sha256', secret).update(body).digest('hex') };
}

describeSource(mailtrap, { sign });

function asking(text: string, contentType = 'application/json') {
  return request(text, { headers: { 'content-type': contentType, ...sign(Buffer.from(text), new Date(), SECRET) } });
}

async function read(text: string, contentType?: string) {
  return mailtrap.read(await mailtrap.verify(asking(text, contentType), [SECRET], NOWHERE));
}

const spam = { event: 'spam', email: 'ada@example.com', timestamp: 1793613600, event_id: 'e1' };

it('includes the line break at the end of JSON Lines in the signature', async () => {
  const asked = asking(`${JSON.stringify(spam)}\n`, 'application/jsonl');

  await refusalOf(mailtrap, { ...asked, body: Buffer.from(JSON.stringify(spam)) }, [SECRET]);
});

it.each(['application/jsonl', 'application/jsonl; charset=utf-8', 'application/x-ndjson'])(
  'reads %s line by line',
  async (contentType) => {
    const lines = [spam, { ...spam, event_id: 'e2' }].map((event) => JSON.stringify(event)).join('\n');

    expect((await read(lines, contentType)).signals).toMatchObject([{ eventKey: 'e1' }, { eventKey: 'e2' }]);
  },
);

it.each([
  ['a soft bounce with another spelling', { ...spam, event: 'Soft_Bounce' }, ['soft_bounce']],
  ['an unknown event with an address', { ...spam, event: 'constructor' }, ['ignored']],
  ['an unknown event without an address', { event: 'inbound.message_received', inbox_id: 7 }, []],
])('reads %s', async (_what, event, kinds) => {
  const { signals, unreadable } = await read(JSON.stringify({ events: [event] }));

  expect(signals.map(({ kind }) => kind)).toEqual(kinds);
  expect(unreadable).toEqual([]);
});

it.each([
  [{}, 'hard_bounce'],
  [{ response_code: 550, response: '5.1.1 no such user' }, 'hard_bounce'],
  [{ response_code: 554, response: '5.7.1 blocked' }, 'soft_bounce'],
  [{ bounce_category: 'spam', response_code: 555, response: 'bounced' }, 'soft_bounce'],
  [{ bounce_category: 'bad-mailbox', response_code: 550, response: 'x' }, 'hard_bounce'],
  [{ bounce_category: 'Bad Domain' }, 'hard_bounce'],
  [{ bounce_category: 'bad-mailbox', response_code: 550, response: '5.7.1 blocked' }, 'soft_bounce'],
  [{ bounce_category: 'other', response_code: 550, response: 'x' }, 'soft_bounce'],
  [{ bounce_category: 'quota-issues' }, 'soft_bounce'],
  [{ bounce_category: 'constructor' }, 'soft_bounce'],
])('reads a bounce with %j as %s', async (change, kind) => {
  const { signals } = await read(JSON.stringify({ events: [{ ...spam, event: 'bounce', ...change }] }));

  expect(signals).toMatchObject([{ kind }]);
});

it.each([
  ['a single event', JSON.stringify(spam), 'events is not an array'],
  ['JSON Lines with the media type of JSON', '{"event":"spam"}\n{"event":"spam"}', 'the body is not JSON'],
  ['an array', '[]', 'the body is not an object'],
  ['an empty body', '', 'the body is not JSON'],
])('reports %s instead of events as unreadable', async (_what, text, reason) => {
  await expect(read(text)).rejects.toThrow(new Unreadable(reason));
});
