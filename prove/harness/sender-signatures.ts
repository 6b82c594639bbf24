import type { KeyObject } from 'node:crypto';
import { createHash, createHmac, createSign, randomBytes } from 'node:crypto';
import { signed as signedBySns } from '../../test/sources/sns-signing.ts';
import type { Key } from './senders.ts';

export interface Proving {
  readonly key: Key;
  readonly at: Date;
  /** The public URL that the sender knows. */
  readonly url: string;
}

/** The headers that prove a body, or the body with its proof in it. */
export type Prove = (body: Buffer, by: Proving) => Readonly<Record<string, string>> | Buffer;

const seconds = (at: Date): string => `${Math.floor(at.getTime() / 1000)}`;
const secretOf = ({ key }: Proving): string => key.secret;

function mac(
  hash: 'sha256' | 'sha1',
  encoding: 'hex' | 'base64',
  secret: string | Buffer,
  ...parts: (string | Buffer)[]
) {
  const made = createHmac(hash, secret);
  for (const part of parts) made.update(part);
  return made.digest(encoding);
}

const privateKeyOf = ({ key }: Proving): KeyObject => {
  if (!key.privateKey) throw new Error('this sender signs with a private key');
  return key.privateKey;
};

function standard(prefix: 'webhook' | 'svix'): Prove {
  return (body, by) => {
    const id = `msg_${createHash('sha256').update(body).digest('hex').slice(0, 27)}`;
    const at = seconds(by.at);
    const key = Buffer.from(secretOf(by).replace('whsec_', ''), 'base64');
    const signature = `v1,${mac('sha256', 'base64', key, `${id}.${at}.`, body)}`;
    return { [`${prefix}-id`]: id, [`${prefix}-timestamp`]: at, [`${prefix}-signature`]: signature };
  };
}

/** An SNS message around a body. A topic's own key signs it, so that the secret only says which topic may speak. */
function sns(SigningCertURL: string): Prove {
  return (body, by) => {
    const id = createHash('sha256').update(body).digest('hex').slice(0, 32);
    const Message = body.toString();
    const fields = {
      Type: 'Notification',
      MessageId: id,
      TopicArn: secretOf(by),
      Message,
      Timestamp: by.at.toISOString(),
    };
    return Buffer.from(JSON.stringify(signedBySns({ ...fields, SigningCertURL })));
  };
}

/** Where those who sign for topics publish their certificates. */
export const CERTIFICATE_URLS = {
  ses: 'https://sns.us-east-1.amazonaws.com/SimpleNotificationService-9c6465fa7f48f5cacd23014631ec1136.pem',
  scaleway: 'https://messaging.s3.fr-par.scw.cloud/fr-par/sns/sns_certificate_123.crt',
} as const;

function mandrill(body: Buffer, by: Proving) {
  const pairs = [...new URLSearchParams(body.toString())].toSorted(([one], [two]) => (one < two ? -1 : 1));
  return { 'x-mandrill-signature': mac('sha1', 'base64', secretOf(by), by.url, pairs.flat().join('')) };
}

/** The proof stands beside the event, and covers a time and a token alone. */
function mailgun(body: Buffer, by: Proving) {
  const timestamp = seconds(by.at);
  const token = randomBytes(25).toString('hex');
  const signature = JSON.stringify({
    timestamp,
    token,
    signature: mac('sha256', 'hex', secretOf(by), timestamp + token),
  });
  return Buffer.from(
    body.toString('latin1').replace(/^\s*\{/, () => `{"signature":${signature},`),
    'latin1',
  );
}

/** The hash of the body with the key in it stands in the key's place. */
function unisenderGo(body: Buffer, by: Proving) {
  const keyed = body.toString('latin1').replace(/^\s*\{/, () => `{"auth":"${secretOf(by)}",`);
  const hash = createHash('md5').update(keyed, 'latin1').digest('hex');
  return Buffer.from(keyed.replace(secretOf(by), hash), 'latin1');
}

/** Stands in the body, too. */
const KLAVIYO_ID = '01KP4928STE8FKCWB6WDHZ4ZB7';

/** By source; the others put the secret in a header. */
export const PROOFS: Readonly<Record<string, Prove>> = {
  customerio(body, by) {
    const at = seconds(by.at);
    return { 'x-cio-timestamp': at, 'x-cio-signature': mac('sha256', 'hex', secretOf(by), `v0:${at}:`, body) };
  },
  hubspot(body, by) {
    const at = `${by.at.getTime()}`;
    const signature = mac('sha256', 'base64', secretOf(by), `POST${by.url}`, body, at);
    return { 'x-hubspot-signature-v3': signature, 'x-hubspot-request-timestamp': at };
  },
  intercom: (body, by) => ({ 'x-hub-signature': `sha1=${mac('sha1', 'hex', secretOf(by), body)}` }),
  klaviyo(body, by) {
    const at = by.at.toUTCString();
    const signature = mac('sha256', 'hex', secretOf(by), body, at);
    return { 'klaviyo-webhook-id': KLAVIYO_ID, 'klaviyo-timestamp': at, 'klaviyo-signature': signature };
  },
  mailchimp(body, by) {
    const at = seconds(by.at);
    return { 'x-mailchimp-signature': `t=${at},v1=${mac('sha256', 'hex', secretOf(by), `${at}.`, body)}` };
  },
  mailersend: (body, by) => ({ signature: mac('sha256', 'hex', secretOf(by), body) }),
  mailgun,
  mailtrap: (body, by) => ({ 'mailtrap-signature': mac('sha256', 'hex', secretOf(by), body) }),
  mandrill,
  postal: (body, by) => ({
    'x-postal-signature-256': createSign('sha256').update(body).sign(privateKeyOf(by), 'base64'),
  }),
  resend: standard('svix'),
  scaleway: sns(CERTIFICATE_URLS.scaleway),
  segment: (body, by) => ({ 'x-signature': mac('sha1', 'hex', secretOf(by), body) }),
  sendgrid(body, by) {
    const at = seconds(by.at);
    const signature = createSign('sha256').update(at).update(body).sign(privateKeyOf(by), 'base64');
    return { 'x-twilio-email-event-webhook-timestamp': at, 'x-twilio-email-event-webhook-signature': signature };
  },
  ses: sns(CERTIFICATE_URLS.ses),
  'standard-webhooks': standard('webhook'),
  svix: standard('svix'),
  tally: (body, by) => ({ 'tally-signature': mac('sha256', 'base64', secretOf(by), body) }),
  typeform: (body, by) => ({ 'typeform-signature': `sha256=${mac('sha256', 'base64', secretOf(by), body)}` }),
  'unisender-go': unisenderGo,
  webflow(body, by) {
    const at = `${by.at.getTime()}`;
    return { 'x-webflow-timestamp': at, 'x-webflow-signature': mac('sha256', 'hex', secretOf(by), `${at}:`, body) };
  },
};
