import { parseEmailAddress } from '../model/email-address.ts';
import { isCallerError, TooLarge, Unauthenticated, Unreadable } from '../model/errors.ts';
import type { Report } from '../model/telemetry.ts';
import type { Payload } from '../payload/fields.ts';
import { arrayOf, isObject, jsonOf, objectOf } from '../payload/fields.ts';
import type { HttpResponse, RawRequest, Routes } from '../payload/http.ts';
import { jsonResponse } from '../payload/http.ts';
import { requiredHeader, sameText, verifyWith } from '../verify/verify.ts';
import { readyLink } from './list-unsubscribe.ts';
import type { Link } from './sealed-link.ts';
import { isLang } from './sealed-link.ts';

export interface LinkPorts {
  /** The accepted API keys: the current one, then the previous one. `get` may return a cached copy; `refresh` does not. */
  readonly keys: { get(): Promise<readonly string[]>; refresh(): Promise<readonly string[]> };
  /** Throws Unreadable as `checkLink` does. */
  readonly seal: (link: Link) => Promise<string>;
  /** The names of the configured brands. */
  readonly brands: readonly string[];
  /** The address of the relay's mailbox. If undefined, the headers offer no `mailto:`. */
  readonly mailbox?: string | undefined;
  readonly report: Report;
}

export const MAX_BYTES = 1_048_576;
export const MAX_ADDRESSES = 1_000;

/** `POST /links`: returns sealed links for up to 1,000 addresses. Requires an API key. */
export function linkRoutes(ports: LinkPorts): Routes {
  return {
    async 'POST /links'(request) {
      if (request.body.length > MAX_BYTES) throw new TooLarge('the body is too large');
      await verifyKey(request, ports);
      return sealLinks(request, ports);
    },
  };
}

/** The key may have just been rotated, so a failed verification is retried once with a fresh copy. */
async function verifyKey(request: RawRequest, { keys, report }: LinkPorts): Promise<void> {
  try {
    const [, given = ''] = /^bearer +(\S+)$/i.exec(requiredHeader(request, 'authorization')) ?? [];
    const verifyAgainst = (accepted: readonly string[]) => verifyWith(request, accepted, (key) => sameText(key, given));
    try {
      verifyAgainst(await keys.get());
    } catch (error) {
      if (!(error instanceof Unauthenticated)) throw error;
      verifyAgainst(await keys.refresh());
    }
  } catch (error) {
    if (error instanceof Unauthenticated)
      report({ event: 'request.unauthenticated', source: 'links', reason: error.message });
    throw error;
  }
}

/** Identifies each link by its index in `addresses`, without the address. An unreadable entry does not affect the others. */
async function sealLinks(request: RawRequest, ports: LinkPorts): Promise<HttpResponse> {
  const { addresses, common } = readBody(request, ports.brands);
  const results = await Promise.all(
    addresses.map(async (address, index) => {
      try {
        const link = linkOf(address, common, ports.brands);
        return { index, ...readyLink(request.url, await ports.seal(link), ports.mailbox) };
      } catch (error) {
        if (!isCallerError(error)) throw error;
        return { index, error: error.message };
      }
    }),
  );
  return jsonResponse(200, {
    links: results.filter((result) => 'url' in result),
    errors: results.filter((result) => 'error' in result),
  });
}

function readBody(request: RawRequest, brands: readonly string[]) {
  const body = objectOf(jsonOf(request.body), 'the body');
  checkFields(body, ['addresses', 'brand', 'lang', 'expiresInDays'], 'the body');
  const addresses = arrayOf(body['addresses'], 'addresses');
  if (addresses.length === 0) throw new Unreadable('addresses is empty');
  if (addresses.length > MAX_ADDRESSES) throw new TooLarge(`addresses has more than ${MAX_ADDRESSES} entries`);
  return { addresses, common: commonOf(body, { brands, now: request.receivedAt }) };
}

/** The settings of a call, for every address without its own. */
export type Common = Omit<Link, 'email'>;

/**
 * Reads `brand`, `lang` and `expiresInDays`, all optional.
 *
 * @throws {Unreadable} if the brand is not configured, the language is not a BCP 47 tag, or `expiresInDays` is not a whole
 * number from 1 to 36,500.
 */
export function commonOf(
  payload: Payload,
  { brands, now }: { readonly brands: readonly string[]; readonly now: Date },
): Common {
  const expiresAt = expiryOf(payload['expiresInDays'], now);
  return { ...brandAndLang(payload, brands), ...(expiresAt === undefined ? {} : { expiresAt }) };
}

export const MAX_DAYS = 36_500;

function expiryOf(days: unknown, now: Date): Date | undefined {
  if (isMissing(days)) return undefined;
  if (typeof days !== 'number' || !Number.isInteger(days) || days < 1 || days > MAX_DAYS) {
    throw new Unreadable(`expiresInDays is not a whole number from 1 to ${MAX_DAYS}`);
  }
  return new Date(now.getTime() + days * 86_400_000);
}

function linkOf(address: unknown, common: Common, brands: readonly string[]): Link {
  if (!isObject(address)) return { ...common, email: parseEmailAddress(address) };
  checkFields(address, ['email', 'brand', 'lang'], 'the entry');
  return { ...common, ...brandAndLang(address, brands), email: parseEmailAddress(address['email']) };
}

function brandAndLang(payload: Payload, brands: readonly string[]): Common {
  const { lang } = payload;
  const brand = brands.find((each) => each === payload.brand);
  if (!isMissing(payload.brand) && brand === undefined) throw new Unreadable('no such brand');
  if (!isMissing(lang) && !isLang(lang)) throw new Unreadable('lang is not valid');
  return { ...(brand === undefined ? {} : { brand }), ...(isLang(lang) ? { lang } : {}) };
}

function isMissing(value: unknown): boolean {
  return value === undefined || value === null;
}

/** Rejects misspelled fields: a link with a misspelled `expiresInDays` would never expire. */
function checkFields(payload: Payload, allowed: readonly string[], what: string): void {
  if (Object.keys(payload).some((name) => !allowed.includes(name))) {
    throw new Unreadable(`${what} has a field other than ${allowed.join(', ')}`);
  }
}
