import { createHmac } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { Unreadable } from '../../functions/core/model/errors.ts';
import type { FieldMap } from '../../functions/core/readers/field-map.ts';
import { generic } from '../../functions/sources/generic.ts';
import { NOWHERE } from '../core/examples.ts';
import { describeSource, expectAccepted, refusalOf } from './describe-source.ts';
import type { Fixture } from './fixture.ts';
import { fixturesOf, requestOf } from './fixture.ts';
import { changedByOneByte } from './harm.ts';

const SECRET = 'sample-secret-generic';

function sign(body: Uint8Array): Readonly<Record<string, string>> {
  return { 'x-relay-signature': `sha256=${createHmac('sha256', SECRET).update(body).digest('hex')}` };
}

describeSource(generic(), { sign });

const fixture = fixturesOf('generic').find(({ headers }) => 'x-relay-signature' in headers) as Fixture;
const recorded = requestOf(fixture, 'generic');

async function read(text: string, fields?: FieldMap) {
  const body = Buffer.from(text);
  const source = generic(fields);
  return source.read(await source.verify({ ...recorded, body, headers: sign(body) }, [SECRET], NOWHERE));
}

describe('verify', () => {
  const wrong = { 'x-relay-signature': `sha256=${'0'.repeat(64)}` };

  it('rejects a signed body with any changed byte', async () => {
    for (const changed of changedByOneByte(recorded)) await refusalOf(generic(), changed, [SECRET]);
  });

  it('accepts the secret even if a signature does not match', async () => {
    const headers = { ...wrong, authorization: `Bearer ${SECRET}` };

    await expectAccepted(generic(), { ...recorded, headers }, [SECRET]);
  });

  it.each([
    ['neither matches', { ...wrong, authorization: 'Bearer sample-secret' }],
    ['the signature does not match and there is no secret', wrong],
    ['the signature is empty', { 'x-relay-signature': '' }],
    [
      'the signature lacks its prefix',
      { 'x-relay-signature': sign(recorded.body)['x-relay-signature']?.slice(7) ?? '' },
    ],
  ])('rejects a request if %s', async (_what, headers) => {
    await refusalOf(generic(), { ...recorded, headers }, [SECRET]);
  });

  it('accepts a custom HMAC scheme', async () => {
    const source = generic({}, { header: 'x-shop-hmac', hash: 'sha1', encoding: 'base64' });
    const headers = { 'x-shop-hmac': createHmac('sha1', SECRET).update(recorded.body).digest('base64') };

    await expectAccepted(source, { ...recorded, headers }, [SECRET]);
    await refusalOf(source, recorded, [SECRET]);
  });
});

describe('the field map', () => {
  const nested = JSON.stringify({
    id: 7,
    time: 1762077600,
    user: { mail: 'ada@example.com' },
    topics: ['a'],
    on: 'yes',
    off: false,
  });

  it('replaces the names it sets and keeps the other defaults', async () => {
    expect((await read(nested, { email: 'user.mail', list: 'topics' })).signals).toMatchObject([
      { email: 'ada@example.com', scope: { list: 'a' }, eventKey: '7', occurredAt: new Date(1762077600_000) },
    ]);
  });

  it.each([
    ['on', 'opt_out'],
    ['off', 'ignored'],
    ['missing', 'ignored'],
  ])('reads the checkbox %s as %s', async (optOut, kind) => {
    expect((await read(nested, { email: 'user.mail', optOut })).signals).toMatchObject([{ kind }]);
  });
});

it('never guesses what an answer means', async () => {
  const readBox = (box: string) => read(`email=ada%40example.com&box=${box}`, { optOut: 'box' });

  expect((await readBox('yes')).signals).toMatchObject([{ kind: 'opt_out' }]);
  expect((await readBox('no')).signals).toMatchObject([{ kind: 'ignored' }]);
  await expect(readBox('maybe')).rejects.toThrow(new Unreadable('box is neither yes nor no'));
});

it('reads the entries of an array whose answers are clear, and counts the others', async () => {
  const entry = (state: string, email: unknown = 'ada@example.com') => ({ email, state });
  const entries = [entry('maybe'), entry('yes'), entry('yes', ['grace@example.com', 'grace@'])];
  const { signals, unreadable } = await read(JSON.stringify(entries), { optOut: 'state' });

  expect(signals.map(({ email }) => email)).toEqual(['ada@example.com', 'grace@example.com']);
  expect(unreadable).toEqual(['event 1: state is neither yes nor no', 'the email address is not valid']);
});

it.each([
  ['under another name', '{"Correo":"ada@example.com","id":1}'],
  ['in nested data', '{"data":{"fields":[{"answer":"ada@example.com"}]}}'],
  ['under its usual name, next to another one', '{"Email":"ada@example.com","agent":"grace@example.com"}'],
  ['in a form', 'correo=ada%40example.com'],
])('finds the address %s', async (_what, text) => {
  expect((await read(text)).signals).toMatchObject([{ email: 'ada@example.com', confidence: 'exact' }]);
});

it('holds an opt-out that names two addresses without a hint', async () => {
  expect((await read('{"a":"ada@example.com","b":"grace@example.com"}')).signals).toMatchObject([
    { email: 'ada@example.com', confidence: 'ambiguous' },
    { email: 'grace@example.com', confidence: 'ambiguous' },
  ]);
});

it('uses only the field that the map names', async () => {
  await expect(read('{"email":"ada@example.com"}', { email: 'user.mail' })).rejects.toThrow(
    new Unreadable('user.mail is missing'),
  );
});

it('takes an opt-out with a malformed time as of its arrival', async () => {
  expect((await read('{"email":"ada@example.com","time":"today"}')).signals).toMatchObject([
    { email: 'ada@example.com', occurredAt: recorded.receivedAt, isTimeAssumed: true },
  ]);
});

it('gives the same opt-out at another time another key', async () => {
  const keyAt = async (time: number) =>
    (await read(JSON.stringify({ email: 'ada@example.com', time }))).signals.map(({ eventKey }) => eventKey);

  expect(await keyAt(1762077600)).toEqual(await keyAt(1762077600_000));
  expect(await keyAt(1762077600)).not.toEqual(await keyAt(1762077601));
});

describe('the header Idempotency-Key', () => {
  async function keysOf(text: string, key = 'k1') {
    const body = Buffer.from(text);
    const headers = { ...sign(body), 'idempotency-key': key };
    const verified = await generic().verify({ ...recorded, body, headers }, [SECRET], NOWHERE);
    return generic()
      .read(verified)
      .signals.map(({ eventKey }) => eventKey);
  }

  it('is the key of an object or a form without an id', async () => {
    expect(await keysOf('{"email":"ada@example.com"}')).toEqual(['k1']);
    expect(await keysOf('email=ada%40example.com', 'k2')).toEqual(['k2']);
    expect(await keysOf('{"email":"ada@example.com","id":"own"}')).toEqual(['own']);
  });

  it('is not the key of the objects in an array', async () => {
    expect(await keysOf('[{"email":"ada@example.com"}]')).toEqual([undefined]);
  });
});

it('has no key without an id and a time, so that every post is a new event', async () => {
  expect((await read('[{"email":"ada@example.com"},{"email":"ada@example.com"}]')).signals).toMatchObject([
    { email: 'ada@example.com', eventKey: undefined },
    { email: 'ada@example.com', eventKey: undefined },
  ]);
});

it.each([
  ['JSON after a byte order mark and whitespace', '\ufeff \r\n{"email":"ada@example.com"}'],
  ['a form without a media type', 'email=ada%40example.com'],
  ['a form that contains braces', 'email=ada%40example.com&note={"email":""}'],
])('reads %s', async (_what, text) => {
  expect((await read(text)).signals).toMatchObject([{ email: 'ada@example.com' }]);
});

it('reads a multipart form with a preamble', async () => {
  const body = Buffer.from(
    '{}\r\n--b\r\ncontent-disposition: form-data; name="email"\r\n\r\nada@example.com\r\n--b--\r\n',
  );
  const headers = { ...sign(body), 'content-type': 'multipart/form-data; boundary=b' };
  const verified = await generic().verify({ ...recorded, body, headers }, [SECRET], NOWHERE);

  expect(generic().read(verified)).toMatchObject({ signals: [{ email: 'ada@example.com' }] });
});

it('reads every value of a repeated form field', async () => {
  const { signals } = await read('email=ada%40example.com&email=grace%40example.com&list=news');

  expect(signals.map(({ email, confidence }) => [email, confidence])).toEqual([
    ['ada@example.com', 'exact'],
    ['grace@example.com', 'exact'],
  ]);
});

it('reads an empty array as no signals', async () => {
  expect(await read('[]')).toEqual({ signals: [], unreadable: [] });
});

it.each([
  ['an object without an address', '{"list":"news"}', 'the address is missing'],
  ['a form without an address', 'list=news', 'the address is missing'],
  ['an empty body', '', 'the address is missing'],
  ['truncated JSON', '{"email":', 'the body is not JSON'],
])('reports %s as unreadable', async (_what, text, reason) => {
  await expect(read(text)).rejects.toThrow(new Unreadable(reason));
});
