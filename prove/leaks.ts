import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import type { ClientRequest } from 'node:http';
import { join, relative } from 'node:path';

/** What can be seen of the relay from outside. */
export type Place = 'the log' | 'a call' | 'an answer' | 'a file';
/** `of`: which one it is. */
export type See = (place: Place, of: string, text: string) => void;

/** Node's own fetch. */
interface FetchMessage {
  readonly request: { readonly origin: string; readonly path: string; readonly headers: readonly unknown[] };
}

/** Whatever is asked of others: its URL and headers. Gives back what ends that. */
export function seeOutgoing(see: See): () => void {
  const fetched = (message: unknown) => {
    const { request } = message as FetchMessage;
    see('a call', request.origin, `${request.origin}${request.path}\n${request.headers.join('\n')}`);
  };
  const requested = (message: unknown) => {
    const { request } = message as { readonly request: ClientRequest };
    const { host, path } = request;
    see('a call', host, `${path}\n${JSON.stringify(request.getHeaders())}`);
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
