import { describe, expect, it } from 'vitest';
import { Unauthenticated } from '../../../functions/core/model/errors.ts';
import { standardWebhooksSignature } from '../../../functions/core/verify/standard-webhooks.ts';
import { AT, NOWHERE, request } from '../examples.ts';
import { MESSAGE_ID, PUBLIC_KEY, SHARED_SECRET, standardSigner, v1, v1a } from './standard-webhooks-signer.ts';

const sign = standardSigner('webhook');
const BODY = '{"type":"contact.unsubscribed"}';
const SIGNED = Buffer.from(`${MESSAGE_ID}.${AT.getTime() / 1000}.${BODY}`);

/** A signed request, with some headers replaced. */
function requestWith(headers: Readonly<Record<string, string>> = {}) {
  return request(BODY, { headers: { ...sign(Buffer.from(BODY), AT), ...headers } });
}

function verify(incoming: ReturnType<typeof requestWith>, ...secrets: readonly string[]) {
  return standardWebhooksSignature(incoming, secrets, NOWHERE);
}

describe('the published example', () => {
  const secret = 'MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw';
  const signedAtMs = 1_614_265_330_000;
  const incoming = (secondsLater = 0) =>
    request('{"test": 2432232314}', {
      headers: {
        'webhook-id': 'msg_p5jXN8AQM9LWM0D4loKWxJek',
        'webhook-timestamp': '1614265330',
        'webhook-signature': 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=',
      },
      receivedAt: new Date(signedAtMs + secondsLater * 1000),
    });

  it.each([secret, `whsec_${secret}`, ` whsec_${secret}\n`])('is verified by %j', (given) => {
    const it = incoming();

    expect(verify(it, given)).toBe(it);
  });

  it.each([-300, 300])('is accepted %d seconds from its signed time', (seconds) => {
    expect(() => verify(incoming(seconds), secret)).not.toThrow();
  });

  it.each([-301, 301])('is rejected %d seconds from its signed time', (seconds) => {
    expect(() => verify(incoming(seconds), secret)).toThrow(new Unauthenticated('the signed time is too far from now'));
  });
});

describe('a signature', () => {
  const good = v1(SHARED_SECRET, SIGNED);
  const ed = v1a(SIGNED);

  it.each([
    ['the second of two', `v1,AAAA ${good}`, SHARED_SECRET],
    ['one next to an ed25519 signature', `${ed} ${good}`, SHARED_SECRET],
    ['one after unknown versions', `v2,x v1b v1 ${good}`, SHARED_SECRET],
    ['one between spaces', `  ${good}  `, SHARED_SECRET],
    ['an ed25519 signature next to an HMAC', `${good} ${ed}`, PUBLIC_KEY],
  ])('is accepted: %s', (_what, signature, secret) => {
    expect(() => verify(requestWith({ 'webhook-signature': signature }), secret)).not.toThrow();
  });

  it.each([
    ['without its version', good.slice(3), SHARED_SECRET],
    ['of another version', good.replace('v1,', 'v2,'), SHARED_SECRET],
    ['truncated', good.slice(0, -1), SHARED_SECRET],
    ['that is empty', 'v1,', SHARED_SECRET],
    ['after a comma instead of a space', `v1,AAAA,${good}`, SHARED_SECRET],
    ['of HMAC, with a public key', good, PUBLIC_KEY],
    ['that anyone can make, with the public key as the HMAC key', v1(PUBLIC_KEY, SIGNED), PUBLIC_KEY],
    [
      'that anyone can make, with the bytes of the public key',
      v1(PUBLIC_KEY.slice('whpk_'.length), SIGNED),
      PUBLIC_KEY,
    ],
    ['of ed25519, with a shared secret', ed, SHARED_SECRET],
    ['of ed25519, with a public key without its prefix', ed, PUBLIC_KEY.slice('whpk_'.length)],
    ['of ed25519, truncated', ed.slice(0, -4), PUBLIC_KEY],
    ['of ed25519, with an invalid public key', ed, 'whpk_AAAA'],
  ])('is rejected: one %s', (_what, signature, secret) => {
    expect(() => verify(requestWith({ 'webhook-signature': signature }), secret)).toThrow(Unauthenticated);
  });

  it.each([
    ['v1', SHARED_SECRET, good],
    ['v1a', PUBLIC_KEY, ed],
  ])('of version %s is accepted as the fifth, and not looked at as the sixth', (version, secret, last) => {
    const others = (count: number) => `v0,x ${`${version},AAAA `.repeat(count)}`;

    expect(() => verify(requestWith({ 'webhook-signature': others(4) + last }), secret)).not.toThrow();
    expect(() => verify(requestWith({ 'webhook-signature': others(5) + last }), secret)).toThrow(Unauthenticated);
  });

  it.each(['whsec_', 'whpk_', '!!!!', 'whsec_ ', '='])(
    'is rejected with the secret %j, which decodes to no bytes',
    (secret) => {
      expect(() => verify(requestWith(sign(Buffer.from(BODY), AT, '')), secret)).toThrow(Unauthenticated);
    },
  );

  it('is accepted by a valid secret after an unreadable one', () => {
    expect(() => verify(requestWith(), 'whpk_AAAA', SHARED_SECRET)).not.toThrow();
  });
});

it.each(['', '1.0', '1762077605 ', '+1762077605', '0x6907266', '1762077605000', 'NaN', '-1', '9'.repeat(13)])(
  'rejects the timestamp %j, even if it is signed',
  (timestamp) => {
    const signature = v1(SHARED_SECRET, `${MESSAGE_ID}.${timestamp}.${BODY}`);

    expect(() =>
      verify(requestWith({ 'webhook-timestamp': timestamp, 'webhook-signature': signature }), SHARED_SECRET),
    ).toThrow(Unauthenticated);
  },
);

describe('the headers', () => {
  const ofSvix = request(BODY, { headers: standardSigner('svix')(Buffer.from(BODY), AT) });

  it('may have the prefix of Svix', () => {
    expect(verify(ofSvix, SHARED_SECRET)).toBe(ofSvix);
  });

  it.each(['svix-timestamp', 'svix-signature'])('are all of one prefix: %s is missing', (name) => {
    const headers = { ...sign(Buffer.from(BODY), AT), ...ofSvix.headers, [name]: '' };

    expect(() => verify({ ...ofSvix, headers }, SHARED_SECRET)).toThrow(
      new Unauthenticated(`header ${name} is missing`),
    );
  });

  it('are required', () => {
    expect(() => verify(request(BODY), SHARED_SECRET)).toThrow(new Unauthenticated('header webhook-id is missing'));
  });
});
