import { inspect } from 'node:util';
import fc from 'fast-check';
import { beforeEach, describe, expect, it } from 'vitest';
import { defaultKinds } from '../../functions/core/intake/policy.ts';
import { parseContactId } from '../../functions/core/model/contact-id.ts';
import { parseEmailAddress } from '../../functions/core/model/email-address.ts';
import { RelayError, Unauthenticated, Unavailable } from '../../functions/core/model/errors.ts';
import type { Signal } from '../../functions/core/model/signal.ts';
import type { RawRequest } from '../../functions/core/payload/http.ts';
import type { Certificates, Handshake, Reading, Source } from '../../functions/core/verify/source.ts';
import type { VerifiedRequest } from '../../functions/core/verify/verify.ts';
import { searchFor } from '../../prove/secrets/search.ts';
import type { Fixture } from './fixture.ts';
import { fixturesOf, requestOf } from './fixture.ts';
import {
  addressesIn,
  changedByOneByte,
  damaged,
  eachDamaged,
  later,
  withoutAddresses,
  withoutEachProof,
} from './harm.ts';

/** How a source proves its sender, where that differs from the defaults. */
export interface Scheme {
  /** Signs any body with the fixture's secret and returns the headers. Damaged bodies then pass through `verify` too. */
  readonly sign?: (body: Uint8Array, at: Date, secret: string) => Readonly<Record<string, string>>;
  /** How far the signed time may differ from the time of arrival. Omit if no time is signed, or if any time is accepted. */
  readonly toleranceSeconds?: number;
  /** Whether a changed byte breaks the proof. @default true for signatures */
  readonly isBodySigned?: boolean;
  /** The request without each part of its proof. @default without each header of the sender's own, and without the query */
  readonly unproven?: (request: RawRequest) => readonly RawRequest[];
  /** Whether a record without an address has nothing to opt out. Otherwise it is unreadable. @default false */
  readonly isAddressOptional?: boolean;
  /** The certificates that the sender publishes. @default none */
  readonly certificates?: Certificates;
}

const RUNS = 1_000;

/**
 * Registers the contract that every source keeps, once for each of its fixtures: it reads the fixture as expected, names
 * what a damaged body lacks, never drops an opt-out silently, derives the same event keys from a repeated request, and
 * rejects requests whose proof is missing, wrong or stale.
 *
 * @example
 * ```ts
 * // test/sources/acme.test.ts
 * import { acme } from '../../functions/sources/acme.ts';
 * import { describeSource } from './describe-source.ts';
 *
 * describeSource(acme);
 * ```
 *
 * @example A source whose signature covers a time
 * ```ts
 * // test/sources/initech.test.ts
 * import { createHmac } from 'node:crypto';
 * import { initech } from '../../functions/sources/initech.ts';
 * import { describeSource } from './describe-source.ts';
 *
 * function sign(body: Uint8Array, at: Date, secret: string) {
 *   const timestamp = Math.floor(at.getTime() / 1000);
 *   const signature = createHmac('sha256', secret).update(`${timestamp}.`).update(body).digest('hex');
 *   return { 'x-initech-signature': `t=${timestamp},v1=${signature}` };
 * }
 *
 * describeSource(initech, { sign, toleranceSeconds: 300 });
 * ```
 */
export function describeSource(source: Source, scheme: Scheme = {}): void {
  const fixtures = fixturesOf(source.name);
  describe(source.name, () => {
    beforeEach(() => expect.hasAssertions());

    describe.each(fixtures)('$about', (fixture) => {
      describeReading(source, fixture, scheme);
      if (source.scheme === 'signature' || source.scheme === 'shared-secret') describeProof(source, fixture, scheme);
    });

    it('reads any bytes or throws a RelayError, and quotes no address', () => readAnyBytes(source, fixtures, scheme));
  });
}

/** Asserts that the source accepts the request. */
export async function expectAccepted(
  source: Source,
  request: RawRequest,
  secrets: readonly string[],
  { certificates = NONE_PUBLISHED }: Scheme = {},
): Promise<void> {
  expect(await source.verify(request, secrets, certificates)).toBe(request);
}

/** Asserts that the source rejects the request, and returns the error. */
export async function refusalOf(
  source: Source,
  request: RawRequest,
  secrets: readonly string[],
  { certificates = NONE_PUBLISHED }: Scheme = {},
): Promise<unknown> {
  const error = await resultOf(() => source.verify(request, secrets, certificates));
  expect(error).toBeInstanceOf(Unauthenticated);
  expect((error as Unauthenticated).message).toMatch(/^\S/);
  return error;
}

const NONE_PUBLISHED: Certificates = { get: () => Promise.reject(new Unavailable('there is no certificate')) };

function describeReading(source: Source, fixture: Fixture, scheme: Scheme): void {
  const { certificates = NONE_PUBLISHED, isAddressOptional = false } = scheme;
  const { secret, body, expected } = fixture;
  const { signals = [] } = expected as Partial<Reading>;
  const request = requestOf(fixture, source.name);
  const withBody = (text: string) => asVerified({ ...request, body: Buffer.from(text) });

  it('reads as expected', async () => {
    const verified = await source.verify(request, [secret], certificates);

    expect(JSON.parse(JSON.stringify(readOrShakeHands(source, verified, secret)))).toEqual(expected);
  });

  const damagedBodies = eachDamaged(body);
  if (damagedBodies.length > 0) {
    it('reads a damaged body, or says what is missing or malformed', async () => {
      const results = await Promise.all(damagedBodies.map((text) => resultOf(() => source.read(withBody(text)))));
      const reasons = results.flatMap(reasonsOf).map((reason) => reason.replace(/^event \d+: /, ''));

      expect(reasons.filter((reason) => !/^\S/.test(reason))).toEqual([]);
    });
  }

  const noted = withUndecodableField(body);
  if (noted !== undefined) {
    it('reads the same if a neighbor field has an undecodable byte', () => {
      // A key may be derived from the whole body.
      const withoutKeys = (name: string, value: unknown) => (name === 'eventKey' ? undefined : value);
      const read = (bytes: Uint8Array) =>
        JSON.stringify(readOrShakeHands(source, asVerified({ ...request, body: bytes }), secret), withoutKeys);

      expect(read(noted)).toEqual(read(request.body));
    });
  }

  const withoutRecipients = withoutAddresses(body);
  const asksForSomething = signals.some(({ kind, email }) => email !== undefined && defaultKinds[kind] !== 'nothing');
  if (asksForSomething && withoutRecipients !== undefined && !isAddressOptional) {
    it('counts an event as unreadable if its address is missing', async () => {
      const result = await resultOf(() => source.read(withBody(withoutRecipients)));

      expect(reasonsOf(result)).not.toEqual([]);
    });
  }

  if (signals.length > 0) {
    it('derives the same event keys when the request is repeated an hour later', () => {
      const keysOf = (at: RawRequest) => source.read(asVerified(at)).signals.map(({ eventKey }) => eventKey);

      expect(keysOf(later(request, 3600))).toEqual(keysOf(request));
    });
  }
}

/** The body with one more field, whose value is not UTF-8. Returns undefined for a body that is not JSON or a form. */
function withUndecodableField(body: string): Uint8Array | undefined {
  const isForm = /^[\w.%[\]-]+=/.test(body);
  if (!isForm && !/^\[?\{"/.test(body)) return undefined;
  const at = isForm ? body.length : body.indexOf('{') + 1;
  const note = Buffer.from(isForm ? '&relay_note=\xff' : '"relay_note":"\xff",', 'latin1');
  return Buffer.concat([Buffer.from(body.slice(0, at)), note, Buffer.from(body.slice(at))]);
}

/** Returns why events could not be read. Rethrows an error that is not a `RelayError`. */
function reasonsOf(result: Reading | Error): readonly string[] {
  if (result instanceof RelayError) return [result.message];
  if (result instanceof Error) throw result;
  return result.unreadable;
}

function describeProof(source: Source, fixture: Fixture, scheme: Scheme): void {
  const request = requestOf(fixture, source.name);
  const rejected = rejectedRequests(source, fixture, scheme);
  const addresses = addressesIn(fixture.body);

  it('accepts the current and the previous secret', async () => {
    const [old, current] = [fixture.secret, mirrored(fixture.secret)];

    await expectAccepted(source, request, [current, old], scheme);
    await expectAccepted(source, request, [old, current], scheme);
  });

  it.each(Object.keys(rejected))('rejects %s', async (what) => {
    expect(rejected[what]).not.toEqual([]);
    for (const [each, secrets] of rejected[what] ?? []) await refusalOf(source, each, secrets, scheme);
  });

  if (addresses.length > 0) {
    it('quotes no address when it rejects a request', async () => {
      const addressesQuotedIn = searchFor(addresses);
      for (const [each, secrets] of Object.values(rejected).flat()) {
        const error = await refusalOf(source, each, secrets, scheme);
        expect(addressesQuotedIn(inspect(error, { depth: null }))).toEqual([]);
      }
    });
  }
}

type Attempts = readonly (readonly [request: RawRequest, secrets: readonly string[]])[];

/** Requests that `verify` must reject, by what is wrong with them. */
function rejectedRequests(source: Source, fixture: Fixture, scheme: Scheme): Readonly<Record<string, Attempts>> {
  const { toleranceSeconds, isBodySigned = source.scheme === 'signature', unproven = withoutEachProof } = scheme;
  const { secret } = fixture;
  const request = requestOf(fixture, source.name);
  const withSecret = (requests: readonly RawRequest[]): Attempts => requests.map((each) => [each, [secret]]);
  const beyond = 2 * (toleranceSeconds ?? 0) + 1;
  return {
    'a wrong secret': [[request, [mirrored(secret)]]],
    'every request if no secret is configured': [[], [''], [' ', '\n\t']].map((none) => [request, none]),
    'a request without its proof': withSecret(unproven(request)),
    ...(isBodySigned && { 'a body changed by one byte': withSecret(changedByOneByte(request)) }),
    ...(toleranceSeconds !== undefined && {
      'a signed time in the past': withSecret([later(request, beyond)]),
      'a signed time in the future': withSecret([later(request, -beyond)]),
    }),
  };
}

/** Another secret of the same length and characters. */
function mirrored(secret: string): string {
  return [...secret].reverse().join('');
}

/** Reads random bytes, JSON, and the fixtures with one change each. */
async function readAnyBytes(source: Source, fixtures: readonly Fixture[], scheme: Scheme): Promise<void> {
  const { sign, certificates = NONE_PUBLISHED } = scheme;
  const cases = fixtures.map((fixture) => {
    const bodies = fc.oneof(fc.uint8Array(), fc.json().map(Buffer.from), damaged(fixture.body).map(Buffer.from));
    return fc.tuple(fc.constant({ fixture, addressesQuotedIn: searchFor(addressesIn(fixture.body)) }), bodies);
  });
  const property = fc.asyncProperty(fc.oneof(...cases), async ([{ fixture, addressesQuotedIn }, body]) => {
    const plain = { ...requestOf(fixture, source.name), body };
    const request = { ...plain, headers: { ...plain.headers, ...sign?.(body, plain.receivedAt, fixture.secret) } };
    const verified = sign ? await source.verify(request, [fixture.secret], certificates) : asVerified(request);

    const result = await resultOf(() => source.read(verified));

    if (!(result instanceof Error)) checkReading(result);
    expect(addressesQuotedIn(reasonsOf(result).join('\n'))).toEqual([]);
    if (result instanceof Error) expect(addressesQuotedIn(inspect(result, { depth: null }))).toEqual([]);
  });
  await fc.assert(property, { numRuns: RUNS });
}

/** Asserts that the queue can carry every signal and that the ledger can erase every contact. */
function checkReading({ signals, erase = [] }: Reading): void {
  signals.forEach(checkSignal);
  for (const id of erase) expect(parseContactId(id)).toBe(id);
}

function checkSignal({ kind, scope, email, contactId, eventKey, occurredAt, confidence }: Signal): void {
  const list = scope === 'all' ? scope : scope.list;
  const isNamed = Object.hasOwn(defaultKinds, kind) && ['exact', 'ambiguous'].includes(confidence);
  const isFilled = typeof list === 'string' && list !== '' && eventKey !== '';
  const isTimed = occurredAt.toISOString().length === 24;
  const isAddressed =
    email === undefined ? parseContactId(contactId) === contactId : parseEmailAddress(email) === email;
  if (!isNamed || !isFilled || !isTimed || !isAddressed) throw new Error('the signal does not fit into a command');
}

function readOrShakeHands(source: Source, request: VerifiedRequest, secret: string): Handshake | Reading {
  return source.handshake?.(request, [secret]) ?? source.read(request);
}

/** Skips `verify`, for bodies that the test has no key to sign. */
function asVerified(request: RawRequest): VerifiedRequest {
  return request as VerifiedRequest;
}

/** The returned value, or the error that was thrown. */
async function resultOf<Value>(act: () => Value | Promise<Value>): Promise<Value | Error> {
  try {
    return await act();
  } catch (error) {
    return error as Error;
  }
}
