import { createPrivateKey, createSign, generateKeyPairSync } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { RawRequest } from '../../functions/core/payload/http.ts';
import { postal } from '../../functions/sources/postal.ts';
import { NOWHERE } from '../core/examples.ts';
import { describeSource, expectAccepted, refusalOf } from './describe-source.ts';
import type { Fixture } from './fixture.ts';
import { fixturesOf, requestOf } from './fixture.ts';

const PRIVATE_KEY = createPrivateKey(readFileSync(new URL('../sample-keys/postal.pem', import.meta.url)));

const signatureOf = (hash: 'sha256' | 'sha1', body: Uint8Array) =>
  createSign(hash).update(body).sign(PRIVATE_KEY, 'base64');

function sign(body: Uint8Array): Readonly<Record<string, string>> {
  return { 'x-postal-signature-256': signatureOf('sha256', body) };
}

/** Either signature verifies the request, so both must be removed. */
function unproven(request: RawRequest): readonly RawRequest[] {
  return [{ ...request, headers: { 'content-type': 'application/json' } }];
}

describeSource(postal, { sign, unproven });

const fixture = fixturesOf('postal').find(({ body }) => body.includes('550-5.1.1')) as Fixture;
const recorded = requestOf(fixture, 'postal');
const event = JSON.parse(fixture.body);

async function read(payload: unknown) {
  const body = Buffer.from(JSON.stringify(payload));
  return postal.read(await postal.verify({ ...recorded, body, headers: sign(body) }, [fixture.secret], NOWHERE));
}

describe('verify', () => {
  const good = { ...sign(recorded.body), 'x-postal-signature': signatureOf('sha1', recorded.body) };
  const other = sign(Buffer.from('another body'));
  const verifyWith = (headers: RawRequest['headers'], secret = fixture.secret) =>
    [{ ...recorded, headers }, [secret]] as const;

  it('uses the newer signature if both are present', async () => {
    const headers = { ...good, 'x-postal-signature': 'AAAA' };
    await expectAccepted(postal, ...verifyWith(headers));

    await refusalOf(
      postal,
      ...verifyWith({ ...good, 'x-postal-signature-256': other['x-postal-signature-256'] ?? '' }),
    );
  });

  it('does not accept one signature as the other', async () => {
    await refusalOf(postal, ...verifyWith({ 'x-postal-signature': signatureOf('sha256', recorded.body) }));
    await refusalOf(postal, ...verifyWith({ 'x-postal-signature-256': good['x-postal-signature'] ?? '' }));
  });

  it.each([
    [
      'another key',
      generateKeyPairSync('rsa', { modulusLength: 2048 }).publicKey.export({ type: 'spki', format: 'der' }),
    ],
    ['a key that is not valid', Buffer.from('MFkwEwYH')],
  ])('rejects a request with %s', async (_what, key) => {
    await refusalOf(postal, ...verifyWith(good, key.toString('base64')));
  });
});

describe('a permanently failed delivery', () => {
  const answering = (output: unknown) => ({ ...event, payload: { ...event.payload, output } });

  it.each([
    '550 5.1.1 User unknown',
    '550-5.1.1 The email account\n550 5.1.1 does not exist',
    '553 5.1.2 x',
    '501 5.1.3 x',
    '550 5.1.6 x',
    '556 5.1.10 null MX',
    '550 User unknown',
  ])('is a hard bounce after %j', async (output) => {
    expect((await read(answering(output))).signals).toMatchObject([{ kind: 'hard_bounce' }]);
  });

  it.each([
    '550 5.7.1 blocked',
    '552 5.2.2 Mailbox full',
    '552 5.3.4 too big',
    '550 5.1.0 x',
    '550 x',
    '550 5.1.8 bad sender',
    '550 5.1.11 x',
    '450 4.1.1 try later, or 550 5.1.1',
    '',
    null,
    undefined,
  ])('is a soft bounce after %j', async (output) => {
    expect((await read(answering(output))).signals).toMatchObject([{ kind: 'soft_bounce' }]);
  });
});

it('reads a delayed mail as a soft bounce, whatever the remote server answered', async () => {
  const payload = { ...event.payload, status: 'SoftFail', output: '550 5.1.1 User unknown' };

  expect((await read({ ...event, event: 'MessageDelayed', payload })).signals).toMatchObject([{ kind: 'soft_bounce' }]);
});

it.each(['MessageSomething', 'constructor'])('ignores the event %s, with its address', async (word) => {
  expect((await read({ ...event, event: word, payload: { message: event.payload.message } })).signals).toMatchObject([
    { kind: 'ignored', email: 'test@example.com' },
  ]);
});

it('gives no signal for an event without a message', async () => {
  expect(await read({ event: 'SomethingElse' })).toEqual({ signals: [], unreadable: [] });
});

it.each([
  ['its address', { payload: { ...event.payload, message: {} } }, 'the email address is not valid'],
  ['its name', { event: undefined }, 'event is missing'],
])('reports an event without %s as unreadable', async (_what, change, reason) => {
  await expect(read({ ...event, ...change })).rejects.toThrow(
    expect.objectContaining({ name: 'Unreadable', message: reason }),
  );
});
