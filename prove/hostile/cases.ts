import type { APIGatewayProxyStructuredResultV2 } from 'aws-lambda';
import fc from 'fast-check';
import { sources } from '../../functions/sources/index.ts';
import { readTemplate } from '../../local/template.ts';
import { damaged } from '../../test/sources/harm.ts';
import type { FixtureBody } from '../harness/fixture-bodies.ts';
import { fixtureBodiesOf } from '../harness/fixture-bodies.ts';
import type { HttpRequest } from '../harness/http-event.ts';
import { httpEvent } from '../harness/http-event.ts';
import { sampleKeyOf, signRequest } from '../harness/senders.ts';
import { HOSTILE_BODIES, HOSTILE_TEXTS } from './bodies.ts';
import type { HostileCase, HostileOptions } from './case.ts';
import { eventCases } from './events.ts';
import { CONTENT_TYPES, HOSTILE_HEADERS, HOSTILE_QUERIES, hostileTokens } from './requests.ts';

/** The documented statuses, except 503: hostile input must not make the relay fail. */
const STATUSES: readonly unknown[] = [200, 202, 204, 302, 303, 400, 401, 404, 413, 415, 429];

function requestCase(request: () => HttpRequest): Pick<HostileCase, 'event' | 'isExpected'> {
  const isExpected = (response: unknown) =>
    STATUSES.includes((response as APIGatewayProxyStructuredResultV2).statusCode);
  return { event: () => httpEvent(request()), isExpected };
}

interface HostileRequest {
  readonly what: string;
  readonly body: () => Buffer;
  readonly type: string;
  readonly headers?: () => Readonly<Record<string, string>>;
  readonly query?: string;
}

export function* hostileCases(options: HostileOptions): Iterable<HostileCase> {
  yield* sourceCases(options);
  yield* pageCases(options);
  yield* eventCases(options);
}

/** Every body twice: correctly signed, so that it reaches the reader, and unsigned. */
function* sourceCases({ origin, runs }: HostileOptions): Iterable<HostileCase> {
  for (const { name: source } of sources) {
    const route = { routeKey: 'POST /webhooks/{source}', path: `/webhooks/${source}`, parameters: { source } };
    for (const { what, body, type, headers = () => ({}), query = '' } of requestsTo(fixtureBodiesOf(source), runs)) {
      const common = () => ({ 'content-type': type, ...headers() });
      const unsignedRequest = () => ({ ...route, query, headers: common(), body: body() });
      const signedRequest = () => {
        const signed = signRequest(source, body(), { key: sampleKeyOf(source), at: new Date(), origin });
        return { ...route, query, headers: { ...common(), ...signed.headers }, body: signed.body };
      };
      yield { name: 'webhook', what: `${what} as ${type}, signed, to ${source}`, ...requestCase(signedRequest) };
      yield { name: 'webhook', what: `${what} as ${type}, unsigned, to ${source}`, ...requestCase(unsignedRequest) };
    }
  }
}

function* requestsTo(fixtures: readonly FixtureBody[], runs: number): Iterable<HostileRequest> {
  const [{ body: valid, contentType: type }] = fixtures as [FixtureBody];
  yield* hostileVariants({ body: () => Buffer.from(valid), type });
  for (const fixture of fixtures) yield* withHostileTexts(fixture);
  const bodies = fc.oneof(...fixtures.map((it) => damaged(it.body)), fc.uint8Array({ maxLength: 4096 }), fc.json());
  for (const body of fc.sample(bodies, runs)) yield { what: 'a damaged body', body: () => Buffer.from(body), type };
}

/** Hostile bodies with every content type, and hostile headers and queries with a valid body. */
function* hostileVariants(valid: Pick<HostileRequest, 'body' | 'type'>): Iterable<HostileRequest> {
  for (const [what, body] of Object.entries(HOSTILE_BODIES)) {
    for (const type of CONTENT_TYPES) yield { what, body, type };
  }
  for (const [what, headers] of Object.entries(HOSTILE_HEADERS)) yield { ...valid, what, headers };
  for (const query of HOSTILE_QUERIES) yield { ...valid, what: 'a hostile query', query };
}

/** The values of a body: in JSON, in a form, and between the tags of XML. */
const VALUES = /(?<=[:[,]\s*)"(?:[^"\\]|\\.)*"|(?<==)[^&"<>]+(?=&|$)|(?<=>)[^<>{}]+(?=<)/g;

/** Replaces each value in turn with a hostile text. */
function* withHostileTexts({ body, contentType: type }: FixtureBody): Iterable<HostileRequest> {
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

/** Hostile requests to every route of the unsubscribe function. */
function* pageCases({ kid, token, apiKey }: HostileOptions): Iterable<HostileCase> {
  const name = 'unsubscribe';
  const valid = { body: () => Buffer.from('email=ada%40example.com'), type: 'application/x-www-form-urlencoded' };
  for (const routeKey of readTemplate(new URL('../../', import.meta.url)).routes[name] ?? []) {
    const [, path = ''] = routeKey.split(' ');
    const route = { routeKey, path, headers: { authorization: `Bearer ${apiKey}` }, parameters: { token } };
    for (const sealed of hostileTokens(kid)) {
      const parameters = { token: sealed, receipt: sealed };
      yield {
        name,
        what: `a hostile token, to ${routeKey}`,
        ...requestCase(() => ({ ...route, parameters, body: valid.body() })),
      };
    }
    for (const { what, body, type, headers = () => ({}), query = '' } of hostileVariants(valid)) {
      const allHeaders = () => ({ ...route.headers, 'content-type': type, ...headers() });
      yield {
        name,
        what: `${what}, to ${routeKey}`,
        ...requestCase(() => ({ ...route, query, headers: allHeaders(), body: body() })),
      };
    }
  }
}
