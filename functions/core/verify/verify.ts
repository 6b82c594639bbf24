import { timingSafeEqual } from 'node:crypto';
import { NoSecret, Unauthenticated } from '../model/errors.ts';
import type { RawRequest } from '../payload/http.ts';

declare const verified: unique symbol;

/** A request from a verified sender. Only `verifyWith` makes one, so reading an unverified request does not compile. */
export type VerifiedRequest = RawRequest & { readonly [verified]: true };

/**
 * Returns the request as verified if one of the secrets verifies it: the current one, or the previous one during rotation.
 *
 * @throws {Unauthenticated} if none does, or if there is none. A blank secret never verifies a request.
 */
export function verifyWith(
  request: RawRequest,
  secrets: readonly string[],
  isVerifiedBy: (secret: string) => boolean,
): VerifiedRequest {
  if (!usable(secrets).some((secret) => isTrue(() => isVerifiedBy(secret))))
    throw new Unauthenticated('no configured secret matches');
  return request as VerifiedRequest;
}

/** Returns the secrets that are not blank. Throws NoSecret if there is none. */
export function usable(secrets: readonly string[]): readonly string[] {
  const trimmed = secrets.map((secret) => secret.trim()).filter((secret) => secret !== '');
  if (trimmed.length === 0) throw new NoSecret();
  return trimmed;
}

/**
 * Reads what a signature covers from the body of an unverified request, for senders that do not sign its bytes. Anyone can
 * send such a body, so `read` must take little time for any body, and runs once for all secrets.
 *
 * @throws {Unauthenticated} if it cannot be read.
 */
export function readUnverified<Value>(read: () => Value): Value {
  try {
    return read();
  } catch {
    throw new Unauthenticated('the signed part of the body cannot be read');
  }
}

/** An unreadable key or an undecodable signature counts as a mismatch, not as a failure of the relay. */
function isTrue(check: () => boolean): boolean {
  try {
    return check();
  } catch {
    return false;
  }
}

/** Returns a header that verification needs. Throws Unauthenticated if it is missing. */
export function requiredHeader(request: RawRequest, name: string): string {
  const value = request.headers[name];
  if (!value) throw new Unauthenticated(`header ${name} is missing`);
  return value;
}

/**
 * Checks the age of a signed time, in whole seconds since 1970.
 *
 * @throws {Unauthenticated} if it is not a number or differs from `receivedAt` by more than the tolerance, in either direction.
 */
export function verifyTimestamp(timestampSeconds: string, receivedAt: Date, toleranceSeconds: number): void {
  const signedAt = /^\d{1,12}$/.test(timestampSeconds) ? Number(timestampSeconds) : Number.NaN;
  const ageSeconds = receivedAt.getTime() / 1000 - signedAt;
  if (!(Math.abs(ageSeconds) <= toleranceSeconds)) throw new Unauthenticated('the signed time is too far from now');
}

/** Compares two strings in constant time. Strings of different lengths are unequal. */
export function sameText(left: string, right: string): boolean {
  const [a, b] = [Buffer.from(left), Buffer.from(right)];
  return a.length === b.length && timingSafeEqual(a, b);
}
