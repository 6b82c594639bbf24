import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { text } from 'node:stream/consumers';
import { setTimeout as delay } from 'node:timers/promises';
import { answerControl, isControl } from './control.ts';
import { applies, faultAnswer, replaces } from './faults.ts';
import { type Answer, createPortal, type Exchange, type OAuthClient, type Portal } from './portal.ts';
import { answerApi, apiHeaders } from './routes.ts';

/** A running simulator of the parts of HubSpot's API that a relay of opt-outs can meet. */
export interface HubSpotSimulator {
  readonly url: string;
  readonly port: number;
  /** From now on these access tokens are accepted and no others. */
  setTokens(tokens: readonly string[]): void;
  /** Ends every connection at once. */
  close(): Promise<void>;
}

export interface SimulatorOptions {
  /** 0 takes any free port. */
  readonly port: number;
  /** Folder for the SQLite file; undefined keeps everything in memory. */
  readonly dir?: string;
  /** Access tokens accepted at the start. */
  readonly tokens: readonly string[];
  /** OAuth client accepted by the token endpoints, if any. */
  readonly oauth?: OAuthClient;
  readonly watch?: WatchCall;
}

/** Is shown every API request when it comes; what it gives back is told the status, 0 when the connection was cut. */
export type WatchCall = (call: {
  readonly method: string;
  readonly path: string;
  readonly correlationId: string;
}) => (status: number) => void;

/** Starts a simulator on 127.0.0.1. A port that is taken rejects with EADDRINUSE. */
export async function startHubSpotSimulator(options: SimulatorOptions): Promise<HubSpotSimulator> {
  const portal = createPortal(options.dir, options.oauth);
  portal.access.setTokens(options.tokens);
  const closing = new AbortController();
  const server = createServer({ keepAliveTimeout: 60_000 }, (request, response) => {
    serve(request, response, { portal, closing: closing.signal, watch: options.watch }).catch((error: unknown) =>
      send(response, { status: 500, body: { error: `the simulator failed: ${error}` } }),
    );
  });
  const port = await listen(server, options.port).catch((error: unknown) => {
    portal.store.close();
    throw error;
  });
  let closed: Promise<void> | undefined;
  const close = async () => {
    closing.abort();
    await end(server);
    portal.store.close();
  };
  return {
    url: `http://127.0.0.1:${port}`,
    port,
    setTokens: (tokens) => portal.access.setTokens(tokens),
    close() {
      closed ??= close();
      return closed;
    },
  };
}

interface Through {
  readonly portal: Portal;
  readonly closing: AbortSignal;
  readonly watch: WatchCall | undefined;
}

async function serve(request: IncomingMessage, response: ServerResponse, through: Through): Promise<void> {
  const exchange: Exchange = {
    method: request.method ?? 'GET',
    target: request.url ?? '/',
    authorization: request.headers.authorization,
    contentType: request.headers['content-type'],
    body: await text(request),
    at: new Date().toISOString(),
    correlationId: randomUUID(),
  };
  if (isControl(exchange.target)) return send(response, answerControl(exchange, through.portal));
  const { method, target: path, at, correlationId } = exchange;
  const setStatus = through.portal.requests.add({ at, method, path });
  const show = through.watch?.({ method, path, correlationId });
  const answer = await answerOrFault(exchange, through);
  show?.(answer === 'cut' ? 0 : answer.status);
  if (answer === 'cut') {
    response.destroy();
    return;
  }
  setStatus(answer.status);
  send(response, answer);
}

/** A planned fault comes before authentication and limits. One that only delays lets the request be carried out. */
async function answerOrFault(exchange: Exchange, { portal, closing }: Through): Promise<Answer | 'cut'> {
  const { method, target, correlationId } = exchange;
  const fault = portal.faults.take(method, target);
  if (fault === undefined) return answerApi(exchange, portal);
  if (fault.delayMs != null) await delay(fault.delayMs, undefined, { signal: closing });
  const normal = applies(fault) ? answerApi(exchange, portal) : undefined;
  if (fault.drop != null) return 'cut';
  const answer =
    normal === undefined || replaces(fault)
      ? { ...faultAnswer(fault, correlationId), headers: apiHeaders(correlationId, portal) }
      : normal;
  return { ...answer, headers: { ...answer.headers, ...fault.headers } };
}

function send(response: ServerResponse, { status, headers, body }: Answer): void {
  response.statusCode = status;
  for (const [name, value] of Object.entries(headers ?? {})) response.setHeader(name, value);
  response.end(typeof body === 'string' ? body : JSON.stringify(body));
}

async function listen(server: Server, port: number): Promise<number> {
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  return typeof address === 'object' && address !== null ? address.port : port;
}

async function end(server: Server): Promise<void> {
  const ended = once(server, 'close');
  server.close();
  server.closeAllConnections();
  await ended;
}
