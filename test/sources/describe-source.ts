import { inspect } from 'node:util';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { defaultKinds } from '../../functions/core/intake/policy.ts';
import { parseContactId } from '../../functions/core/model/contact-id.ts';
import { parseEmailAddress } from '../../functions/core/model/email-address.ts';
import { RelayError, Unauthenticated, Unavailable, Unreadable } from '../../functions/core/model/errors.ts';
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

/** What a source's scheme is like, where it is not like most. */
export interface Scheme {
  /** Signs other bodies as the fixture's secret demands: they are then read through `verify` as well. */
  readonly sign?: (body: Uint8Array, at: Date, secret: string) => Readonly<Record<string, string>>;
  /** How far a signed time may lie from our clock. Left out: the scheme signs none, or any is accepted. */
  readonly toleranceSeconds?: number;
  /** Whether one byte more, less or changed breaks the proof. Default: for signatures. */
  readonly isBodySigned?: boolean;
  /** The same request without its proof, in every way. Default: without each header of the sender's own, or the query. */
  readonly unproven?: (request: RawRequest) => readonly RawRequest[];
  /** What the sender publishes. Default: nothing. */
  readonly world?: Certificates;
}

const RUNS = 1_000;

/** What holds for every source, over all of its fixtures: `describeSource(acme)`. */
export function describeSource(source: Source, scheme: Scheme = {}): void {
  const fixtures = fixturesOf(source.name);
  describe(source.name, () => {
    describe.each(fixtures)('$about', (fixture) => {
      describeReading(source, fixture, scheme);
      if (source.scheme === 'signature' || source.scheme === 'shared-secret') describeProof(source, fixture, scheme);
    });
    it('makes a reading or one of our errors of any bytes at all, and names no address in what it cannot read', () =>
      readAnyBytes(source, fixtures, scheme));
  });
}

/** The error with which a source turns a request away. Fails when it lets it in. */
export async function refusalOf(
  source: Source,
  request: RawRequest,
  secrets: readonly string[],
  { world = NOTHING_PUBLISHED }: Scheme = {},
): Promise<unknown> {
  const error = await endOf(async () => source.verify(request, secrets, world));
  expect(error).toBeInstanceOf(Unauthenticated);
  expect((error as Unauthenticated).message).toMatch(/^\S/);
  return error;
}

const NOTHING_PUBLISHED: Certificates = { get: () => Promise.reject(new Unavailable('there is no certificate')) };

function describeReading(source: Source, fixture: Fixture, { world = NOTHING_PUBLISHED }: Scheme): void {
  const { secret, expected } = fixture;
  const request = requestOf(fixture, source.name);

  it('reads to the expected', async () => {
    const verified = await source.verify(request, [secret], world);

    expect(JSON.parse(JSON.stringify(heard(source, verified, secret)))).toEqual(expected);
  });

  it('names what is missing or another than documented', () => namesWhatIsWrong(source, fixture));

  it('loses nobody in silence: what asks for something and names nobody is unreadable', async () => {
    const body = withoutAddresses(fixture.body);
    if (body === undefined || !asksForSomething(expected)) return;
    const end = await endOf(async () => source.read(asVerified({ ...request, body: Buffer.from(body) })));

    expect(end instanceof Unreadable || (!(end instanceof Error) && end.unreadable.length > 0)).toBe(true);
  });

  it('hears the same events, by their keys, when they are sent again an hour later', () => {
    const keys = (at: RawRequest) => {
      const said = heard(source, asVerified(at), secret);
      return 'signals' in said ? said.signals.map(({ eventKey }) => eventKey) : [];
    };

    expect(keys(later(request, 3600))).toEqual(keys(request));
  });
}

/** Whether a fixture's reading has a signal about an address that leads to something. */
function asksForSomething(expected: unknown): boolean {
  const { signals = [] } = expected as Partial<Reading>;
  return signals.some(({ kind, email }) => email !== undefined && defaultKinds[kind] !== 'nothing');
}

/** Operators read it: `timestamp is not a time`. */
async function namesWhatIsWrong(source: Source, fixture: Fixture): Promise<void> {
  for (const body of eachDamaged(fixture.body)) {
    const request = asVerified({ ...requestOf(fixture, source.name), body: Buffer.from(body) });
    const end = await endOf(async () => source.read(request));
    const reasons = end instanceof Error ? [end.message] : end.unreadable;
    for (const reason of reasons) expect(reason.replace(/^event \d+: /, '')).toMatch(/^\S/);
  }
}

function describeProof(source: Source, fixture: Fixture, scheme: Scheme): void {
  const { world = NOTHING_PUBLISHED } = scheme;
  const request = requestOf(fixture, source.name);
  const refusals = unwanted(source, fixture, scheme);

  it('accepts the previous secret while it is rotated', async () => {
    const [old, current] = [fixture.secret, mirrored(fixture.secret)];
    await source.verify(request, [current, old], world);
    await source.verify(request, [old, current], world);
  });

  it.each(Object.keys(refusals))('refuses %s', async (what) => {
    expect(refusals[what]).not.toEqual([]);
    for (const [asked, secrets] of refusals[what] ?? []) await refusalOf(source, asked, secrets, scheme);
  });

  it('names no address in a refusal', async () => {
    const told = searchFor(addressesIn(fixture.body));
    for (const [asked, secrets] of Object.values(refusals).flat()) {
      const error = await refusalOf(source, asked, secrets, scheme);
      expect(told(inspect(error, { depth: null }))).toEqual([]);
    }
  });
}

type Unwanted = readonly (readonly [asked: RawRequest, secrets: readonly string[]])[];

/** What must not be let in, by its name. */
function unwanted(source: Source, fixture: Fixture, scheme: Scheme): Readonly<Record<string, Unwanted>> {
  const { toleranceSeconds, isBodySigned = source.scheme === 'signature', unproven = withoutEachProof } = scheme;
  const { secret } = fixture;
  const request = requestOf(fixture, source.name);
  const underSecret = (requests: readonly RawRequest[]): Unwanted => requests.map((each) => [each, [secret]]);
  const beyond = 2 * (toleranceSeconds ?? 0) + 1;
  return {
    'a wrong secret': [[request, [mirrored(secret)]]],
    'everything when no secret is configured': [[], [''], [' ', '\n\t']].map((none) => [request, none]),
    'a request without its proof': underSecret(unproven(request)),
    ...(isBodySigned && { 'a body changed by one byte': underSecret(changedByOneByte(request)) }),
    ...(toleranceSeconds !== undefined && {
      'a stale signed time': underSecret([later(request, beyond)]),
      'a signed time to come': underSecret([later(request, -beyond)]),
    }),
  };
}

/** Another secret of the same length and letters. */
function mirrored(secret: string): string {
  return [...secret].reverse().join('');
}

/** Bytes, JSON, and the fixtures with one thing in them damaged. */
async function readAnyBytes(source: Source, fixtures: readonly Fixture[], scheme: Scheme): Promise<void> {
  const { sign, world = NOTHING_PUBLISHED } = scheme;
  const cases = fixtures.map((fixture) => {
    const bodies = fc.oneof(fc.uint8Array(), fc.json().map(Buffer.from), damaged(fixture.body).map(Buffer.from));
    return fc.tuple(fc.constant({ fixture, told: searchFor(addressesIn(fixture.body)) }), bodies);
  });
  const property = fc.asyncProperty(fc.oneof(...cases), async ([{ fixture, told }, body]) => {
    const plain = { ...requestOf(fixture, source.name), body };
    const request = { ...plain, headers: { ...plain.headers, ...sign?.(body, plain.receivedAt, fixture.secret) } };
    const verified = sign ? await source.verify(request, [fixture.secret], world) : asVerified(request);
    const said = saidOf(await endOf(async () => source.read(verified)));
    if (told(said).length > 0) throw new Error('what it says holds an address');
  });
  await fc.assert(property, { numRuns: RUNS });
}

/** What is told of a request that could not be read, or not all of it. Throws for anything else that went wrong. */
function saidOf(end: Reading | Error): string {
  if (end instanceof RelayError) return inspect(end, { depth: null });
  if (end instanceof Error) throw end;
  end.signals.forEach(checkCarriable);
  if (end.erase?.some((id) => parseContactId(id) !== id)) throw new Error('nobody can be forgotten by it');
  return end.unreadable.join('\n');
}

/** Throws unless the signal is one that `accept` and the queue can carry. */
function checkCarriable({ kind, scope, email, contactId, eventKey, occurredAt, confidence }: Signal): void {
  const list = scope === 'all' ? scope : scope.list;
  const isNamed = Object.hasOwn(defaultKinds, kind) && ['exact', 'ambiguous'].includes(confidence);
  const isFilled = typeof list === 'string' && list !== '' && typeof eventKey === 'string' && eventKey !== '';
  const isTimed = occurredAt.toISOString().length === 24;
  const isAddressed =
    email === undefined ? parseContactId(contactId) === contactId : parseEmailAddress(email) === email;
  if (!isNamed || !isFilled || !isTimed || !isAddressed) throw new Error('it cannot be carried');
}

function heard(source: Source, request: VerifiedRequest, secret: string): Handshake | Reading {
  return source.handshake?.(request, [secret]) ?? source.read(request);
}

/** Some tests read without a proof, where they have no key to make one. */
function asVerified(request: RawRequest): VerifiedRequest {
  return request as VerifiedRequest;
}

/** What it gives, or the error it throws. */
async function endOf<Value>(act: () => Promise<Value>): Promise<Value | Error> {
  return act().catch((error: Error) => error);
}
