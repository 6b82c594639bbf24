import { randomBytes } from 'node:crypto';
import middy from '@middy/core';
import type { Context } from 'aws-lambda';
import { describe, expect, it } from 'vitest';
import { createHttpHandler, errorResponder, type HttpEvent, type HttpResult } from '../../functions/aws/http-api.ts';
import {
  InvalidToken,
  Misconfigured,
  NotFound,
  RateLimited,
  TooLarge,
  Unauthenticated,
  Unavailable,
  Unreadable,
  UnsupportedBody,
} from '../../functions/core/model/errors.ts';
import type { RelayEvent } from '../../functions/core/model/telemetry.ts';
import { jsonError, type RawRequest, type Routes } from '../../functions/core/payload/http.ts';
import { allOf } from './listening.ts';

const PUBLIC_URL = new URL('https://relay.example.com');
const ROUTE = 'POST /webhooks/{source}';
const CONTEXT = { awsRequestId: 'request-1' } as Context;

interface Given extends Partial<Omit<HttpEvent, 'requestContext'>> {
  readonly method?: string;
}

/** https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html, payload 2.0 */
function eventOf({ method = 'POST', ...given }: Given = {}): HttpEvent {
  const http = { method, path: '/', protocol: 'HTTP/1.1', sourceIp: '192.0.2.1', userAgent: 'test' };
  const at = { time: '23/Nov/2026:10:00:00 +0000', timeEpoch: Date.parse('2026-11-23T10:00:00.000Z') };
  return {
    version: '2.0',
    routeKey: ROUTE,
    rawPath: '/webhooks/sendgrid',
    rawQueryString: '',
    headers: { host: 'evil.example' },
    isBase64Encoded: false,
    requestContext: {
      accountId: '000000000000',
      apiId: 'api',
      domainName: 'evil.example',
      domainPrefix: 'evil',
      requestId: 'api-1',
      routeKey: ROUTE,
      stage: '$default',
      http,
      ...at,
    },
    ...given,
  };
}

/** Creates the handler as the Lambdas do: routes and error responder. */
function serving(route: Routes[string]) {
  const events: RelayEvent[] = [];
  const shown: RawRequest[] = [];
  const errorCodes: string[] = [];
  const handler = middy<HttpEvent, HttpResult>()
    .use(
      errorResponder(PUBLIC_URL, {
        report: (event) => void events.push(event),
        show(error, request) {
          shown.push(request);
          errorCodes.push(error.errorCode);
          return jsonError(error);
        },
      }),
    )
    .handler(createHttpHandler({ [ROUTE]: route }, PUBLIC_URL));
  return { handle: (given?: Given) => handler(eventOf(given), CONTEXT), events, shown, errorCodes };
}

/** Returns the request and the parameters that the route receives. */
async function seen(given: Given) {
  const seen: { request?: RawRequest; parameters?: Readonly<Record<string, string>> } = {};
  const { handle } = serving((request, parameters) => {
    Object.assign(seen, { request, parameters });
    return { status: 200 };
  });
  expect(await handle(given)).toMatchObject({ statusCode: 200 });
  return seen;
}

describe('a request', () => {
  it.each<[string, Given, Buffer]>([
    ['plain', { body: '{"name":"Zoë 😀\r\n"}' }, Buffer.from('{"name":"Zoë 😀\r\n"}')],
    ['empty', { body: '' }, Buffer.alloc(0)],
    ['missing', {}, Buffer.alloc(0)],
    ['missing, in base64', { isBase64Encoded: true }, Buffer.alloc(0)],
    ['base64', { body: 'AP/+gA0K', isBase64Encoded: true }, Buffer.from([0, 255, 254, 128, 13, 10])],
    ['text that looks like base64', { body: 'AP/+gA0K' }, Buffer.from('AP/+gA0K')],
  ])('has the exact bytes of its body: %s', async (_what, given, bytes) => {
    expect(Buffer.from((await seen(given)).request?.body ?? [])).toEqual(bytes);
  });

  it('has the exact bytes of a large body', async () => {
    const bytes = randomBytes(300_000);

    const { request } = await seen({ body: bytes.toString('base64'), isBase64Encoded: true });

    expect(bytes.equals(request?.body ?? Buffer.alloc(0))).toBe(true);
  });

  it('has lower-case header names', async () => {
    const headers = { 'X-Signature': 'A', 'content-Type': 'text/plain', constructor: 'c', empty: undefined };

    const { request } = await seen({ headers });

    expect(request?.headers).toEqual({ 'x-signature': 'A', 'content-type': 'text/plain', constructor: 'c', empty: '' });
  });

  it.each<[string, string, string]>([
    ['/webhooks/sendgrid', '', 'https://relay.example.com/webhooks/sendgrid'],
    ['/webhooks/sendgrid', 'a=1&b=%20x&b=+', 'https://relay.example.com/webhooks/sendgrid?a=1&b=%20x&b=+'],
    ['/', '', 'https://relay.example.com/'],
    ['//evil.example/u/x', '', 'https://relay.example.com//evil.example/u/x'],
    ['/\\evil.example', '', 'https://relay.example.com//evil.example'],
    ['//', '', 'https://relay.example.com//'],
    ['/a?b#c', 'd', 'https://relay.example.com/a%3Fb%23c?d'],
  ])('for %s?%s has the public URL, whatever its Host header', async (rawPath, rawQueryString, url) => {
    const headers = { Host: 'evil.example', 'X-Forwarded-Host': 'evil.example', 'X-Forwarded-Proto': 'http' };

    const { request } = await seen({ rawPath, rawQueryString, headers });

    expect(request?.url.href).toBe(url);
    expect(PUBLIC_URL.href).toBe('https://relay.example.com/');
  });

  it('has its method, the time of receipt and its parameters', async () => {
    const { request, parameters } = await seen({
      method: 'PUT',
      pathParameters: { source: 'sendgrid', none: undefined },
    });

    expect(request).toMatchObject({ method: 'PUT', receivedAt: new Date('2026-11-23T10:00:00.000Z') });
    expect(parameters).toEqual({ source: 'sendgrid', none: '' });
    expect((await seen({})).parameters).toEqual({});
  });

  it('has the client address that the gateway saw, whatever its headers', async () => {
    const headers = { 'X-Forwarded-For': '198.51.100.7', Forwarded: 'for=198.51.100.7' };

    expect((await seen({ headers })).request?.client).toBe('192.0.2.1');
  });
});

describe('a response', () => {
  it('has the status, headers and body of the route, and the default security headers', async () => {
    const { handle } = serving(() => ({ status: 303, headers: { location: '/receipts/x' }, body: 'see there' }));

    expect(await handle()).toEqual({
      statusCode: 303,
      headers: {
        'cache-control': 'no-store',
        'referrer-policy': 'no-referrer',
        'strict-transport-security': expect.stringMatching(/^max-age=\d{8}/),
        'x-content-type-options': 'nosniff',
        'x-robots-tag': 'noindex',
        location: '/receipts/x',
      },
      body: 'see there',
      isBase64Encoded: false,
    });
  });

  it('can override the default headers', async () => {
    const { handle } = serving(() => ({ status: 200, headers: { 'cache-control': 'max-age=60' } }));

    expect((await handle()).headers).toMatchObject({ 'cache-control': 'max-age=60', 'x-robots-tag': 'noindex' });
  });

  it('has no body for HEAD, also if it is an error', async () => {
    const fine = serving(() => ({ status: 200, headers: { 'content-type': 'text/html' }, body: '<p>' }));
    const broken = serving(() => {
      throw new NotFound('no such source');
    });

    expect(await fine.handle({ method: 'HEAD' })).toMatchObject({ statusCode: 200, body: '' });
    expect(await broken.handle({ method: 'HEAD' })).toMatchObject({ statusCode: 404, body: '' });
  });
});

const FAILED = '{"error":"the request was not recorded; please try again"}';

describe('an error', () => {
  it.each<[unknown, string]>([
    [new Unreadable('the form cannot be read'), 'unreadable'],
    [new Unreadable('no such brand', 'unknownBrand'), 'unknownBrand'],
    [new InvalidToken('this link is not valid'), 'badLink'],
    [new NotFound('no such route'), 'badLink'],
    [new TooLarge('the body is too large'), 'tooLarge'],
    [new UnsupportedBody('the body is of no kind we read'), 'unreadable'],
    [new RateLimited('too many requests', 60), 'tooMany'],
    [new Unavailable('could not enqueue: InternalError'), 'failure'],
    [new Error('boom'), 'failure'],
    ['boom', 'failure'],
  ])('(%s) is rendered with its errorCode: %s', async (error, errorCode) => {
    const { handle, errorCodes } = serving(() => Promise.reject(error));

    await handle();

    expect(errorCodes).toEqual([errorCode]);
  });

  it.each([
    [new Unauthenticated('no configured secret matches'), 401],
    [new Unreadable('the body is not JSON'), 400],
    [new InvalidToken('this link is not valid'), 400],
    [new NotFound('no such source'), 404],
    [new TooLarge('the body is too large'), 413],
    [new UnsupportedBody('the body is of no kind we read'), 415],
    [new RateLimited('too many requests', 60), 429],
  ])('of the caller (%s) has its own status and message, and is not reported', async (error, status) => {
    const { handle, events, shown } = serving(() => Promise.reject(error));

    const answer = await handle();

    expect(answer).toMatchObject({ statusCode: status, headers: { 'cache-control': 'no-store' } });
    expect(JSON.parse(answer.body ?? '')).toEqual({ error: error.message });
    expect(events).toEqual([]);
    expect(shown).toMatchObject([{ method: 'POST', url: new URL('https://relay.example.com/webhooks/sendgrid') }]);
  });

  it.each([
    [new Unavailable('could not enqueue: InternalError'), 503],
    [new Unavailable('not recorded, try again', 429), 429],
    [new Misconfigured('LEDGER_TABLE is missing'), 503],
  ])('of the relay (%s) has its own status, and its message is only logged', async (error, status) => {
    const { handle } = serving(() => Promise.reject(error));

    expect(await handle()).toMatchObject({ statusCode: status, body: FAILED });
  });

  it('has Retry-After if the rate limit is exceeded', async () => {
    const tooMany = serving(() => Promise.reject(new RateLimited('too many requests', 1234)));
    const failing = serving(() => Promise.reject(new Unavailable('not recorded, try again', 429)));

    const { headers } = await tooMany.handle();
    expect(headers).toMatchObject({
      'retry-after': '1234',
      'content-type': 'application/json',
      'x-robots-tag': 'noindex',
    });
    expect((await failing.handle()).headers).not.toHaveProperty('retry-after');
  });

  it.each([new RateLimited('too many requests', 60), new Misconfigured('LEDGER_TABLE is missing'), new Error('boom')])(
    'does not reveal the caller: %s',
    async (error) => {
      const { handle, events } = serving(() => Promise.reject(error));

      expect(allOf({ answer: await handle(), events })).not.toContain('192.0.2.1');
    },
  );

  it('of the relay is reported with its reason', async () => {
    const { handle, events } = serving(() => Promise.reject(new Misconfigured('LEDGER_TABLE is missing')));

    await handle();

    const failure = { name: 'Misconfigured', reason: 'LEDGER_TABLE is missing', status: 503 };
    expect(events).toEqual([{ event: 'request.failed', failure }]);
  });

  it.each<[string, unknown]>([
    ['an error', new TypeError('shibboleth of ann@example.com')],
    ['a throw of something else', 'shibboleth'],
    ['an error with a status', Object.assign(new Error('shibboleth'), { status: 418, statusCode: 418, expose: true })],
    ['an error with a cause', new Error('shibboleth', { cause: new Error('ann@example.com') })],
    ['an error that looks like a stack', new Error('x\n    at shibboleth\n    at ann@example.com')],
  ])('that is unexpected is a 503 without its message: %s', async (_what, error) => {
    const { handle, events } = serving(() => Promise.reject(error));

    const answer = await handle();

    expect(answer).toMatchObject({ statusCode: 503, body: FAILED });
    expect(events).toMatchObject([{ event: 'request.failed' }]);
    expect(allOf({ answer, events })).not.toMatch(/shibboleth|ann@example/);
  });

  it('is returned for an unknown route', async () => {
    const { handle } = serving(() => ({ status: 200 }));

    expect(await handle({ routeKey: 'GET /' })).toMatchObject({ statusCode: 404 });
  });
});
