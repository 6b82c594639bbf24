import { createHash } from 'node:crypto';
import { gzipSync } from 'node:zlib';
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

  it.each([
    ['an unknown mailbox', { delivery_status: 'err_user_unknown' }, 'hard_bounce'],
    [
      'an unknown mailbox whose server blocked the sender',
      { delivery_status: 'ERR_USER_UNKNOWN', destination_response: '550 5.7.1 blocked' },
      'soft_bounce',
    ],
    ['a deleted mailbox', { delivery_status: 'err_mailbox_discarded', destination_response: '550 x' }, 'hard_bounce'],
    [
      'a failed delivery that names the mailbox',
      { delivery_status: 'err_delivery_failed', destination_response: '550 no such user' },
      'hard_bounce',
    ],
    [
      'a failed delivery of spam',
      { delivery_status: 'err_delivery_failed', destination_response: '550 Spam rejected' },
      'soft_bounce',
    ],
    ['a refusal as spam', { delivery_status: 'err_spam_rejected' }, 'soft_bounce'],
    ['a mailbox not in use', { delivery_status: 'err_user_inactive' }, 'soft_bounce'],
    ['an earlier opt-out', { delivery_status: 'err_unsubscribed' }, 'suppressed'],
  ])('reads a hard bounce by its reason: %s', async (_what, delivery_info, kind) => {
    const { signals } = await read([{ events: [event({ status: 'hard_bounced', delivery_info })] }]);

    expect(signals).toMatchObject([{ kind }]);
  });

  it.each([
    ['in event_data', event({})],
    ['next to the event name', { event_name: 'transactional_email_status', ...event({}).event_data }],
  ])('reads a single event with its fields %s', async (_what, single) => {
    const request = signed(JSON.stringify({ auth: KEY, ...single }));
    const { signals, unreadable } = unisenderGo.read(await unisenderGo.verify(request, [KEY], NOWHERE));

    expect(signals).toMatchObject([{ kind: 'opt_out', email: 'ada@example.com' }]);
    expect(unreadable).toEqual([]);
  });

  describe('json_post_compressed', () => {
    const plain = signed(JSON.stringify({ auth: KEY, events_by_user: [{ events: [event({})] }] }));

    it('is decompressed', async () => {
      const verified = await unisenderGo.verify({ ...plain, body: gzipSync(plain.body) }, [KEY], NOWHERE);

      expect(unisenderGo.read(verified).signals).toMatchObject([{ kind: 'opt_out', email: 'ada@example.com' }]);
    });

    it('is rejected if it is broken, or larger than 1 MiB', async () => {
      const bomb = gzipSync(Buffer.alloc(1_048_577));
      for (const body of [bomb, gzipSync(plain.body).subarray(0, 40), Buffer.from([0x1f, 0x8b])])
        await refusalOf(unisenderGo, { ...plain, body }, [KEY]);
    });
  });

  it('reads a request without events as no signals', async () => {
    expect(await read([])).toEqual({ signals: [], unreadable: [] });
  });

  it('throws for users that are not an array', async () => {
    await expect(read({ events: [] })).rejects.toThrow(new Unreadable('events_by_user is not an array'));
  });
});
