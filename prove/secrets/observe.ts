import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import type { ClientRequest } from 'node:http';
import { join, relative } from 'node:path';
import process from 'node:process';

/** What can be seen of the relay from outside. */
export type Place = 'the log' | 'a call' | 'an answer' | 'a file' | 'the operator';
/** `of`: which one it is. */
export type See = (place: Place, of: string, text: string) => void;

/** Node's own fetch. */
interface FetchMessage {
  readonly request: { readonly origin: string; readonly path: string; readonly headers: readonly unknown[] };
}

/** The one place of a URL of HubSpot's that holds an address, and the header that holds the token. */
const HUBSPOT_CALL = /(\/communication-preferences\/[^/]+\/statuses\/)[^/?\s]+|(authorization\n)Bearer [^\n]+/g;

/**
 * Whatever the relay asks of others: its URL and headers. What is asked of the relay, or of the simulator's control paths, is
 * not the relay's. Gives back what ends that.
 */
export function seeOutgoing(see: See): () => void {
  const seeCall = (of: string, text: string) => {
    const { PUBLIC_URL } = process.env;
    const isOurs = (PUBLIC_URL && text.startsWith(PUBLIC_URL)) || text.includes('/_sim/');
    if (!isOurs) see('a call', of, text.replace(HUBSPOT_CALL, '$1$2'));
  };
  const fetched = (message: unknown) => {
    const { origin, path, headers } = (message as FetchMessage).request;
    seeCall(origin, `${origin}${path}\n${headers.join('\n')}`);
  };
  const requested = (message: unknown) => {
    const { request } = message as { readonly request: ClientRequest };
    seeCall(request.host, `${request.path}\n${JSON.stringify(request.getHeaders())}`);
  };
  subscribe('undici:request:create', fetched);
  subscribe('http.client.request.start', requested);
  return () => {
    unsubscribe('undici:request:create', fetched);
    unsubscribe('http.client.request.start', requested);
  };
}

/** Every byte that is stored in a folder. */
export function seeFiles(dir: string, see: See): void {
  for (const file of readdirSync(dir, { recursive: true, encoding: 'utf8' })) {
    const path = join(dir, file);
    if (statSync(path).isFile()) see('a file', relative(dir, path), readFileSync(path, 'latin1'));
  }
}
