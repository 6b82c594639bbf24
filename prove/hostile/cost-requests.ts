import { sources } from '../../functions/sources/index.ts';
import { sampleKeyOf, signRequest } from '../harness/senders.ts';
import type { CostlyBody } from './cost-bodies.ts';
import { COSTLY_BODIES } from './cost-bodies.ts';
import type { Forgery } from './forgeries.ts';
import { ALLOWED_TOPICS, forgeriesOf, ORIGIN, oversizedForgeries } from './forgeries.ts';

/** The numbers of secrets that a source has in the three instances of the function. */
export const SECRET_COUNTS = [0, 1, 10] as const;
export type SecretCount = (typeof SECRET_COUNTS)[number];

/** A request, and what it is about. */
export interface CostlyRequest {
  readonly source: string;
  readonly secrets: SecretCount;
  readonly trust: 'unverified' | 'verified';
  readonly what: string;
  readonly request: Forgery;
}

export interface CostSize {
  /** Sends every nth body, except to the sources that read a body before they verify it. */
  readonly every: number;
  /** The size of the bodies, as a share of the largest that the source accepts. The limits are twice that share. */
  readonly share: number;
}

const DEFAULT_MAX_BYTES = 1_048_576;
/** Leaves room for a signature in the body. */
const ENVELOPE_BYTES = 600;

/** The types of the bodies that a source reads before it has verified them, since its signature is in them or covers parts. */
const READ_UNVERIFIED: Readonly<Record<string, RegExp>> = {
  mailersend: /json/,
  mailgun: /json|form/,
  mandrill: /urlencoded/,
  scaleway: /json/,
  ses: /json/,
  'unisender-go': /json/,
};

/** The most expensive requests to every source. */
export function* costlyRequests(size: CostSize): Iterable<CostlyRequest> {
  for (const [at, { name, maxBytes = DEFAULT_MAX_BYTES }] of sources.entries()) {
    const bytes = Math.floor(maxBytes * size.share) - ENVELOPE_BYTES;
    for (const request of oversizedForgeries(name, Buffer.alloc(bytes, ' ')))
      yield* unverified(name, { what: 'large headers', request }, size);
    for (const [index, [what, costly]] of Object.entries(COSTLY_BODIES).entries())
      yield* requestsWith(name, { what, costly, bytes, isSelected: (index + at) % size.every === 0 }, size);
  }
}

function* requestsWith(source: string, sized: SizedBody, size: CostSize): Iterable<CostlyRequest> {
  const { isSelected, what, costly, bytes } = sized;
  if (isSelected || READ_UNVERIFIED[source]?.test(costly.type)) yield* forgeries(source, sized, size);
  if (isSelected) yield { source, what, secrets: 1, trust: 'verified', request: signed(source, costly, bytes) };
}

function* forgeries(source: string, { what, costly, bytes }: SizedBody, size: CostSize): Iterable<CostlyRequest> {
  for (const sent of ALLOWED_TOPICS.includes(source) ? [bytes, bytes / 3] : [bytes]) {
    for (const forged of forgeriesOf(source, costly.body(sent)))
      yield* unverified(source, { what, request: typed(forged, costly) }, size);
  }
}

interface SizedBody {
  readonly what: string;
  readonly costly: CostlyBody;
  readonly bytes: number;
  readonly isSelected: boolean;
}

function unverified(
  source: string,
  attack: Pick<CostlyRequest, 'what' | 'request'>,
  { every }: CostSize,
): readonly CostlyRequest[] {
  const counts = every > 1 ? [10 as const] : SECRET_COUNTS;
  return counts.map((secrets) => ({ source, secrets, trust: 'unverified', ...attack }));
}

/** Escaping may make the event of an SNS message twice as long. */
function signed(source: string, costly: CostlyBody, bytes: number): Forgery {
  const body = costly.body(ALLOWED_TOPICS.includes(source) ? bytes / 3 : bytes);
  const request = signRequest(source, body, { key: sampleKeyOf(source), at: new Date(), origin: ORIGIN });
  return typed({ ...request, query: '' }, costly);
}

function typed({ headers, ...rest }: Forgery, { type }: CostlyBody): Forgery {
  return { ...rest, headers: { 'content-type': type, ...headers } };
}
