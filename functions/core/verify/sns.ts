import { verify, X509Certificate } from 'node:crypto';
import { Unauthenticated, Unavailable } from '../model/errors.ts';
import type { Payload } from '../payload/fields.ts';
import { jsonOf, objectOf, rowOf, textField } from '../payload/fields.ts';
import type { RawRequest } from '../payload/http.ts';
import type { Certificates, Handshake, Source } from './source.ts';
import type { VerifiedRequest } from './verify.ts';
import { sameText, verifyWith } from './verify.ts';

/** A topic by its ARN: `arn:<partition>:sns:<region>:<account>:<name>`. */
export interface Topic {
  readonly partition: string;
  readonly region: string;
}

/** Where whoever signs for a topic publishes its certificates. */
export interface Publisher {
  /** `https://…/`: they stand right under it. */
  readonly folder: string;
  readonly file: RegExp;
  /** The authorities that must have issued them, PEM. Left out: what stands under the folder is believed. */
  readonly authorities?: URL;
}

/**
 * The verifier of SNS messages over HTTP, and of what is made like them: both signature versions, over the fields that
 * are documented for the message's type. Anybody can have SNS sign for a topic of his own, so the secrets are the ARNs of
 * the topics that may speak; no certificate is fetched for any other. SNS repeats for up to an hour and documents no age
 * at which a message is too old, so none is. Throws Unavailable when the certificate cannot be had.
 * https://docs.aws.amazon.com/sns/latest/dg/sns-verify-signature-of-message.html
 */
export function snsSignature(certificatesOf: (topic: Topic) => Publisher | undefined): Source['verify'] {
  return async (request, secrets, world) => {
    if (request.headers['x-amz-sns-rawdelivery'] !== undefined)
      throw new Unauthenticated('raw message delivery signs nothing');
    const envelope = envelopeOf(request);
    const topicArn = signedField(envelope, 'TopicArn');
    const isAllowed = (topic: string) => sameText(topic, topicArn);
    verifyWith(request, secrets, isAllowed);
    const signed = Buffer.from(stringToSign(envelope));
    const signature = Buffer.from(signedField(envelope, 'Signature'), 'base64');
    const hash = rowOf(HASHES, signedField(envelope, 'SignatureVersion'));
    if (!hash) throw new Unauthenticated('SignatureVersion is neither 1 nor 2');
    const topic = topicOf(topicArn);
    const certificate = await certificateOf(envelope, topic && certificatesOf(topic), world);
    if (!isValidAt(certificate, request.receivedAt))
      throw new Unauthenticated('the certificate is not valid at this time');
    return verifyWith(
      request,
      secrets,
      (topic) => isAllowed(topic) && verify(hash, signed, certificate.publicKey, signature),
    );
  };
}

const TO_CONFIRM = ['Message', 'MessageId', 'SubscribeURL', 'Timestamp', 'Token', 'TopicArn', 'Type'];

/** What is signed in a message of a type, in this order. */
const SIGNED: Readonly<Record<string, readonly string[]>> = {
  Notification: ['Message', 'MessageId', 'Subject', 'Timestamp', 'TopicArn', 'Type'],
  SubscriptionConfirmation: TO_CONFIRM,
  UnsubscribeConfirmation: TO_CONFIRM,
};

/** By signature version. */
const HASHES: Readonly<Record<string, string>> = { '1': 'RSA-SHA1', '2': 'RSA-SHA256' };

/**
 * The answer to SNS's handshakes. A subscription that is to be confirmed is one of an allowed topic by now; its
 * SubscribeURL is never fetched. Undefined for a notification.
 */
export function snsHandshake(request: RawRequest): Handshake | undefined {
  const envelope = objectOf(jsonOf(request.body), 'the body');
  if (envelope.Type === 'Notification') return undefined;
  const answer = { status: 200 };
  if (envelope.Type !== 'SubscriptionConfirmation') return { answer };
  return { answer, confirm: { topicArn: textField(envelope, 'TopicArn'), token: textField(envelope, 'Token') } };
}

/** What a notification says. Throws Unreadable when it is none. */
export function snsMessage(request: VerifiedRequest): string {
  return textField(objectOf(jsonOf(request.body), 'the body'), 'Message');
}

/** What cannot be read is not signed: no fault of it gets past the proof. */
function envelopeOf({ body }: RawRequest): Payload {
  try {
    return objectOf(jsonOf(body), 'the body');
  } catch {
    throw new Unauthenticated('the body is not an SNS message');
  }
}

function stringToSign(envelope: Payload): string {
  const names = rowOf(SIGNED, signedField(envelope, 'Type'));
  if (!names) throw new Unauthenticated('Type is not one of an SNS message');
  const present = names.filter((name) => name !== 'Subject' || (envelope.Subject ?? null) !== null);
  return present.map((name) => `${name}\n${signedField(envelope, name)}\n`).join('');
}

function signedField(envelope: Payload, name: string): string {
  const value = envelope[name];
  if (typeof value !== 'string') throw new Unauthenticated(`${name} is missing`);
  return value;
}

function topicOf(arn: string): Topic | undefined {
  const named = /^arn:(?<partition>[a-z-]+):sns:(?<region>[a-z0-9-]+):[^:]+:[^:]+$/.exec(arn);
  return named?.groups as Topic | undefined;
}

async function certificateOf(envelope: Payload, certificates: Publisher | undefined, world: Certificates) {
  const url = signedField(envelope, 'SigningCertURL');
  if (!certificates || !isUnder(certificates, url))
    throw new Unauthenticated('SigningCertURL is not one of this topic');
  const [certificate] = parsed(await world.get(new URL(url)));
  if (certificates.authorities) {
    const authorities = parsed(await world.get(certificates.authorities));
    if (!authorities.some((each) => isIssuedBy(certificate, each)))
      throw new Unauthenticated('the certificate is not issued by an authority of the sender');
  }
  return certificate;
}

/** The text itself is compared: user info, a port or a query have no place in it. */
function isUnder({ folder, file }: Publisher, url: string): boolean {
  return url.startsWith(folder) && file.test(url.slice(folder.length));
}

/** The certificates in a PEM text. */
function parsed(pem: string): readonly [X509Certificate, ...X509Certificate[]] {
  const texts = pem.match(PEM) ?? [];
  try {
    const [first, ...more] = texts.map((each) => new X509Certificate(each));
    if (first) return [first, ...more];
  } catch {
    // What the sender publishes is broken, and may be mended before it repeats the message.
  }
  throw new Unavailable('the certificate cannot be read');
}

const PEM = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g;

function isIssuedBy(certificate: X509Certificate, authority: X509Certificate): boolean {
  return certificate.checkIssued(authority) && certificate.verify(authority.publicKey);
}

function isValidAt({ validFromDate, validToDate }: X509Certificate, time: Date): boolean {
  return validFromDate <= time && time <= validToDate;
}
