import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Unauthenticated, Unavailable } from '../../../functions/core/model/errors.ts';
import type { RawRequest } from '../../../functions/core/payload/http.ts';
import { snsHandshake, snsMessage, snsSignature } from '../../../functions/core/verify/sns.ts';
import type { Certificates } from '../../../functions/core/verify/source.ts';
import { damaged } from '../../sources/harm.ts';
import type { Envelope } from '../../sources/sns-signing.ts';
import { AUTHORITIES, CERTIFICATE, publishing, STRANGER, signed } from '../../sources/sns-signing.ts';
import { NOWHERE, request } from '../examples.ts';

const TOPIC = 'arn:acme:sns:here-1:1:news';
const FOLDER = 'https://acme.example.com/here-1/';
const URL_OF_IT = `${FOLDER}a1.pem`;
const CHAIN = new URL('https://acme.example.com/chain');

const world = publishing({ [URL_OF_IT]: CERTIFICATE });
const file = /^[a-z0-9]+\.pem$/;

const verify = snsSignature(({ partition, region }) =>
  partition === 'acme' ? { folder: `https://acme.example.com/${region}/`, file } : undefined,
);
const verifyChain = snsSignature(() => ({ folder: FOLDER, file, authorities: CHAIN }));

const NOTIFICATION: Envelope = {
  Type: 'Notification',
  MessageId: '165545c9',
  TopicArn: TOPIC,
  Subject: 'Hello',
  Message: 'It is “so”.\nYes.',
  Timestamp: '2026-11-02T10:00:00.000Z',
  SigningCertURL: URL_OF_IT,
  UnsubscribeURL: 'https://acme.example.com/?Action=Unsubscribe',
};
const { Subject: _, ...WITHOUT_SUBJECT } = NOTIFICATION;
const CONFIRMATION: Envelope = {
  ...WITHOUT_SUBJECT,
  Type: 'SubscriptionConfirmation',
  Token: 't0ken',
  SubscribeURL: 'https://acme.example.com/?Action=ConfirmSubscription',
};
const END: Envelope = { ...CONFIRMATION, Type: 'UnsubscribeConfirmation' };

function posting(envelope: unknown, change: Partial<RawRequest> = {}): RawRequest {
  return request(JSON.stringify(envelope), change);
}

async function refusal(asked: RawRequest, secrets: readonly string[] = [TOPIC], from: Certificates = world) {
  const error = await Promise.resolve(verify(asked, secrets, from)).catch((each: unknown) => each);
  expect(error).toBeInstanceOf(Unauthenticated);
  return (error as Unauthenticated).message;
}

const NO_MATCH = 'no configured secret matches';

describe('the signature', () => {
  it.each([
    ['a notification', NOTIFICATION],
    ['a notification without a subject', WITHOUT_SUBJECT],
    ['a notification whose subject is null', { ...NOTIFICATION, Subject: null }],
    ['a subscription to confirm', CONFIRMATION],
    ['the end of a subscription', END],
  ])('is accepted under %s, in both versions', async (_what, fields) => {
    for (const version of ['1', '2']) {
      const asked = posting(signed(fields, { version }));

      expect(await verify(asked, [TOPIC], world)).toBe(asked);
    }
  });

  it.each([
    ...Object.keys(NOTIFICATION).map((name) => [NOTIFICATION, name] as const),
    ...Object.keys(CONFIRMATION).map((name) => [CONFIRMATION, name] as const),
    ...Object.keys(END).map((name) => [END, name] as const),
  ])('covers what %o says as its %s, but for the way to unsubscribe', async (fields, name) => {
    const changed = [`${fields[name]} `, fields[name] === undefined ? 'x' : undefined, 7, null];

    for (const value of changed) {
      const asked = posting({ ...signed(fields), [name]: value });
      if (name === 'UnsubscribeURL') await verify(asked, [TOPIC], world);
      else await refusal(asked);
    }
  });

  it.each([
    ['a notification with a subject that was put in', { ...signed(WITHOUT_SUBJECT), Subject: 'x' }, NO_MATCH],
    ['one type turned into another', { ...signed(CONFIRMATION), Type: 'UnsubscribeConfirmation' }, NO_MATCH],
    ['a type that is none', signed({ ...NOTIFICATION, Type: 'Other' }), 'Type is not an SNS message type'],
    [
      'a type that objects inherit',
      signed({ ...NOTIFICATION, Type: 'constructor' }),
      'Type is not an SNS message type',
    ],
    ['one version called another', { ...signed(NOTIFICATION), SignatureVersion: '2' }, NO_MATCH],
    [
      'a version that is none',
      { ...signed(NOTIFICATION), SignatureVersion: '3' },
      'SignatureVersion is neither 1 nor 2',
    ],
    ['a version that is a number', { ...signed(NOTIFICATION), SignatureVersion: 1 }, 'SignatureVersion is missing'],
    ['somebody else’s signature', signed(NOTIFICATION, { key: STRANGER.key }), NO_MATCH],
    ['an empty signature', { ...signed(NOTIFICATION), Signature: '' }, NO_MATCH],
    ['no object', [signed(NOTIFICATION)], 'the body is not an SNS message'],
    ['nothing', null, 'the body is not an SNS message'],
  ])('is refused: %s', async (_what, envelope, reason) => {
    expect(await refusal(posting(envelope))).toBe(reason);
  });

  it('is refused when the message is delivered raw, and says what to do', async () => {
    const headers = { 'x-amz-sns-rawdelivery': 'true' };

    expect(await refusal(posting(signed(NOTIFICATION), { headers }))).toBe('raw message delivery has no signature');
  });

  it('is a refusal whatever bytes are sent, never an unreadable body', async () => {
    const anywhere: Certificates = { get: async () => CERTIFICATE };
    const bodies = fc.oneof(fc.uint8Array(), damaged(JSON.stringify(signed(NOTIFICATION))).map(Buffer.from));
    const property = fc.asyncProperty(bodies, async (body) => {
      const error = await Promise.resolve(verify(request('', { body }), [TOPIC], anywhere)).catch(
        (each: unknown) => each,
      );
      if (error instanceof Error) expect(error).toBeInstanceOf(Unauthenticated);
    });

    await fc.assert(property, { numRuns: 500 });
  });
});

describe('the topic', () => {
  it.each([[[TOPIC]], [[' ', `  ${TOPIC}\n`]], [['arn:acme:sns:here-1:1:old', TOPIC, TOPIC]]])(
    'may speak under %j',
    async (secrets) => {
      await verify(posting(signed(NOTIFICATION)), secrets, world);
    },
  );

  it.each([[[]], [['', ' ']], [[`${TOPIC}s`]], [[TOPIC.slice(0, -1)]], [[TOPIC.toUpperCase()]], [['arn:acme:sns:*']]])(
    'may not speak under %j, and nothing is fetched for it',
    async (secrets) => {
      await refusal(posting(signed(NOTIFICATION)), secrets, NOWHERE);
    },
  );

  it.each(['', 'news', 'arn:other:sns:here-1:1:news', 'arn:acme:sqs:here-1:1:news', 'arn:acme:sns:he/re:1:news'])(
    'has no certificates when it is %j, although it is allowed',
    async (TopicArn) => {
      await refusal(posting(signed({ ...NOTIFICATION, TopicArn })), [TopicArn, TOPIC], NOWHERE);
    },
  );
});

describe('the certificate', () => {
  it.each([
    'http://acme.example.com/here-1/a1.pem',
    'HTTPS://acme.example.com/here-1/a1.pem',
    'https://acme.example.com:443/here-1/a1.pem',
    'https://acme.example.com:8443/here-1/a1.pem',
    'https://user@acme.example.com/here-1/a1.pem',
    'https://acme.example.com@evil.example.com/here-1/a1.pem',
    'https://acme.example.com.evil.example.com/here-1/a1.pem',
    'https://evil.example.com/here-1/a1.pem',
    'https://acme.example.com/here-2/a1.pem',
    'https://acme.example.com/here-1/../here-1/a1.pem',
    'https://acme.example.com/here-1/more/a1.pem',
    'https://acme.example.com/here-1/a1.pem?x=1',
    'https://acme.example.com/here-1/a1.pem#x',
    'https://acme.example.com/here-1/a1.pem\n',
    'https://acme.example.com/here-1/a1.PEM',
    'https://acme.example.com/here-1/.pem',
    'https://acme.example.com\\@evil.example.com/here-1/a1.pem',
    ' https://acme.example.com/here-1/a1.pem',
    '//acme.example.com/here-1/a1.pem',
    'a1.pem',
    '',
  ])('is never fetched from %j', async (SigningCertURL) => {
    expect(await refusal(posting(signed({ ...NOTIFICATION, SigningCertURL })), [TOPIC], NOWHERE)).toBe(
      'SigningCertURL does not belong to the topic',
    );
  });

  it.each([
    ['2023-12-31T23:59:59.999Z', false],
    ['2024-01-01T00:00:00.000Z', true],
    ['2027-12-31T23:59:59.000Z', true],
    ['2028-01-01T00:00:00.000Z', false],
  ])('is valid at %s: %s', async (time, isValid) => {
    const asked = posting(signed(NOTIFICATION), { receivedAt: new Date(time) });

    if (isValid) await verify(asked, [TOPIC], world);
    else expect(await refusal(asked)).toBe('the certificate is not valid at this time');
  });

  it.each([
    ['cannot be fetched', undefined],
    ['is empty', ''],
    ['is a page', '<html>later</html>'],
    ['is cut', CERTIFICATE.slice(0, 500)],
    ['is broken', CERTIFICATE.replace(/^M/m, 'N')],
  ])('makes us unavailable, not the sender a stranger, when it %s', async (_what, certificate) => {
    const there = publishing(certificate === undefined ? {} : { [URL_OF_IT]: certificate });

    await expect(verify(posting(signed(NOTIFICATION)), [TOPIC], there)).rejects.toThrow(Unavailable);
  });

  it('may be issued by any of the authorities', async () => {
    const there = publishing({ [URL_OF_IT]: CERTIFICATE, [CHAIN.href]: AUTHORITIES });

    await verifyChain(posting(signed(NOTIFICATION)), [TOPIC], there);
    expect(there.asked).toEqual([URL_OF_IT, CHAIN.href]);
  });

  it.each([
    ['itself', STRANGER.certificate, AUTHORITIES, STRANGER.key],
    ['somebody who took the name of an authority', STRANGER.forged, AUTHORITIES, STRANGER.key],
    [
      'an authority of an authority',
      CERTIFICATE,
      AUTHORITIES.slice(0, AUTHORITIES.lastIndexOf('-----BEGIN')),
      undefined,
    ],
    ['somebody else', CERTIFICATE, STRANGER.certificate, undefined],
  ])('is refused when it was issued by %s', async (_what, certificate, authorities, key) => {
    const there = publishing({ [URL_OF_IT]: certificate, [CHAIN.href]: authorities });
    const asked = posting(signed(NOTIFICATION, key === undefined ? {} : { key }));

    await expect(verifyChain(asked, [TOPIC], there)).rejects.toThrow(
      new Unauthenticated("the certificate is not issued by the sender's authority"),
    );
  });

  it('makes us unavailable when the authorities cannot be read', async () => {
    const there = publishing({ [URL_OF_IT]: CERTIFICATE, [CHAIN.href]: '' });

    await expect(verifyChain(posting(signed(NOTIFICATION)), [TOPIC], there)).rejects.toThrow(
      new Unavailable('the certificate cannot be read'),
    );
  });
});

describe('the greeting', () => {
  it('confirms a subscription by its topic and token, never by its URL', () => {
    expect(snsHandshake(posting(CONFIRMATION))).toEqual({
      response: { status: 200 },
      confirm: { topicArn: TOPIC, token: 't0ken' },
    });
  });

  it('takes note of the end of a subscription', () => {
    expect(snsHandshake(posting(END))).toEqual({ response: { status: 200 } });
  });

  it('is none for a notification, which has its message', async () => {
    const verified = await verify(posting(signed(NOTIFICATION)), [TOPIC], world);

    expect(snsHandshake(verified)).toBeUndefined();
    expect(snsMessage(verified)).toBe('It is “so”.\nYes.');
  });
});
