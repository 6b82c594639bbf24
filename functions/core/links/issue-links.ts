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
  /** Who may ask: the current key, then the previous one. As we keep them, and as they are now. */
  readonly keys: { get(): Promise<readonly string[]>; refresh(): Promise<readonly string[]> };
  /** Throws Unreadable for a link that would not open. */
  readonly seal: (link: Link) => Promise<string>;
  /** The names of the configured brands. */
  readonly brands: readonly string[];
  /** Where mail is read for us. Left out: nowhere. */
  readonly mailbox?: string | undefined;
  readonly report: Report;
}

const MAX_BYTES = 1_048_576;
const MAX_ADDRESSES = 1_000;

/** `POST /links`: sealed links for up to 1,000 addresses, for whoever has a key. */
export function linkRoutes(through: LinkPorts): Routes {
  return {
    async 'POST /links'(request) {
      if (request.body.length > MAX_BYTES) throw new TooLarge('the body is too large');
      await proveKey(request, through);
      return answer(request, through);
    },
  };
}

/** A refusal may only mean that the key was rotated a moment ago: they are read again before anybody is turned away. */
async function proveKey(request: RawRequest, { keys, report }: LinkPorts): Promise<void> {
  try {
    const [, given = ''] = /^bearer +(\S+)$/i.exec(requiredHeader(request, 'authorization')) ?? [];
    const proveWith = (known: readonly string[]) => verifyWith(request, known, (key) => sameText(key, given));
    try {
      proveWith(await keys.get());
    } catch (error) {
      if (!(error instanceof Unauthenticated)) throw error;
      proveWith(await keys.refresh());
    }
  } catch (error) {
    if (error instanceof Unauthenticated)
      report({ event: 'request.unauthenticated', source: 'links', reason: error.message });
    throw error;
  }
}

/** Links by their place in `addresses`, which are not repeated; one that cannot be read costs none of its neighbours. */
async function answer(request: RawRequest, through: LinkPorts): Promise<HttpResponse> {
  const { addresses, common } = readBody(request, through.brands);
  const made = await Promise.all(
    addresses.map(async (address, index) => {
      try {
        const link = linkOf(address, common, through.brands);
        return { index, ...readyLink(request.url, await through.seal(link), through.mailbox) };
      } catch (error) {
        if (!isCallerError(error)) throw error;
        return { index, error: error.message };
      }
    }),
  );
  return jsonResponse(200, {
    links: made.filter((each) => 'url' in each),
    errors: made.filter((each) => 'error' in each),
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

/** What holds for every address of a call that says nothing else. */
export type Common = Omit<Link, 'email'>;

/**
 * Reads `brand`, `lang` and `expiresInDays`, each of which may be left out. Throws Unreadable for a brand that is not
 * configured, a language that is none, and a time that is no whole number of days from 1 to 36,500.
 */
export function commonOf(
  payload: Payload,
  { brands, now }: { readonly brands: readonly string[]; readonly now: Date },
): Common {
  const expiresAt = expiryOf(payload['expiresInDays'], now);
  return { ...brandAndLang(payload, brands), ...(expiresAt === undefined ? {} : { expiresAt }) };
}

const MAX_DAYS = 36_500;

function expiryOf(days: unknown, now: Date): Date | undefined {
  if (isNone(days)) return undefined;
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
  if (!isNone(payload.brand) && brand === undefined) throw new Unreadable('there is no such brand');
  if (!isNone(lang) && !isLang(lang)) throw new Unreadable('lang is not valid');
  return { ...(brand === undefined ? {} : { brand }), ...(isLang(lang) ? { lang } : {}) };
}

function isNone(value: unknown): boolean {
  return value === undefined || value === null;
}

/** A misspelt field is not passed over: a link meant to expire would be one that never does. */
function checkFields(payload: Payload, known: readonly string[], what: string): void {
  if (Object.keys(payload).some((name) => !known.includes(name))) {
    throw new Unreadable(`${what} has a field other than ${known.join(', ')}`);
  }
}
