import { toOptOuts } from '../../functions/core/intake/ingest.ts';
import { defaultPolicy } from '../../functions/core/intake/policy.ts';
import type { OptOut } from '../../functions/core/model/opt-out.ts';
import type { RawRequest } from '../../functions/core/payload/http.ts';
import type { Source } from '../../functions/core/verify/source.ts';
import type { VerifiedRequest } from '../../functions/core/verify/verify.ts';
import { sources } from '../../functions/sources/index.ts';
import type { FixtureBody } from '../harness/fixture-bodies.ts';
import { fixtureBodiesOf, withAddresses, withTime } from '../harness/fixture-bodies.ts';
import type { SignedRequest } from '../harness/senders.ts';
import { sampleKeyOf, signRequest } from '../harness/senders.ts';
import type { Stage } from '../harness/stage.ts';

/** How many requests are created. */
export interface RequestCounts {
  readonly senders: number;
  /** How many different messages each sender sends, and how often each. */
  readonly kinds: number;
  readonly each: number;
}

/** What HubSpot does with the opt-out of an address, by the prefix of the address. */
export const FAULTS: Readonly<Record<string, object | undefined>> = {
  fine: undefined,
  slow: { delayMs: 100 },
  'too-many': { status: 429, headers: { 'Retry-After': '1' } },
  down: { status: 503 },
  broken: { status: 500 },
  'cut-before': { drop: 'before' },
  'cut-after': { drop: 'after' },
};

/** The number of addresses with each prefix, per thousand. */
const PER_THOUSAND: readonly (readonly [prefix: string, count: number])[] = [
  ['too-many', 1],
  ['down', 20],
  ['broken', 10],
  ['cut-before', 20],
  ['cut-after', 20],
  ['slow', 100],
];

/** A request of a sender, and the opt-outs that it contains. */
export interface SenderRequest {
  readonly commands: readonly OptOut[];
  post(stage: Stage): Promise<number>;
}

const ORIGIN = 'https://relay.example.com';
const BATCH = 20;
const DUPLICATE_EVERY = 10;

/** Creates the requests of all senders. Every tenth request is sent twice. */
export function createRequests({ senders, kinds, each }: RequestCounts, origin: string): readonly SenderRequest[] {
  const usable = sources
    .map((source) => ({ source, fixtures: usableFixtures(source) }))
    .filter(({ fixtures }) => fixtures.length > 0);
  const requests = usable.slice(0, senders).flatMap(({ source, fixtures }) => {
    const all = Array.from(
      { length: kinds * each },
      (_none, index) => fixtures[index % Math.min(kinds, fixtures.length)] as FixtureBody,
    );
    return batched(all).map((batch) => createRequest(source, batch, origin));
  });
  return [...requests, ...requests.filter((_request, index) => index % DUPLICATE_EVERY === 0)];
}

/** Fixtures that can be read, are not handshakes, and identify their recipients and events. */
function usableFixtures(source: Source): readonly FixtureBody[] {
  return fixtureBodiesOf(source.name).filter((fixture) => {
    try {
      const read = () => commandsIn(source, signerOf(fixture, Buffer.from(fixture.body), ORIGIN)());
      const again = read();
      return read().every(({ id, email }, index) => email !== undefined && id === again[index]?.id);
    } catch {
      return false;
    }
  });
}

const isList = ({ body }: FixtureBody): boolean => body.trimStart().startsWith('[');

/** Senders whose bodies are lists send several events per request. */
function batched(all: readonly FixtureBody[]): readonly (readonly FixtureBody[])[] {
  const lists = all.filter(isList);
  const batches = Array.from({ length: Math.ceil(lists.length / BATCH) }, (_none, index) =>
    lists.slice(index * BATCH, (index + 1) * BATCH),
  );
  return [...batches, ...all.filter((fixture) => !isList(fixture)).map((fixture) => [fixture])];
}

function createRequest(source: Source, batch: readonly FixtureBody[], origin: string): SenderRequest {
  const [first] = batch as readonly [FixtureBody];
  const texts = batch.map((fixture) =>
    withAddresses({ ...fixture, body: withTime(fixture, new Date()) }, newAddresses()).toString(),
  );
  const body = Buffer.from(
    batch.length === 1 ? (texts[0] ?? '') : `[${texts.map((text) => text.trim().slice(1, -1)).join(',')}]`,
  );
  const sign = signerOf(first, body, origin);
  return { commands: commandsIn(source, sign()), post: async (stage) => (await stage.post(sign())).status };
}

/** Returns a function that signs the request with the current time. */
function signerOf({ source, contentType }: FixtureBody, body: Buffer, origin: string): () => SignedRequest {
  return () => {
    const signed = signRequest(source, body, { key: sampleKeyOf(source), at: new Date(), origin });
    return { ...signed, headers: { 'content-type': contentType, ...signed.headers } };
  };
}

let addressCount = 0;

/** Returns a function that gives a new address for each index. */
function newAddresses(): (index: number) => string {
  const first = addressCount;
  return (index) => {
    addressCount = Math.max(addressCount, first + index + 1);
    return `${prefixOf(first + index)}-${first + index}@example.com`;
  };
}

function prefixOf(addressNumber: number): string {
  let rest = (addressNumber * 7_919) % 1_000;
  for (const [prefix, count] of PER_THOUSAND) {
    if (rest < count) return prefix;
    rest -= count;
  }
  return 'fine';
}

function commandsIn(source: Source, { path, headers, body }: SignedRequest): readonly OptOut[] {
  const receivedAt = new Date();
  const request: RawRequest = { method: 'POST', url: new URL(path, ORIGIN), headers, body, receivedAt };
  if (source.handshake?.(request, [sampleKeyOf(source.name).secret])) throw new Error('the request is a handshake');
  const { signals } = source.read(request as VerifiedRequest);
  return toOptOuts(signals, { source: source.name, receivedAt, policy: defaultPolicy }).optOuts;
}
