import { randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { text } from 'node:stream/consumers';
import { setTimeout as delay } from 'node:timers/promises';
import { closeServer, listenOnLoopback } from '../listen.ts';
import { handleControl, isControlPath } from './control.ts';
import { carriesOut, faultResponse, replacesResponse } from './faults.ts';
import type { ApiRequest, ApiResponse } from './http.ts';
import { createPortal, type OAuthClient, type Portal } from './portal.ts';
import { apiHeaders, handleApi } from './routes.ts';

/** A running simulator of the parts of HubSpot's API that the relay can call. */
export interface HubSpotSimulator {
  readonly url: string;
  readonly port: number;
  /** Replaces the accepted access tokens, including those issued with OAuth. */
  setTokens(tokens: readonly string[]): void;
  /** Closes every connection at once. */
  close(): Promise<void>;
}

export interface SimulatorOptions {
  /** 0 takes any free port. */
  readonly port: number;
  /** Folder of the SQLite file. If omitted, everything is in memory. */
  readonly dir?: string;
  /** The access tokens accepted at the start. */
  readonly tokens: readonly string[];
  /** The business units other than 0, at the start and after a reset. If omitted, none. */
  readonly brands?: readonly number[];
  /** The OAuth client that the token endpoints accept. If omitted, none. */
  readonly oauth?: OAuthClient;
  readonly watch?: WatchCall;
}

/** Called for every API request when it arrives. Returns a callback for its status, 0 if the connection was cut. */
export type WatchCall = (call: {
  readonly method: string;
  readonly path: string;
  readonly correlationId: string;
}) => (status: number) => void;

/** Starts a simulator on 127.0.0.1. Rejects with EADDRINUSE if the port is taken. */
export async function startHubSpotSimulator(options: SimulatorOptions): Promise<HubSpotSimulator> {
  const portal = createPortal(options.dir, options.oauth, options.brands);
  portal.access.setTokens(options.tokens);
  const closing = new AbortController();
  const server = createServer({ keepAliveTimeout: 60_000 }, (request, response) => {
    serve(request, response, { portal, closing: closing.signal, watch: options.watch }).catch((error: unknown) =>
      send(response, { status: 500, body: { error: `the simulator failed: ${error}` } }),
    );
  });
  const port = await listenOnLoopback(server, options.port).catch((error: unknown) => {
    portal.store.close();
    throw error;
  });
  let closed: Promise<void> | undefined;
  const close = async () => {
    closing.abort();
    await closeServer(server);
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

interface Ports {
  readonly portal: Portal;
  readonly closing: AbortSignal;
  readonly watch: WatchCall | undefined;
}

async function serve(incoming: IncomingMessage, outgoing: ServerResponse, ports: Ports): Promise<void> {
  const request: ApiRequest = {
    method: incoming.method ?? 'GET',
    target: incoming.url ?? '/',
    authorization: incoming.headers.authorization,
    contentType: incoming.headers['content-type'],
    body: await text(incoming),
    at: new Date().toISOString(),
    correlationId: randomUUID(),
  };
  if (isControlPath(request.target)) return send(outgoing, handleControl(request, ports.portal));
  const { method, target: path, at, correlationId } = request;
  const logStatus = ports.portal.requests.add({ at, method, path });
  const watchStatus = ports.watch?.({ method, path, correlationId });
  const response = await respond(request, ports);
  watchStatus?.(response === 'cut' ? 0 : response.status);
  if (response === 'cut') {
    outgoing.destroy();
    return;
  }
  logStatus(response.status);
  send(outgoing, response);
}

/** Applies a planned fault before authentication and limits. A fault that only delays lets the request be carried out. */
async function respond(request: ApiRequest, { portal, closing }: Ports): Promise<ApiResponse | 'cut'> {
  const { correlationId } = request;
  const fault = portal.faults.take(request);
  if (fault === undefined) return handleApi(request, portal);
  if (fault.delayMs != null) await delay(fault.delayMs, undefined, { signal: closing });
  const normal = carriesOut(fault) ? handleApi(request, portal) : undefined;
  if (fault.drop != null) return 'cut';
  const response =
    normal === undefined || replacesResponse(fault)
      ? { ...faultResponse(fault, correlationId), headers: apiHeaders(correlationId, portal) }
      : normal;
  return { ...response, headers: { ...response.headers, ...fault.headers } };
}

function send(outgoing: ServerResponse, { status, headers, body }: ApiResponse): void {
  outgoing.statusCode = status;
  for (const [name, value] of Object.entries(headers ?? {})) outgoing.setHeader(name, value);
  outgoing.end(typeof body === 'string' ? body : JSON.stringify(body));
}
