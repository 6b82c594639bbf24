import { createHmac } from 'node:crypto';
import type { RawRequest } from '../payload/http.ts';
import type { Source } from './source.ts';
import { requiredHeader, sameText, verifyTimestamp, verifyWith } from './verify.ts';

/** How a sender signs with a shared key. The table of all that sign in the common shapes. */
export interface HmacScheme {
  /** Where the signature stands. Lower-cased. */
  readonly header: string;
  /** The signatures in that header; several while the sender rotates. Default: the header as it is. */
  readonly signatures?: (header: string) => readonly string[];
  /** Default `sha256`. */
  readonly hash?: 'sha256' | 'sha1';
  readonly encoding: 'hex' | 'base64';
  /** What is signed, in order. Default: the body. */
  readonly signed?: (request: RawRequest) => readonly (string | Uint8Array)[];
  /** The signed time, for the senders that document how old it may be. */
  readonly freshness?: {
    readonly timestamp: (request: RawRequest) => string;
    /** Default `seconds`. */
    readonly unit?: 'seconds' | 'milliseconds' | 'http-date';
    readonly toleranceSeconds: number;
  };
  /** The key's bytes. Default: the secret as text. */
  readonly key?: (secret: string) => Uint8Array;
}

/** A verifier after a scheme: the bytes that were sent, every signature, every secret, in constant time. */
export function hmac(scheme: HmacScheme): Source['verify'] {
  const { header, signatures = alone, hash = 'sha256', encoding, signed = bodyOf, freshness, key = asText } = scheme;
  return (request, secrets) => {
    const given = signatures(requiredHeader(request, header));
    const parts = signed(request);
    const verified = verifyWith(request, secrets, (secret) => {
      const bytes = key(secret);
      if (bytes.length === 0) return false;
      const mac = createHmac(hash, bytes);
      for (const part of parts) mac.update(part);
      const expected = mac.digest(encoding);
      return given.some((signature) => sameText(signature, expected));
    });
    if (freshness) {
      const { timestamp, unit = 'seconds', toleranceSeconds } = freshness;
      verifyTimestamp(TO_SECONDS[unit](timestamp(request)), request.receivedAt, toleranceSeconds);
    }
    return verified;
  };
}

/** What stands behind a fixed prefix; without the prefix there is no signature. */
export function afterPrefix(prefix: string): (header: string) => readonly string[] {
  return (header) => (header.startsWith(prefix) ? [header.slice(prefix.length)] : []);
}

/** Every value of a name in `t=1700000000,v1=abc,v1=def`. */
export function valuesOf(name: string): (header: string) => readonly string[] {
  return (header) => {
    const pairs = header.split(',').map((pair) => pair.trim());
    return pairs.filter((pair) => pair.startsWith(`${name}=`)).map((pair) => pair.slice(name.length + 1));
  };
}

const alone = (header: string): readonly string[] => [header];
const bodyOf = (request: RawRequest): readonly Uint8Array[] => [request.body];
const asText = (secret: string): Uint8Array => Buffer.from(secret);

const TO_SECONDS = {
  seconds: (text: string) => text,
  milliseconds: (text: string) => text.slice(0, -3),
  'http-date': (text: string) => String(Math.floor(Date.parse(text) / 1000)),
};
