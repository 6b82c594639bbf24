import { createServer } from 'node:http';
import { closeServer, listenOnLoopback } from '../../local/listen.ts';
import { documentedPolicy, incompleteForm, recipes, twoForms } from './recipes.ts';

/** A landing page whose origin is not the relay's. */
export interface Landing {
  readonly url: string;
  /** The same pages at an origin that is not configured. */
  readonly disallowedUrl: string;
  close(): Promise<void>;
}

/**
 * Serves a page with two forms at `/`, an incomplete form at `/incomplete?{markup}`, and the page of each recipe at `/{name}`. The
 * first two have the content security policy of docs/forms.md. The forms post to `relay()`.
 */
export async function serveLanding(relay: () => string): Promise<Landing> {
  const server = createServer(async ({ url }, response) => {
    const { pathname, search } = new URL(url ?? '/', 'http://127.0.0.1');
    const recipe = recipes[decodeURIComponent(pathname.slice(1))];
    const page = pathname === '/' ? twoForms(relay()) : incompleteForm(relay(), decodeURIComponent(search.slice(1)));
    if (!recipe) response.setHeader('content-security-policy', documentedPolicy(relay()));
    response.setHeader('content-type', 'text/html; charset=utf-8').end((await recipe?.(relay())) ?? page);
  });
  const port = await listenOnLoopback(server, 0);
  const close = () => closeServer(server);
  return { url: `http://127.0.0.1:${port}/`, disallowedUrl: `http://localhost:${port}/`, close };
}
