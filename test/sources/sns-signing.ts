import { createSign } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Unavailable } from '../../functions/core/model/errors.ts';
import type { RawRequest } from '../../functions/core/payload/http.ts';
import type { Certificates } from '../../functions/core/verify/source.ts';

/** Keys and certificates made for these tests, PEM, valid from 2024 to 2027. */
export const KEY = pem('sns');
/** Issued by the second authority, which the first authority issued. */
export const CERTIFICATE = pem('sns-certificate');
export const AUTHORITIES = pem('sns-authorities');
/** Self-issued. `forged` names the second authority as its issuer, but another key with that name signed it. */
export const STRANGER = {
  key: pem('stranger'),
  certificate: pem('stranger-certificate'),
  forged: pem('forged-certificate'),
};

export type Envelope = Readonly<Record<string, unknown>>;

/** An SNS message with its signature. `version` is the signature version; `SigningCertURL` is one of the fields. */
export function signed(fields: Envelope, { version = '1', key = KEY } = {}): Envelope {
  const names = Object.keys(fields).filter((name) => SIGNED.includes(name) && fields[name] !== null);
  const text = names.toSorted().map((name) => `${name}\n${fields[name]}\n`);
  const hash = version === '1' ? 'sha1' : 'sha256';
  const Signature = createSign(hash).update(text.join('')).sign(key, 'base64');
  return { ...fields, SignatureVersion: version, Signature };
}

const SIGNED = ['Message', 'MessageId', 'SubscribeURL', 'Subject', 'Timestamp', 'Token', 'TopicArn', 'Type'];

/** Certificates that are published at these URLs only. `fetched` lists the fetched URLs. */
export function publishing(
  certificates: Readonly<Record<string, string>>,
): Certificates & { readonly fetched: string[] } {
  const fetched: string[] = [];
  return {
    fetched,
    async get({ href }) {
      fetched.push(href);
      const certificate = certificates[href];
      if (certificate === undefined) throw new Unavailable('the certificate cannot be fetched');
      return certificate;
    },
  };
}

/** The request without each part of its proof. */
export function withoutSnsProof(request: RawRequest): readonly RawRequest[] {
  const envelope: Envelope = JSON.parse(Buffer.from(request.body).toString());
  const withBody = (body: unknown) => ({ ...request, body: Buffer.from(JSON.stringify(body)) });
  const needed = ['Type', 'TopicArn', 'Message', 'Signature', 'SignatureVersion', 'SigningCertURL'];
  return [
    ...needed.map((name) => withBody({ ...envelope, [name]: undefined })),
    ...needed.map((name) => withBody({ ...envelope, [name]: [envelope[name]] })),
    { ...request, headers: { ...request.headers, 'x-amz-sns-rawdelivery': 'true' } },
    { ...request, body: Buffer.from(String(envelope.Message)) },
  ];
}

function pem(name: string): string {
  return readFileSync(join(import.meta.dirname, 'keys', `${name}.pem`), 'utf8');
}
