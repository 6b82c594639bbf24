import { describe, expect, it } from 'vitest';
import { Unauthenticated } from '../../../functions/core/model/errors.ts';
import { standardWebhooksSignature } from '../../../functions/core/verify/standard-webhooks.ts';
import { AT, NOWHERE, request } from '../examples.ts';
import { MESSAGE_ID, PUBLIC_KEY, SHARED_SECRET, standardSigner, v1, v1a } from './standard-webhooks-signer.ts';

const sign = standardSigner('webhook');
const BODY = '{"type":"contact.unsubscribed"}';
const SIGNED = Buffer.from(`${MESSAGE_ID}.${AT.getTime() / 1000}.${BODY}`);

/** A request whose headers are as they are signed, or as they are given. */
function asking(headers: Readonly<Record<string, string>> = {}) {
  return request(BODY, { headers: { ...sign(Buffer.from(BODY), AT), ...headers } });
}

function verify(asked: ReturnType<typeof asking>, ...secrets: readonly string[]) {
  return standardWebhooksSignature('webhook')(asked, secrets, NOWHERE);
}

describe('the published example', () => {
  const secret = 'MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw';
  const signedAtMs = 1_614_265_330_000;
  const asked = (secondsLater = 0) =>
    request('{"test": 2432232314}', {
      headers: {
        'webhook-id': 'msg_p5jXN8AQM9LWM0D4loKWxJek',
        'webhook-timestamp': '1614265330',
        'webhook-signature': 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=',
      },
      receivedAt: new Date(signedAtMs + secondsLater * 1000),
    });

  it.each([secret, `whsec_${secret}`, ` whsec_${secret}\n`])('is proven by %j', (given) => {
    const it = asked();

    expect(verify(it, given)).toBe(it);
  });

  it.each([-300, 300])('is fresh %d seconds from its signed time', (seconds) => {
    verify(asked(seconds), secret);
  });

  it.each([-301, 301])('is stale %d seconds from its signed time', (seconds) => {
    expect(() => verify(asked(seconds), secret)).toThrow(new Unauthenticated('the signed time is too far from now'));
  });
});

describe('a signature', () => {
  const good = v1(SHARED_SECRET, SIGNED);
  const ed = v1a(SIGNED);

  it.each([
    ['the second of two', `v1,AAAA ${good}`, SHARED_SECRET],
    ['one beside an ed25519 signature', `${ed} ${good}`, SHARED_SECRET],
    ['one behind versions nobody knows', `v2,x v1b v1 ${good}`, SHARED_SECRET],
    ['one between blanks', `  ${good}  `, SHARED_SECRET],
    ['an ed25519 signature beside a shared one', `${good} ${ed}`, PUBLIC_KEY],
  ])('passes as %s', (_what, signature, secret) => {
    verify(asking({ 'webhook-signature': signature }), secret);
  });

  it.each([
    ['without its version', good.slice(3), SHARED_SECRET],
    ['of another version', good.replace('v1,', 'v2,'), SHARED_SECRET],
    ['cut short', good.slice(0, -1), SHARED_SECRET],
    ['that is empty', 'v1,', SHARED_SECRET],
    ['behind a comma instead of a blank', `v1,AAAA,${good}`, SHARED_SECRET],
    ['of the shared kind, by a public key', good, PUBLIC_KEY],
    ['that anybody could make, with the public key for the shared one', v1(PUBLIC_KEY, SIGNED), PUBLIC_KEY],
    ['that anybody could make, with its bytes', v1(PUBLIC_KEY.slice('whpk_'.length), SIGNED), PUBLIC_KEY],
    ['of ed25519, by a shared secret', ed, SHARED_SECRET],
    ['of ed25519, by a public key without its prefix', ed, PUBLIC_KEY.slice('whpk_'.length)],
    ['of ed25519 and cut short', ed.slice(0, -4), PUBLIC_KEY],
    ['of ed25519, by a public key that is none', ed, 'whpk_AAAA'],
  ])('is refused: one %s', (_what, signature, secret) => {
    expect(() => verify(asking({ 'webhook-signature': signature }), secret)).toThrow(Unauthenticated);
  });

  it.each(['whsec_', 'whpk_', '!!!!', 'whsec_ ', '='])('is refused under %j, which decodes to nothing', (secret) => {
    expect(() => verify(asking(sign(Buffer.from(BODY), AT, '')), secret)).toThrow(Unauthenticated);
  });

  it('passes by a good secret behind one that cannot be read', () => {
    verify(asking(), 'whpk_AAAA', SHARED_SECRET);
  });
});

it.each(['', '1.0', '1762077605 ', '+1762077605', '0x6907266', '1762077605000', 'NaN', '-1', '9'.repeat(13)])(
  'refuses the timestamp %j, however well it is signed',
  (timestamp) => {
    const signature = v1(SHARED_SECRET, `${MESSAGE_ID}.${timestamp}.${BODY}`);

    expect(() =>
      verify(asking({ 'webhook-timestamp': timestamp, 'webhook-signature': signature }), SHARED_SECRET),
    ).toThrow(Unauthenticated);
  },
);

it('finds its headers under the prefix of the sender', () => {
  const ofSvix = request(BODY, { headers: standardSigner('svix')(Buffer.from(BODY), AT) });

  standardWebhooksSignature('svix')(ofSvix, [SHARED_SECRET], NOWHERE);
  expect(() => verify(ofSvix, SHARED_SECRET)).toThrow(new Unauthenticated('header webhook-id is missing'));
});
