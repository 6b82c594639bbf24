import type { KeyObject } from 'node:crypto';
import { createHash, createHmac, createSign, randomBytes } from 'node:crypto';
import { signed as signedBySns } from '../../test/sources/sns-signing.ts';

/** The key that a sender signs with. */
export interface SenderKey {
  /** The value in the `sources` secret: a shared secret, a public key or a topic ARN. */
  readonly secret: string;
  /** The private key, for senders that publish a public key. */
  readonly privateKey?: KeyObject;
}

export interface Signing {
  readonly key: SenderKey;
  readonly at: Date;
  /** The URL of the webhook as the sender knows it. */
  readonly url: string;
}

/** Returns the headers that sign a body, or the body with the signature in it. */
export type Sign = (body: Buffer, signing: Signing) => Readonly<Record<string, string>> | Buffer;

const seconds = (at: Date): string => `${Math.floor(at.getTime() / 1000)}`;
const secretOf = ({ key }: Signing): string => key.secret;

function mac(
  hash: 'sha256' | 'sha1',
  encoding: 'hex' | 'base64',
  secret: string | Buffer,
  ...parts: (string | Buffer)[]
) {
  const hmac = createHmac(hash, secret);
  for (const part of parts) hmac.update(part);
  return hmac.digest(encoding);
}

const privateKeyOf = ({ key }: Signing): KeyObject => {
  if (!key.privateKey) throw new Error('the key of this sender lacks its private key');
  return key.privateKey;
};

function standard(prefix: 'webhook' | 'svix'): Sign {
  return (body, signing) => {
    const id = `msg_${createHash('sha256').update(body).digest('hex').slice(0, 27)}`;
    const at = seconds(signing.at);
    const key = Buffer.from(secretOf(signing).replace('whsec_', ''), 'base64');
    const signature = `v1,${mac('sha256', 'base64', key, `${id}.${at}.`, body)}`;
    return { [`${prefix}-id`]: id, [`${prefix}-timestamp`]: at, [`${prefix}-signature`]: signature };
  };
}

/** Wraps a body in a signed SNS message. The topic's certificate verifies it; the secret only names the allowed topic. */
function sns(SigningCertURL: string): Sign {
  return (body, signing) => {
    const id = createHash('sha256').update(body).digest('hex').slice(0, 32);
    const Message = body.toString();
    const fields = {
      Type: 'Notification',
      MessageId: id,
      TopicArn: secretOf(signing),
      Message,
      Timestamp: signing.at.toISOString(),
    };
    return Buffer.from(JSON.stringify(signedBySns({ ...fields, SigningCertURL })));
  };
}

/** The certificate URLs of SNS and Scaleway. */
export const CERTIFICATE_URLS = {
  ses: 'https://sns.us-east-1.amazonaws.com/SimpleNotificationService-9c6465fa7f48f5cacd23014631ec1136.pem',
  scaleway: 'https://messaging.s3.fr-par.scw.cloud/fr-par/sns/sns_certificate_123.crt',
} as const;

function mandrill(body: Buffer, signing: Signing) {
  const pairs = [...new URLSearchParams(body.toString())].toSorted(([a], [b]) => (a < b ? -1 : 1));
  return { 'x-mandrill-signature': mac('sha1', 'base64', secretOf(signing), signing.url, pairs.flat().join('')) };
}

/** Adds the signature to the body. It covers a time and a token, not the event. */
function mailgun(body: Buffer, signing: Signing) {
  const timestamp = seconds(signing.at);
  const token = randomBytes(25).toString('hex');
  const signature = JSON.stringify({
    timestamp,
    token,
    signature: mac('sha256', 'hex', secretOf(signing), timestamp + token),
  });
  return Buffer.from(
    body.toString('latin1').replace(/^\s*\{/, () => `{"signature":${signature},`),
    'latin1',
  );
}

/** Replaces the key in the body with the hash of the body that contains the key. */
function unisenderGo(body: Buffer, signing: Signing) {
  const keyed = body.toString('latin1').replace(/^\s*\{/, () => `{"auth":"${secretOf(signing)}",`);
  const hash = createHash('md5').update(keyed, 'latin1').digest('hex');
  return Buffer.from(keyed.replace(secretOf(signing), hash), 'latin1');
}

/** The webhook id, which the body contains too. */
const KLAVIYO_ID = '01KP4928STE8FKCWB6WDHZ4ZB7';

/** How each source's sender signs. Other sources send the secret in a header. */
export const SIGNATURES: Readonly<Record<string, Sign>> = {
  customerio(body, signing) {
    const at = seconds(signing.at);
    return { 'x-cio-timestamp': at, 'x-cio-signature': mac('sha256', 'hex', secretOf(signing), `v0:${at}:`, body) };
  },
  hubspot(body, signing) {
    const at = `${signing.at.getTime()}`;
    const signature = mac('sha256', 'base64', secretOf(signing), `POST${signing.url}`, body, at);
    return { 'x-hubspot-signature-v3': signature, 'x-hubspot-request-timestamp': at };
  },
  intercom: (body, signing) => ({ 'x-hub-signature': `sha1=${mac('sha1', 'hex', secretOf(signing), body)}` }),
  klaviyo(body, signing) {
    const at = signing.at.toUTCString();
    const signature = mac('sha256', 'hex', secretOf(signing), body, at);
    return { 'klaviyo-webhook-id': KLAVIYO_ID, 'klaviyo-timestamp': at, 'klaviyo-signature': signature };
  },
  mailchimp(body, signing) {
    const at = seconds(signing.at);
    return { 'x-mailchimp-signature': `t=${at},v1=${mac('sha256', 'hex', secretOf(signing), `${at}.`, body)}` };
  },
  mailersend: (body, signing) => ({ signature: mac('sha256', 'hex', secretOf(signing), body) }),
  mailgun,
  mailtrap: (body, signing) => ({ 'mailtrap-signature': mac('sha256', 'hex', secretOf(signing), body) }),
  mandrill,
  postal: (body, signing) => ({
    'x-postal-signature-256': createSign('sha256').update(body).sign(privateKeyOf(signing), 'base64'),
  }),
  resend: standard('svix'),
  scaleway: sns(CERTIFICATE_URLS.scaleway),
  segment: (body, signing) => ({ 'x-signature': mac('sha1', 'hex', secretOf(signing), body) }),
  sendgrid(body, signing) {
    const at = seconds(signing.at);
    const signature = createSign('sha256').update(at).update(body).sign(privateKeyOf(signing), 'base64');
    return { 'x-twilio-email-event-webhook-timestamp': at, 'x-twilio-email-event-webhook-signature': signature };
  },
  ses: sns(CERTIFICATE_URLS.ses),
  'standard-webhooks': standard('webhook'),
  svix: standard('svix'),
  tally: (body, signing) => ({ 'tally-signature': mac('sha256', 'base64', secretOf(signing), body) }),
  typeform: (body, signing) => ({ 'typeform-signature': `sha256=${mac('sha256', 'base64', secretOf(signing), body)}` }),
  'unisender-go': unisenderGo,
  webflow(body, signing) {
    const at = `${signing.at.getTime()}`;
    return {
      'x-webflow-timestamp': at,
      'x-webflow-signature': mac('sha256', 'hex', secretOf(signing), `${at}:`, body),
    };
  },
};
