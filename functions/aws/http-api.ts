import type { MiddlewareObj } from '@middy/core';
import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2 } from 'aws-lambda';
import type { PublicError } from '../core/model/errors.ts';
import { isCallerError, NotFound, RateLimited, RelayError } from '../core/model/errors.ts';
import type { Report } from '../core/model/telemetry.ts';
import type { HttpResponse, RawRequest, Routes } from '../core/payload/http.ts';
import { failureOf } from './telemetry.ts';

export type HttpEvent = APIGatewayProxyEventV2;
export type HttpResult = APIGatewayProxyStructuredResultV2;

/** Creates the Lambda handler of an API Gateway HTTP API (payload format 2.0). The route key selects the route. */
export function createHttpHandler(routes: Routes, publicUrl: URL): (event: HttpEvent) => Promise<HttpResult> {
  return async (event) => {
    const route = routes[event.routeKey];
    if (!route) throw new NotFound('no such route');
    const request = requestOf(event, publicUrl);
    return resultOf(await route(request, parametersOf(event)), request);
  };
}

/** Renders an error for the caller. */
export type ErrorPage = (error: PublicError, request: RawRequest) => HttpResponse;

/** Turns errors into responses. Failures of the relay are reported, and the caller gets a generic message. */
export function errorResponder(
  publicUrl: URL,
  { report, show }: { readonly report: Report; readonly show: ErrorPage },
): MiddlewareObj<HttpEvent, HttpResult> {
  return {
    onError(invocation) {
      const { error } = invocation;
      const { status, errorCode } = error instanceof RelayError ? error : UNEXPECTED;
      if (!isCallerError(error)) report({ event: 'request.failed', failure: failureOf(error) });
      const request = requestOf(invocation.event, publicUrl);
      const message = isCallerError(error) ? error.message : 'the request was not recorded; please try again';
      const retryAfterSeconds = error instanceof RateLimited ? error.retryAfterSeconds : undefined;
      const { headers, ...response } = show({ status, message, errorCode, retryAfterSeconds }, request);
      const retryAfter = retryAfterSeconds === undefined ? {} : { 'retry-after': `${retryAfterSeconds}` };
      invocation.response = resultOf({ ...response, headers: { ...headers, ...retryAfter } }, request);
    },
  };
}

const UNEXPECTED = { status: 503, errorCode: 'failure' } as const;

function requestOf(event: HttpEvent, publicUrl: URL): RawRequest {
  return {
    method: event.requestContext.http.method,
    // Assigned, not resolved: a path that begins with two slashes would resolve to another host.
    url: Object.assign(new URL(publicUrl), { pathname: event.rawPath, search: event.rawQueryString }),
    headers: Object.fromEntries(
      Object.entries(event.headers).map(([name, value]) => [name.toLowerCase(), value ?? '']),
    ),
    body: Buffer.from(event.body ?? '', event.isBase64Encoded ? 'base64' : 'utf8'),
    receivedAt: new Date(event.requestContext.timeEpoch),
    client: event.requestContext.http.sourceIp,
  };
}

function parametersOf({ pathParameters = {} }: HttpEvent): Record<string, string> {
  return Object.fromEntries(Object.entries(pathParameters).map(([name, value]) => [name, value ?? '']));
}

/** On every response: no caching, indexing, content sniffing or referrer. */
const HEADERS = {
  'cache-control': 'no-store',
  'referrer-policy': 'no-referrer',
  'strict-transport-security': 'max-age=63072000; includeSubDomains',
  'x-content-type-options': 'nosniff',
  'x-robots-tag': 'noindex',
};

function resultOf({ status, headers = {}, body = '' }: HttpResponse, { method }: RawRequest): HttpResult {
  return {
    statusCode: status,
    headers: { ...HEADERS, ...headers },
    body: method === 'HEAD' ? '' : body,
    isBase64Encoded: false,
  };
}
