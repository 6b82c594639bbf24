import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { Unreadable } from '../../functions/core/model/errors.ts';
import type { RawRequest } from '../../functions/core/payload/http.ts';
import { unisenderGo } from '../../functions/sources/unisender-go.ts';
import { NOWHERE } from '../core/examples.ts';
import { describeSource, expectAccepted, refusalOf } from './describe-source.ts';
import type { Fixture } from './fixture.ts';
import { fixturesOf, requestOf } from './fixture.ts';

const KEY = 'sample-secret-unisender-go';

/** The request with its hash replaced. */
function hashed(request: RawRequest, replacement: string): RawRequest {
  const body = Buffer.from(request.body).toString('latin1');
  return { ...request, body: Buffer.from(body.replace(/"auth":"[0-9a-f]{32}"/, replacement), 'latin1') };
}

/** The proof is part of the body. */
function unproven(request: RawRequest): readonly RawRequest[] {
  const replacements = ['"auth":""', '"auth":null', `"auth":"${KEY}"`, `"auth":"${'0'.repeat(32)}"`, '"other":"7"'];
  return [...replacements.map((it) => hashed(request, it)), { ...request, body: Buffer.from('') }];
}

describeSource(unisenderGo, { unproven });

const fixture = fixturesOf('unisender-go').find(({ body }) => body.includes('spam_block')) as Fixture;
const recorded = requestOf(fixture, 'unisender-go');

/** A text with the key in it, as Unisender Go sends it. */
function signed(text: string): RawRequest {
  const hash = createHash('md5').update(text).digest('hex');
  return { ...recorded, body: Buffer.from(text.replace(KEY, hash)) };
}

async function read(users: unknown) {
  const request = signed(JSON.stringify({ auth: KEY, events_by_user: users }));
  return unisenderGo.read(await unisenderGo.verify(request, [KEY], NOWHERE));
}

const event = (data: object) => ({
  event_name: 'transactional_email_status',
  event_data: {
    job_id: 'j1',
    email: 'ada@example.com',
    status: 'unsubscribed',
    event_time: '2025-11-02 10:00:00',
    ...data,
  },
});

describe('the hash', () => {
  it('covers the exact bytes: slashes, letters and spaces', async () => {
    expect(fixture.body).toMatch(/2025\\\/11\\\/02/);
    expect(fixture.body).toContain('Jörg');

    await unisenderGo.verify(
      signed(`{ "who": "J\u00f6rg J\u00f6rg", "auth" : "${KEY}", "name": "J\\u00f6rg J\u00f6rg" }\r\n`),
      [KEY],
      NOWHERE,
    );
  });

  it('is found anywhere in the body', async () => {
    await expectAccepted(unisenderGo, signed(`{"events_by_user":[],"auth":"${KEY}"}`), [KEY]);
  });

  it('is checked in bytes that are not text, and rejected', async () => {
    await refusalOf(unisenderGo, { ...recorded, body: Buffer.from([0xff, 0xfe, 0x00]) }, [KEY]);
  });

  it('is not accepted from a header or a query', async () => {
    const request = {
      ...recorded,
      url: new URL(`${recorded.url}?key=${KEY}`),
      headers: { authorization: `Bearer ${KEY}` },
    };

    for (const it of unproven(request)) await refusalOf(unisenderGo, it, [KEY]);
  });
});

describe('read', () => {
  it.each([
    ['an unknown status with an address', { status: 'constructor' }, ['ignored']],
    ['an unknown status without an address', { status: 'queued', email: undefined }, []],
    ['a bounce without a reason', { status: 'hard_bounced' }, ['hard_bounce']],
    [
      'a bounce whose reason is not an object',
      { status: 'hard_bounced', delivery_info: 'err_unsubscribed' },
      ['hard_bounce'],
    ],
    ['an opt-out with a reason', { delivery_info: { delivery_status: 'err_unsubscribed' } }, ['opt_out']],
  ])('reads %s', async (_what, data, kinds) => {
    const { signals, unreadable } = await read([{ events: [event(data)] }]);

    expect(signals.map(({ kind }) => kind)).toEqual(kinds);
    expect(unreadable).toEqual([]);
  });

  it('gives events of one mail different keys by all their fields', async () => {
    const events = [{}, { job_id: 'j2' }, { job_id: undefined }, { email: 'grace@example.com' }, { status: 'spam' }];
    const later = { event_time: '2025-11-02 10:00:01' };
    const { signals } = await read([{ events: [...events, later].map(event) }]);

    expect(new Set(signals.map(({ eventKey }) => eventKey)).size).toBe(6);
  });

  it('reads a request without events as no signals', async () => {
    expect(await read([])).toEqual({ signals: [], unreadable: [] });
  });

  it('throws for users that are not an array', async () => {
    await expect(read({ events: [] })).rejects.toThrow(new Unreadable('events_by_user is not an array'));
  });
});
