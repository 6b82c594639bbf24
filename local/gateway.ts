import { randomUUID } from 'node:crypto';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { createServer } from 'node:http';
import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2 } from 'aws-lambda';
import { closeServer, listenOnLoopback } from './listen.ts';
import { isSameOrigin } from './same-origin.ts';

/** API Gateway's limit for a request body. */
const MAX_BYTES = 10 * 1024 * 1024;

/** An API Gateway route key, and the function that it invokes. */
export interface GatewayRoute {
  readonly key: string;
  readonly invoke: (event: APIGatewayProxyEventV2) => Promise<APIGatewayProxyStructuredResultV2>;
}

/** Routes of the local pages, by route key. */
export type LocalRoutes = Readonly<Record<string, LocalRoute>>;
export type LocalRoute = (exchange: LocalExchange) => void | Promise<void>;

export interface LocalExchange {
  readonly request: IncomingMessage;
  /** The route writes and ends it. */
  readonly response: ServerResponse;
  readonly parameters: Readonly<Record<string, string>>;
}

/** Wraps every request to a function. */
export type WatchRequest = (
  request: { readonly method: string; readonly path: string },
  respond: () => Promise<APIGatewayProxyStructuredResultV2>,
) => Promise<APIGatewayProxyStructuredResultV2>;

export interface GatewayOptions {
  readonly port: number;
  /** Called for each request. */
  readonly routes: () => readonly GatewayRoute[];
  readonly local: () => LocalRoutes;
  readonly watch: WatchRequest;
  /** Origins of landing pages that may call the routes, as CORS allows them. The local pages stay same-origin. */
  readonly origins: readonly string[];
}

export interface Gateway {
  readonly port: number;
  close(): Promise<void>;
}

/** Starts an API Gateway HTTP API (payload format 2.0) on loopback, with the local pages. */
export async function startGateway({ port, routes, local, watch, origins }: GatewayOptions): Promise<Gateway> {
  const server: Server = createServer((request, response) => {
    const url = urlOf(request);
    const callFunction = async () => {
      const path = { method: request.method ?? '', path: url.pathname };
      send(response, await watch(path, () => dispatch(request, url, routes())));
    };
    const handled = serveLocally(request, response, local()) ?? callFunction();
    handled.catch(() => fail(response));
  });
  const accepts = (request: IncomingMessage) => isSameOrigin(request, origins);
  return { port: await listenOnLoopback(server, port, accepts), close: () => closeServer(server) };
}

const urlOf = (request: IncomingMessage): URL => new URL(request.url ?? '/', 'http://127.0.0.1');

/** Returns undefined if no local route matches. */
function serveLocally(request: IncomingMessage, response: ServerResponse, local: LocalRoutes) {
  const target = `${request.method} ${urlOf(request).pathname}`;
  for (const [key, route] of Object.entries(local)) {
    const parameters = match(key, target);
    if (!parameters) continue;
    if (isSameOrigin(request)) return start(() => route({ request, response, parameters }));
    return start(() => send(response, { statusCode: 403, body: '{"message":"Forbidden"}' }));
  }
  return undefined;
}

const start = async (run: () => void | Promise<void>): Promise<void> => run();

function fail(response: ServerResponse): void {
  if (response.headersSent) response.destroy();
  else send(response, { statusCode: 500, body: '{"message":"Internal Server Error"}' });
}

async function dispatch(request: IncomingMessage, url: URL, routes: readonly GatewayRoute[]) {
  const body = await bodyOf(request);
  if (!body) return { statusCode: 413, body: '{"message":"Request Entity Too Large"}' };
  for (const route of routes) {
    const pathParameters = match(route.key, `${request.method} ${url.pathname}`);
    if (pathParameters) return route.invoke(eventOf(request, { url, body, routeKey: route.key, pathParameters }));
  }
  return { statusCode: 404, headers: { 'content-type': 'application/json' }, body: '{"message":"Not Found"}' };
}

/** Returns the path parameters if a request matches a route key, or undefined. */
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

/** API Gateway passes these media types as text, and everything else, including forms, as base64. */
const TEXT = /^(?:text\/|application\/(?:json|javascript|xml))/i;

function send(
  response: ServerResponse,
  { statusCode = 200, headers = {}, body = '', ...rest }: APIGatewayProxyStructuredResultV2,
) {
  for (const [name, value] of Object.entries(headers)) response.setHeader(name, String(value));
  response.writeHead(statusCode);
  response.end(rest.isBase64Encoded ? Buffer.from(body, 'base64') : body);
}
