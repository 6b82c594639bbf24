import { createHmac } from 'node:crypto';
import type { RawRequest } from '../payload/http.ts';
import type { Source } from './source.ts';
import { requiredHeader, sameText, verifyTimestamp, verifyWith } from './verify.ts';

/** How a sender signs with a shared key. */
export interface HmacScheme {
  /** The header that carries the signature. Lower-case. */
  readonly header: string;
  /** Extracts the signatures from the header; several during rotation by the sender. @default the whole header */
  readonly signatures?: (header: string) => readonly string[];
  /** @default 'sha256' */
  readonly hash?: 'sha256' | 'sha1';
  readonly encoding: 'hex' | 'base64';
  /** The signed bytes, in order. @default the body */
  readonly signed?: (request: RawRequest) => readonly (string | Uint8Array)[];
  /** The maximum age of a request, for senders that sign a time and document a tolerance. @default not checked */
  readonly freshness?: {
    readonly timestamp: (request: RawRequest) => string;
    /** @default 'seconds' */
    readonly unit?: 'seconds' | 'milliseconds' | 'http-date';
    readonly toleranceSeconds: number;
  };
  /** Converts the secret to the bytes of the key. @default the secret as UTF-8 */
  readonly key?: (secret: string) => Uint8Array;
}

/**
 * Makes a verifier for an HMAC signature. It makes one HMAC for each secret and compares every signature with it, in constant
 * time.
 *
 * @see {@link afterPrefix} and {@link valuesOf} for headers with several parts
 *
 * @example
 * ```ts
 * // functions/sources/initech.ts
 * import type { RawRequest } from '../core/payload/http.ts';
 * import { hmac, valuesOf } from '../core/verify/hmac.ts';
 * import type { Source } from '../core/verify/source.ts';
 *
 * const HEADER = 'x-initech-signature'; // t=1700000000,v1=5257a869…
 * const timestamp = ({ headers }: RawRequest) => valuesOf('t')(headers[HEADER] ?? '').join();
 *
 * export const initech: Source = {
 *   name: 'initech',
 *   scheme: 'signature',
 *   verify: hmac({
 *     header: HEADER,
 *     signatures: valuesOf('v1'),
 *     encoding: 'hex',
 *     signed: (request) => [timestamp(request), '.', request.body],
 *     freshness: { timestamp, toleranceSeconds: 300 },
 *   }),
 *   read: () => ({ signals: [], unreadable: [] }),
 * };
 * ```
 */
export function hmac(scheme: HmacScheme): Source['verify'] {
  const {
    header,
    signatures = wholeHeader,
    hash = 'sha256',
    encoding,
    signed = bodyOf,
    freshness,
    key = asText,
  } = scheme;
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

/** Extracts the signature after a prefix, such as `sha256=`. Without the prefix there is none. */
export function afterPrefix(prefix: string): (header: string) => readonly string[] {
  return (header) => (header.startsWith(prefix) ? [header.slice(prefix.length)] : []);
}

/** Extracts every value of a name, such as `v1` in `t=1700000000,v1=abc,v1=def`. */
export function valuesOf(name: string): (header: string) => readonly string[] {
  return (header) => {
    const pairs = header.split(',').map((pair) => pair.trim());
    return pairs.filter((pair) => pair.startsWith(`${name}=`)).map((pair) => pair.slice(name.length + 1));
  };
}

const wholeHeader = (header: string): readonly string[] => [header];
const bodyOf = (request: RawRequest): readonly Uint8Array[] => [request.body];
const asText = (secret: string): Uint8Array => Buffer.from(secret);

const TO_SECONDS = {
  seconds: (text: string) => text,
  milliseconds: (text: string) => text.slice(0, -3),
  'http-date': (text: string) => String(Math.floor(Date.parse(text) / 1000)),
};
