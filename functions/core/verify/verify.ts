import { timingSafeEqual } from 'node:crypto';
import { Unauthenticated } from '../model/errors.ts';
import type { RawRequest } from '../payload/http.ts';

declare const verified: unique symbol;

/** A request whose sender is proven. Only `prove` makes one, so reading an unproven request does not compile. */
export type VerifiedRequest = RawRequest & { readonly [verified]: true };

/**
 * Lets the request pass when one of the secrets (the current one, the previous one while it is rotated) proves it.
 * Throws Refused when none does, and when there is none: a blank secret proves nothing.
 */
export function verifyWith(
  request: RawRequest,
  secrets: readonly string[],
  holds: (secret: string) => boolean,
): VerifiedRequest {
  const usable = secrets.map((secret) => secret.trim()).filter((secret) => secret !== '');
  if (usable.length === 0) throw new Unauthenticated('no secret is configured for this source');
  if (!usable.some((secret) => isVerifiedBy(secret, holds))) throw new Unauthenticated('the proof does not match');
  return request as VerifiedRequest;
}

/** A key that cannot be read or a signature that cannot be decoded is no proof; it is not our failure either. */
function isVerifiedBy(secret: string, holds: (secret: string) => boolean): boolean {
  try {
    return holds(secret);
  } catch {
    return false;
  }
}

/** Throws Refused when the header that carries a proof is not there. */
export function requiredHeader(request: RawRequest, name: string): string {
  const value = request.headers[name];
  if (!value) throw new Unauthenticated(`header ${name} is missing`);
  return value;
}

/** Throws Refused when a signed time is not a number of seconds or lies too far from our clock, in either direction. */
export function verifyTimestamp(timestampSeconds: string, receivedAt: Date, toleranceSeconds: number): void {
  const signedAt = /^\d{1,12}$/.test(timestampSeconds) ? Number(timestampSeconds) : Number.NaN;
  const ageSeconds = receivedAt.getTime() / 1000 - signedAt;
  if (!(Math.abs(ageSeconds) <= toleranceSeconds)) throw new Unauthenticated('the signed time is too far from now');
}

/** Compares in constant time; texts of unequal length differ. */
export function sameText(left: string, right: string): boolean {
  const [a, b] = [Buffer.from(left), Buffer.from(right)];
  return a.length === b.length && timingSafeEqual(a, b);
}
