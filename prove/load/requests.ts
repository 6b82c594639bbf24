import { toOptOuts } from '../../functions/core/intake/ingest.ts';
import { defaultPolicy } from '../../functions/core/intake/policy.ts';
import type { OptOut } from '../../functions/core/model/opt-out.ts';
import type { RawRequest } from '../../functions/core/payload/http.ts';
import type { Source } from '../../functions/core/verify/source.ts';
import type { VerifiedRequest } from '../../functions/core/verify/verify.ts';
import { sources } from '../../functions/sources/index.ts';
import type { FixtureBody } from '../harness/fixture-bodies.ts';
import { saidAbout, saidAt, toldBy } from '../harness/fixture-bodies.ts';
import type { Posted } from '../harness/senders.ts';
import { sampleKeyOf, signedBy } from '../harness/senders.ts';
import type { Stage } from '../harness/stage.ts';
import type { LoadSize } from './load.ts';

/** What HubSpot does when it is told of an address that begins so. */
export const TROUBLES: Readonly<Record<string, object | undefined>> = {
  fine: undefined,
  slow: { delayMs: 100 },
  'too-many': { status: 429, headers: { 'Retry-After': '1' } },
  down: { status: 503 },
  broken: { status: 500 },
  'cut-before': { drop: 'before' },
  'cut-after': { drop: 'after' },
};

/** Of a thousand addresses, how many begin how. */
const SHARES: readonly (readonly [name: string, share: number])[] = [
  ['too-many', 1],
  ['down', 20],
  ['broken', 10],
  ['cut-before', 20],
  ['cut-after', 20],
  ['slow', 100],
];

/** One request of a sender, and the opt-outs in it. */
export interface Letter {
  readonly commands: readonly OptOut[];
  post(stage: Stage): Promise<number>;
}

const ORIGIN = 'https://relay.example.com';
const BATCH = 20;
const SENT_AGAIN_EVERY = 10;

/** Everything that everybody sends, each tenth letter twice. */
export function lettersOf({ senders, kinds, each }: LoadSize, origin: string): readonly Letter[] {
  const sending = sources.map((source) => ({ source, told: usable(source) })).filter(({ told }) => told.length > 0);
  const letters = sending.slice(0, senders).flatMap(({ source, told }) => {
    const all = Array.from(
      { length: kinds * each },
      (_none, at) => told[at % Math.min(kinds, told.length)] as FixtureBody,
    );
    return batched(all).map((some) => letterOf(source, some, origin));
  });
  return [...letters, ...letters.filter((_letter, at) => at % SENT_AGAIN_EVERY === 0)];
}

/** What is read, is no handshake, and names people by their addresses. */
function usable(source: Source): readonly FixtureBody[] {
  return toldBy(source.name).filter((told) => {
    try {
      const commands = commandsIn(source, signerOf(told, Buffer.from(told.body), ORIGIN)());
      return commands.every(({ email }) => email !== undefined);
    } catch {
      return false;
    }
  });
}

const isList = ({ body }: FixtureBody): boolean => body.trimStart().startsWith('[');

/** Senders that write lists send many events at once. */
function batched(all: readonly FixtureBody[]): readonly (readonly FixtureBody[])[] {
  const lists = all.filter(isList);
  const batches = Array.from({ length: Math.ceil(lists.length / BATCH) }, (_none, at) =>
    lists.slice(at * BATCH, (at + 1) * BATCH),
  );
  return [...batches, ...all.filter((told) => !isList(told)).map((told) => [told])];
}

function letterOf(source: Source, some: readonly FixtureBody[], origin: string): Letter {
  const [first] = some as readonly [FixtureBody];
  const texts = some.map((told) => saidAbout({ ...told, body: saidAt(told, new Date()) }, namer()).toString());
  const body = Buffer.from(
    some.length === 1 ? (texts[0] ?? '') : `[${texts.map((text) => text.trim().slice(1, -1)).join(',')}]`,
  );
  const sign = signerOf(first, body, origin);
  return { commands: commandsIn(source, sign()), post: async (stage) => (await stage.post(sign())).status };
}

/** Signs at the time at which it is sent. */
function signerOf({ source, contentType }: FixtureBody, body: Buffer, origin: string): () => Posted {
  return () => {
    const posted = signedBy(source, body, { key: sampleKeyOf(source), at: new Date(), origin });
    return { ...posted, headers: { 'content-type': contentType, ...posted.headers } };
  };
}

let people = 0;

/** A new person for every one that is named. */
function namer(): (index: number) => string {
  const first = people;
  return (index) => {
    people = Math.max(people, first + index + 1);
    return `${troubleOf(first + index)}-${first + index}@example.com`;
  };
}

function troubleOf(person: number): string {
  let left = (person * 7_919) % 1_000;
  for (const [name, share] of SHARES) {
    if (left < share) return name;
    left -= share;
  }
  return 'fine';
}

function commandsIn(source: Source, { path, headers, body }: Posted): readonly OptOut[] {
  const receivedAt = new Date();
  const request: RawRequest = { method: 'POST', url: new URL(path, ORIGIN), headers, body, receivedAt };
  if (source.handshake?.(request, [sampleKeyOf(source.name).secret])) throw new Error('it is a handshake');
  const { signals } = source.read(request as VerifiedRequest);
  return toOptOuts(signals, { source: source.name, receivedAt, policy: defaultPolicy }).optOuts;
}
