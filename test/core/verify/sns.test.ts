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
const CERTIFICATE_URL = `${FOLDER}a1.pem`;
const CHAIN = new URL('https://acme.example.com/chain');

const certificates = publishing({ [CERTIFICATE_URL]: CERTIFICATE });
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
  SigningCertURL: CERTIFICATE_URL,
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

async function rejectionOf(
  incoming: RawRequest,
  secrets: readonly string[] = [TOPIC],
  from: Certificates = certificates,
) {
  const error = await Promise.resolve(verify(incoming, secrets, from)).catch((each: unknown) => each);
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
  ])('is accepted for %s, in both versions', async (_what, fields) => {
    for (const version of ['1', '2']) {
      const incoming = posting(signed(fields, { version }));

      expect(await verify(incoming, [TOPIC], certificates)).toBe(incoming);
    }
  });

  it.each([
    ...Object.keys(NOTIFICATION).map((name) => [NOTIFICATION, name] as const),
    ...Object.keys(CONFIRMATION).map((name) => [CONFIRMATION, name] as const),
    ...Object.keys(END).map((name) => [END, name] as const),
  ])('covers every field but UnsubscribeURL: %o, %s', async (fields, name) => {
    const changed = [`${fields[name]} `, fields[name] === undefined ? 'x' : undefined, 7, null];

    for (const value of changed) {
      const incoming = posting({ ...signed(fields), [name]: value });
      if (name === 'UnsubscribeURL') expect(await verify(incoming, [TOPIC], certificates)).toBe(incoming);
      else await rejectionOf(incoming);
    }
  });

  it.each([
    ['a notification with an added subject', { ...signed(WITHOUT_SUBJECT), Subject: 'x' }, NO_MATCH],
    ['a changed type', { ...signed(CONFIRMATION), Type: 'UnsubscribeConfirmation' }, NO_MATCH],
    ['an unknown type', signed({ ...NOTIFICATION, Type: 'Other' }), 'Type is not an SNS message type'],
    [
      'a type that objects inherit',
      signed({ ...NOTIFICATION, Type: 'constructor' }),
      'Type is not an SNS message type',
    ],
    ['another version', { ...signed(NOTIFICATION), SignatureVersion: '2' }, NO_MATCH],
    ['an unknown version', { ...signed(NOTIFICATION), SignatureVersion: '3' }, 'SignatureVersion is neither 1 nor 2'],
    ['a version that is a number', { ...signed(NOTIFICATION), SignatureVersion: 1 }, 'SignatureVersion is missing'],
    ['another key’s signature', signed(NOTIFICATION, { key: STRANGER.key }), NO_MATCH],
    ['an empty signature', { ...signed(NOTIFICATION), Signature: '' }, NO_MATCH],
    ['an array', [signed(NOTIFICATION)], 'the signed part of the body cannot be read'],
    ['null', null, 'the signed part of the body cannot be read'],
  ])('is rejected: %s', async (_what, envelope, reason) => {
    expect(await rejectionOf(posting(envelope))).toBe(reason);
  });

  it('is rejected with raw message delivery', async () => {
    const headers = { 'x-amz-sns-rawdelivery': 'true' };

    expect(await rejectionOf(posting(signed(NOTIFICATION), { headers }))).toBe('raw message delivery has no signature');
  });

  it('is accepted or rejected as Unauthenticated, for any bytes', async () => {
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
    'is accepted if listed: %j',
    async (secrets) => {
      const asked = posting(signed(NOTIFICATION));

      expect(await verify(asked, secrets, certificates)).toBe(asked);
    },
  );

  it.each([[[]], [['', ' ']], [[`${TOPIC}s`]], [[TOPIC.slice(0, -1)]], [[TOPIC.toUpperCase()]], [['arn:acme:sns:*']]])(
    'is rejected without a fetch if not listed: %j',
    async (secrets) => {
      await rejectionOf(posting(signed(NOTIFICATION)), secrets, NOWHERE);
    },
  );

  it.each(['', 'news', 'arn:other:sns:here-1:1:news', 'arn:acme:sqs:here-1:1:news', 'arn:acme:sns:he/re:1:news'])(
    'is rejected without a fetch if it is %j, even if listed',
    async (TopicArn) => {
      await rejectionOf(posting(signed({ ...NOTIFICATION, TopicArn })), [TopicArn, TOPIC], NOWHERE);
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
    expect(await rejectionOf(posting(signed({ ...NOTIFICATION, SigningCertURL })), [TOPIC], NOWHERE)).toBe(
      'SigningCertURL does not belong to the topic',
    );
  });

  it.each([
    ['2023-12-31T23:59:59.999Z', false],
    ['2024-01-01T00:00:00.000Z', true],
    ['2027-12-31T23:59:59.000Z', true],
    ['2028-01-01T00:00:00.000Z', false],
  ])('is valid at %s: %s', async (time, isValid) => {
    const incoming = posting(signed(NOTIFICATION), { receivedAt: new Date(time) });

    if (isValid) expect(await verify(incoming, [TOPIC], certificates)).toBe(incoming);
    else expect(await rejectionOf(incoming)).toBe('the certificate is not valid at this time');
  });

  it.each([
    ['cannot be fetched', undefined],
    ['is empty', ''],
    ['is a page', '<html>later</html>'],
    ['is truncated', CERTIFICATE.slice(0, 500)],
    ['is broken', CERTIFICATE.replace(/^M/m, 'N')],
  ])('causes Unavailable, not Unauthenticated, if it %s', async (_what, certificate) => {
    const published = publishing(certificate === undefined ? {} : { [CERTIFICATE_URL]: certificate });

    await expect(verify(posting(signed(NOTIFICATION)), [TOPIC], published)).rejects.toThrow(Unavailable);
  });

  it('may be issued by any of the authorities', async () => {
    const published = publishing({ [CERTIFICATE_URL]: CERTIFICATE, [CHAIN.href]: AUTHORITIES });

    await verifyChain(posting(signed(NOTIFICATION)), [TOPIC], published);
    expect(published.fetched).toEqual([CERTIFICATE_URL, CHAIN.href]);
  });

  it.each([
    ['its own key', STRANGER.certificate, AUTHORITIES, STRANGER.key],
    ['an impostor with the name of an authority', STRANGER.forged, AUTHORITIES, STRANGER.key],
    [
      'an authority of an authority',
      CERTIFICATE,
      AUTHORITIES.slice(0, AUTHORITIES.lastIndexOf('-----BEGIN')),
      undefined,
    ],
    ['another authority', CERTIFICATE, STRANGER.certificate, undefined],
  ])('is rejected if issued by %s', async (_what, certificate, authorities, key) => {
    const published = publishing({ [CERTIFICATE_URL]: certificate, [CHAIN.href]: authorities });
    const incoming = posting(signed(NOTIFICATION, key === undefined ? {} : { key }));

    await expect(verifyChain(incoming, [TOPIC], published)).rejects.toThrow(
      new Unauthenticated("the certificate is not issued by the sender's authority"),
    );
  });

  it('causes Unavailable if the authorities cannot be read', async () => {
    const published = publishing({ [CERTIFICATE_URL]: CERTIFICATE, [CHAIN.href]: '' });

    await expect(verifyChain(posting(signed(NOTIFICATION)), [TOPIC], published)).rejects.toThrow(
      new Unavailable('the certificate cannot be read'),
    );
  });
});

describe('the handshake', () => {
  it('confirms a subscription by its topic and token, never by its URL', () => {
    expect(snsHandshake(posting(CONFIRMATION))).toEqual({
      response: { status: 200 },
      confirm: { topicArn: TOPIC, token: 't0ken' },
    });
  });

  it('accepts the end of a subscription', () => {
    expect(snsHandshake(posting(END))).toEqual({ response: { status: 200 } });
  });

  it('is undefined for a notification, which has a message', async () => {
    const verified = await verify(posting(signed(NOTIFICATION)), [TOPIC], certificates);

    expect(snsHandshake(verified)).toBeUndefined();
    expect(snsMessage(verified)).toBe('It is “so”.\nYes.');
  });

  it.each([CONFIRMATION, END])('has no message to read', async (fields) => {
    expect(snsMessage(await verify(posting(signed(fields)), [TOPIC], certificates))).toBeUndefined();
  });
});
