import type { APIGatewayProxyStructuredResultV2 } from 'aws-lambda';
import fc from 'fast-check';
import { sources } from '../../functions/sources/index.ts';
import { readTemplate } from '../../local/template.ts';
import { damaged } from '../../test/sources/harm.ts';
import type { FixtureBody } from '../harness/fixture-bodies.ts';
import { toldBy } from '../harness/fixture-bodies.ts';
import type { Asked } from '../harness/http-event.ts';
import { httpEvent } from '../harness/http-event.ts';
import { sampleKeyOf, signedBy } from '../harness/senders.ts';
import { HOSTILE_BODIES, HOSTILE_TEXTS } from './bodies.ts';
import { eventCases } from './events.ts';
import { CONTENT_TYPES, HOSTILE_HEADERS, HOSTILE_QUERIES, hostileTokens } from './requests.ts';

/** Something that was made to do harm, and the function that gets it. */
export interface HostileCase {
  readonly name: 'webhook' | 'unsubscribe' | 'mailbox' | 'events' | 'deliver';
  readonly what: string;
  /** Made when it is its turn: many of them weigh megabytes. */
  readonly event: () => unknown;
  /** Of what the function gives, or the error it throws. */
  readonly isWell: (answer: unknown) => boolean;
}

export interface Reach {
  readonly origin: string;
  /** The id of a key that links are sealed with. */
  readonly kid: string;
  /** Of a good link, and a key that may ask for links: what is hostile then gets behind the door. */
  readonly token: string;
  readonly apiKey: string;
  /** How many damaged bodies of each source are tried beside those that were thought of. */
  readonly runs: number;
}

/** All that a stranger may be answered; 503 would be a failure of ours. */
const STATUSES: readonly unknown[] = [200, 202, 204, 303, 400, 401, 404, 413, 415, 429];

function asking(ask: () => Asked): Pick<HostileCase, 'event' | 'isWell'> {
  const isWell = (answer: unknown) => STATUSES.includes((answer as APIGatewayProxyStructuredResultV2).statusCode);
  return { event: () => httpEvent(ask()), isWell };
}

interface Attempt {
  readonly what: string;
  readonly body: () => Buffer;
  readonly type: string;
  readonly headers?: () => Readonly<Record<string, string>>;
  readonly query?: string;
}

export function* hostileCases(reach: Reach): Iterable<HostileCase> {
  yield* sourceCases(reach);
  yield* pageCases(reach);
  yield* eventCases(reach);
}

/** Every body as the sender would prove it, so that it gets to the reader; and as a stranger who has no proof. */
function* sourceCases({ origin, runs }: Reach): Iterable<HostileCase> {
  for (const { name: source } of sources) {
    const route = { routeKey: 'POST /webhooks/{source}', path: `/webhooks/${source}`, parameters: { source } };
    for (const { what, body, type, headers = () => ({}), query = '' } of attemptsAt(toldBy(source), runs)) {
      const common = () => ({ 'content-type': type, ...headers() });
      const stranger = () => ({ ...route, query, headers: common(), body: body() });
      const sender = () => {
        const posted = signedBy(source, body(), { key: sampleKeyOf(source), at: new Date(), origin });
        return { ...route, query, headers: { ...common(), ...posted.headers }, body: posted.body };
      };
      yield { name: 'webhook', what: `${what} as ${type}, proven, to ${source}`, ...asking(sender) };
      yield { name: 'webhook', what: `${what} as ${type}, unproven, to ${source}`, ...asking(stranger) };
    }
  }
}

function* attemptsAt(told: readonly FixtureBody[], runs: number): Iterable<Attempt> {
  const [{ body: known, contentType: type }] = told as [FixtureBody];
  yield* attemptsAround({ body: () => Buffer.from(known), type });
  for (const each of told) yield* attemptsWithTexts(each);
  const bodies = fc.oneof(...told.map((each) => damaged(each.body)), fc.uint8Array({ maxLength: 4096 }), fc.json());
  for (const each of fc.sample(bodies, runs)) yield { what: 'a damaged body', body: () => Buffer.from(each), type };
}

/** Hostile bodies, announced as all that can be read; and hostile headers and queries around a good body. */
function* attemptsAround(good: Pick<Attempt, 'body' | 'type'>): Iterable<Attempt> {
  for (const [what, body] of Object.entries(HOSTILE_BODIES)) {
    for (const type of CONTENT_TYPES) yield { what, body, type };
  }
  for (const [what, headers] of Object.entries(HOSTILE_HEADERS)) yield { ...good, what, headers };
  for (const query of HOSTILE_QUERIES) yield { ...good, what: 'a hostile query', query };
}

/** What a body says: values of JSON, of a form, and between the tags of XML. */
const VALUES = /(?<=[:[,]\s*)"(?:[^"\\]|\\.)*"|(?<==)[^&"<>]+(?=&|$)|(?<=>)[^<>{}]+(?=<)/g;

/** A hostile text in the place of each value in turn. */
function* attemptsWithTexts({ body, contentType: type }: FixtureBody): Iterable<Attempt> {
  const values = [...body.matchAll(VALUES)];
  for (const [at, { index, 0: value }] of values.entries()) {
    const changed = () => {
      const text = HOSTILE_TEXTS[at % HOSTILE_TEXTS.length] ?? '';
      const encoded = value.startsWith('"') ? JSON.stringify(text) : encodeURIComponent(text.toWellFormed());
      return Buffer.from(body.slice(0, index) + encoded + body.slice(index + value.length));
    };
    yield { what: 'a hostile text', body: changed, type };
  }
}

/** Every route of the template, with whatever can be asked of it. */
function* pageCases({ kid, token, apiKey }: Reach): Iterable<HostileCase> {
  const name = 'unsubscribe';
  const good = { body: () => Buffer.from('email=ada%40example.com'), type: 'application/x-www-form-urlencoded' };
  for (const routeKey of readTemplate(new URL('../../', import.meta.url)).routes[name] ?? []) {
    const [, path = ''] = routeKey.split(' ');
    const route = { routeKey, path, headers: { authorization: `Bearer ${apiKey}` }, parameters: { token } };
    for (const sealed of hostileTokens(kid)) {
      const parameters = { token: sealed, receipt: sealed };
      yield {
        name,
        what: `a hostile token, to ${routeKey}`,
        ...asking(() => ({ ...route, parameters, body: good.body() })),
      };
    }
    for (const { what, body, type, headers = () => ({}), query = '' } of attemptsAround(good)) {
      const given = () => ({ ...route.headers, 'content-type': type, ...headers() });
      yield {
        name,
        what: `${what}, to ${routeKey}`,
        ...asking(() => ({ ...route, query, headers: given(), body: body() })),
      };
    }
  }
}
