import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import type { ClientRequest } from 'node:http';
import { join, relative } from 'node:path';
import process from 'node:process';

/** Where the relay's output is observed. */
export type Place = 'log' | 'request' | 'response' | 'file' | 'cli';
/** Receives a text of the output. `detail` names the stream, host, URL, file or command. */
export type Observe = (place: Place, detail: string, text: string) => void;

/** The message of undici, the implementation of `fetch`, for each request. */
interface FetchMessage {
  readonly request: { readonly origin: string; readonly path: string; readonly headers: readonly unknown[] };
}

/** The address in the path of a HubSpot URL, and the token in its header: the only allowed places. */
const HUBSPOT_SECRETS = /(\/communication-preferences\/[^/]+\/statuses\/)[^/?\s]+|(authorization\n)Bearer [^\n]+/g;

/**
 * Observes the URL and headers of every outgoing request, except requests of the proof itself: to the relay, and to the
 * simulator's control paths. Returns a function that stops.
 */
export function observeOutgoing(observe: Observe): () => void {
  const observeRequest = (host: string, text: string) => {
    const { PUBLIC_URL } = process.env;
    const isOfProof = (PUBLIC_URL && text.startsWith(PUBLIC_URL)) || text.includes('/_sim/');
    if (!isOfProof) observe('request', host, text.replace(HUBSPOT_SECRETS, '$1$2'));
  };
  const onFetch = (message: unknown) => {
    const { origin, path, headers } = (message as FetchMessage).request;
    observeRequest(origin, `${origin}${path}\n${headers.join('\n')}`);
  };
  const onHttpRequest = (message: unknown) => {
    const { request } = message as { readonly request: ClientRequest };
    observeRequest(request.host, `${request.path}\n${JSON.stringify(request.getHeaders())}`);
  };
  subscribe('undici:request:create', onFetch);
  subscribe('http.client.request.start', onHttpRequest);
  return () => {
    unsubscribe('undici:request:create', onFetch);
    unsubscribe('http.client.request.start', onHttpRequest);
  };
}

/** Observes every file of a folder and its subfolders. */
export function observeFiles(dir: string, observe: Observe): void {
  for (const file of readdirSync(dir, { recursive: true, encoding: 'utf8' })) {
    const path = join(dir, file);
    if (statSync(path).isFile()) observe('file', relative(dir, path), readFileSync(path, 'latin1'));
  }
}
