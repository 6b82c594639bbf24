import { verify, X509Certificate } from 'node:crypto';
import { Unauthenticated, Unavailable } from '../model/errors.ts';
import type { Payload } from '../payload/fields.ts';
import { jsonOf, objectOf, rowOf, textField } from '../payload/fields.ts';
import type { RawRequest } from '../payload/http.ts';
import { MAX_UNVERIFIED_VALUES } from '../payload/json.ts';
import type { Certificates, Handshake, Source } from './source.ts';
import type { VerifiedRequest } from './verify.ts';
import { readUnverified, sameText, usable, verifyWith } from './verify.ts';

/** Parts of a topic's ARN: `arn:<partition>:sns:<region>:<account>:<name>`. */
export interface Topic {
  readonly partition: string;
  readonly region: string;
}

/** Where a service publishes its signing certificates. */
export interface Publisher {
  /** The URL of the certificates without the file name, such as `https://…/`. */
  readonly folder: string;
  /** Matches the file name of a certificate. */
  readonly file: RegExp;
  /** The CA certificates that must have issued the signing certificate, PEM. If omitted, the folder is trusted. */
  readonly authorities?: URL;
}

/**
 * Makes a verifier for SNS messages over HTTP and for services with the same format. Both signature versions are accepted;
 * the signed fields depend on the type of the message.
 *
 * Anyone can have SNS sign a message for a topic of their own. The secrets are therefore the ARNs of the allowed topics, and
 * no certificate is fetched for any other topic. SNS retries for up to an hour and documents no maximum age, so the age of a
 * message is not checked. The verifier throws Unavailable if the certificate cannot be fetched.
 *
 * @param publisherOf returns where the certificates for a topic are published, or undefined if the topic is not accepted.
 * @see https://docs.aws.amazon.com/sns/latest/dg/sns-verify-signature-of-message.html
 */
export function snsSignature(publisherOf: (topic: Topic) => Publisher | undefined): Source['verify'] {
  return async (request, secrets, certificates) => {
    if (request.headers['x-amz-sns-rawdelivery'] !== undefined)
      throw new Unauthenticated('raw message delivery has no signature');
    usable(secrets); // without a secret, nothing is parsed
    const envelope = readUnverified(() => envelopeOf(request));
    const topicArn = signedField(envelope, 'TopicArn');
    const isAllowed = (arn: string) => sameText(arn, topicArn);
    verifyWith(request, secrets, isAllowed);
    const signed = Buffer.from(stringToSign(envelope));
    const signature = Buffer.from(signedField(envelope, 'Signature'), 'base64');
    const hash = rowOf(HASHES, signedField(envelope, 'SignatureVersion'));
    if (!hash) throw new Unauthenticated('SignatureVersion is neither 1 nor 2');
    const topic = topicOf(topicArn);
    const certificate = await certificateOf(envelope, topic && publisherOf(topic), certificates);
    if (!isValidAt(certificate, request.receivedAt))
      throw new Unauthenticated('the certificate is not valid at this time');
    return verifyWith(
      request,
      secrets,
      (arn) => isAllowed(arn) && verify(hash, signed, certificate.publicKey, signature),
    );
  };
}

const CONFIRMATION_FIELDS = ['Message', 'MessageId', 'SubscribeURL', 'Timestamp', 'Token', 'TopicArn', 'Type'];

/** The signed fields of each message type, in order. */
const SIGNED_FIELDS: Readonly<Record<string, readonly string[]>> = {
  Notification: ['Message', 'MessageId', 'Subject', 'Timestamp', 'TopicArn', 'Type'],
  SubscriptionConfirmation: CONFIRMATION_FIELDS,
  UnsubscribeConfirmation: CONFIRMATION_FIELDS,
};

/** By signature version. */
const HASHES: Readonly<Record<string, string>> = { '1': 'RSA-SHA1', '2': 'RSA-SHA256' };

/**
 * Returns the response to a confirmation message, or undefined for a notification. The topic has been verified; the
 * subscription is confirmed through the SNS API, and SubscribeURL is never fetched.
 */
export function snsHandshake(request: RawRequest): Handshake | undefined {
  const envelope = envelopeOf(request);
  if (envelope.Type === 'Notification') return undefined;
  const response = { status: 200 };
  if (envelope.Type !== 'SubscriptionConfirmation') return { response };
  return { response, confirm: { topicArn: textField(envelope, 'TopicArn'), token: textField(envelope, 'Token') } };
}

/** Returns the message of a notification, or undefined for a confirmation. Throws Unreadable if it is missing. */
export function snsMessage(request: VerifiedRequest): string | undefined {
  const envelope = envelopeOf(request);
  return envelope.Type === 'Notification' ? textField(envelope, 'Message') : undefined;
}

/** The event itself is a string in the envelope, so an envelope has few values. */
function envelopeOf({ body }: RawRequest): Payload {
  return objectOf(jsonOf(body, MAX_UNVERIFIED_VALUES), 'the body');
}

function stringToSign(envelope: Payload): string {
  const names = rowOf(SIGNED_FIELDS, signedField(envelope, 'Type'));
  if (!names) throw new Unauthenticated('Type is not an SNS message type');
  const present = names.filter((name) => name !== 'Subject' || (envelope.Subject ?? null) !== null);
  return present.map((name) => `${name}\n${signedField(envelope, name)}\n`).join('');
}

function signedField(envelope: Payload, name: string): string {
  const value = envelope[name];
  if (typeof value !== 'string') throw new Unauthenticated(`${name} is missing`);
  return value;
}

function topicOf(arn: string): Topic | undefined {
  const match = /^arn:(?<partition>[a-z-]+):sns:(?<region>[a-z0-9-]+):[^:]+:[^:]+$/.exec(arn);
  return match?.groups as Topic | undefined;
}

async function certificateOf(envelope: Payload, publisher: Publisher | undefined, certificates: Certificates) {
  const url = signedField(envelope, 'SigningCertURL');
  if (!publisher || !isPublished(publisher, url))
    throw new Unauthenticated('SigningCertURL does not belong to the topic');
  const [certificate] = parsePem(await certificates.get(new URL(url)));
  if (publisher.authorities) {
    const authorities = parsePem(await certificates.get(publisher.authorities));
    if (!authorities.some((authority) => isIssuedBy(certificate, authority)))
      throw new Unauthenticated("the certificate is not issued by the sender's authority");
  }
  return certificate;
}

/** Compares the text of the URL, which rules out user info, a port and a query. */
function isPublished({ folder, file }: Publisher, url: string): boolean {
  return url.startsWith(folder) && file.test(url.slice(folder.length));
}

function parsePem(pem: string): readonly [X509Certificate, ...X509Certificate[]] {
  const texts = pem.match(CERTIFICATE) ?? [];
  try {
    const [first, ...more] = texts.map((text) => new X509Certificate(text));
    if (first) return [first, ...more];
  } catch {
    // The published certificate is broken. The sender may fix it before it retries.
  }
  throw new Unavailable('the certificate cannot be read');
}

const CERTIFICATE = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g;

function isIssuedBy(certificate: X509Certificate, authority: X509Certificate): boolean {
  return certificate.checkIssued(authority) && certificate.verify(authority.publicKey);
}

function isValidAt({ validFromDate, validToDate }: X509Certificate, time: Date): boolean {
  return validFromDate <= time && time <= validToDate;
}
