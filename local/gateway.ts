import { randomUUID } from 'node:crypto';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { createServer } from 'node:http';
import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2 } from 'aws-lambda';
import { closeServer, listenOnLoopback } from './listen.ts';

/** API Gateway's own limit for a request. */
const MAX_BYTES = 10 * 1024 * 1024;

/** Where a request goes: a route key of API Gateway, and what runs the function behind it. */
export interface GatewayRoute {
  readonly key: string;
  readonly invoke: (event: APIGatewayProxyEventV2) => Promise<APIGatewayProxyStructuredResultV2>;
}

/** What only the local stack answers; undefined leaves the request to the routes. */
export type LocalPage = (path: string) => { readonly type: string; readonly body: string } | undefined;

export interface Gateway {
  readonly port: number;
  close(): Promise<void>;
}

/** An HTTP API of API Gateway (payload 2.0) on loopback. */
export async function startGateway(
  port: number,
  localPage: LocalPage,
  routes: () => readonly GatewayRoute[],
): Promise<Gateway> {
  const server: Server = createServer((request, response) => {
    answer(request, { localPage, routes: routes() }).then(
      (result) => send(response, result),
      () => send(response, { statusCode: 500, body: '{"message":"Internal Server Error"}' }),
    );
  });
  return { port: await listenOnLoopback(server, port), close: () => closeServer(server) };
}

interface Answering {
  readonly localPage: LocalPage;
  readonly routes: readonly GatewayRoute[];
}

async function answer(request: IncomingMessage, { localPage, routes }: Answering) {
  const url = new URL(request.url ?? '/', 'http://127.0.0.1');
  const local = localPage(url.pathname);
  if (local) return { statusCode: 200, headers: { 'content-type': local.type }, body: local.body };
  const body = await bodyOf(request);
  if (!body) return { statusCode: 413, body: '{"message":"Request Entity Too Large"}' };
  for (const route of routes) {
    const pathParameters = match(route.key, `${request.method} ${url.pathname}`);
    if (pathParameters) return route.invoke(eventOf(request, { url, body, routeKey: route.key, pathParameters }));
  }
  return { statusCode: 404, headers: { 'content-type': 'application/json' }, body: '{"message":"Not Found"}' };
}

/** The `{names}` of a route key that fits; undefined when it does not. */
function match(key: string, request: string): Record<string, string> | undefined {
  const pattern = key.replace(/\{(\w+)\}/g, '(?<$1>[^/]+)');
  const found = new RegExp(`^${pattern}$`).exec(request);
  if (!found) return undefined;
  return Object.fromEntries(Object.entries(found.groups ?? {}).map(([name, value]) => [name, decoded(value)]));
}

function decoded(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    return segment;
  }
}

async function bodyOf(request: IncomingMessage): Promise<Buffer | undefined> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of request) {
    length += chunk.length;
    if (length <= MAX_BYTES) chunks.push(chunk);
  }
  return length <= MAX_BYTES ? Buffer.concat(chunks) : undefined;
}

interface EventParts {
  readonly url: URL;
  readonly body: Buffer;
  readonly routeKey: string;
  readonly pathParameters: Record<string, string>;
}

function eventOf(
  request: IncomingMessage,
  { url, body, routeKey, pathParameters }: EventParts,
): APIGatewayProxyEventV2 {
  const headers = Object.fromEntries(
    Object.entries(request.headers).map(([name, value]) => [
      name,
      Array.isArray(value) ? value.join(',') : (value ?? ''),
    ]),
  );
  const isText = TEXT.test(headers['content-type'] ?? '') && Buffer.from(body.toString()).equals(body);
  const now = new Date();
  return {
    version: '2.0',
    routeKey,
    rawPath: url.pathname,
    rawQueryString: url.search.slice(1),
    headers,
    pathParameters,
    isBase64Encoded: !isText,
    body: body.toString(isText ? 'utf8' : 'base64'),
    requestContext: {
      accountId: '000000000000',
      apiId: 'local',
      domainName: headers.host ?? '',
      domainPrefix: 'local',
      http: {
        method: request.method ?? '',
        path: url.pathname,
        protocol: `HTTP/${request.httpVersion}`,
        sourceIp: request.socket.remoteAddress ?? '',
        userAgent: headers['user-agent'] ?? '',
      },
      requestId: randomUUID(),
      routeKey,
      stage: '$default',
      time: now.toISOString(),
      timeEpoch: now.getTime(),
    },
  };
}

/** API Gateway passes these on as text, everything else (forms too) in base64. */
const TEXT = /^(?:text\/|application\/(?:json|javascript|xml))/i;

function send(
  response: ServerResponse,
  { statusCode = 200, headers = {}, body = '', ...rest }: APIGatewayProxyStructuredResultV2,
) {
  for (const [name, value] of Object.entries(headers)) response.setHeader(name, String(value));
  response.writeHead(statusCode);
  response.end(rest.isBase64Encoded ? Buffer.from(body, 'base64') : body);
}
