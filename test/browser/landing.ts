import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { closeServer, listenOnLoopback } from '../../local/listen.ts';

const DOCS = join(import.meta.dirname, '../../docs');

/** A landing page at another origin than the relay's. */
export interface Landing {
  readonly url: string;
  /** The same page at an origin that nobody has listed. */
  readonly unlistedUrl: string;
  close(): Promise<void>;
}

/** Serves a page whose forms post to `relay()`, with what docs/forms.md shows and under the policy that it names. */
export async function serveLanding(relay: () => string): Promise<Landing> {
  const server = createServer(({ url }, response) => {
    if (url === '/unsubscribe-form.js') {
      response.setHeader('content-type', 'text/javascript').end(readFileSync(join(DOCS, url)));
    } else {
      response.setHeader('content-security-policy', policyFor(relay()));
      response.setHeader('content-type', 'text/html; charset=utf-8').end(pageFor(relay()));
    }
  });
  const port = await listenOnLoopback(server, 0);
  const close = () => closeServer(server);
  return { url: `http://127.0.0.1:${port}/`, unlistedUrl: `http://localhost:${port}/`, close };
}

const policyFor = (relay: string): string =>
  `default-src 'none'; script-src 'self'; connect-src ${relay}; form-action ${relay}; base-uri 'none'`;

/** The form in English, and the one with German words. */
function pageFor(relay: string): string {
  const shown = readFileSync(join(DOCS, 'forms.md'), 'utf8').matchAll(/```html\n(.*?)```/gs);
  const [form = '', script = '', german = ''] = Array.from(shown, ([, markup = '']) => markup);
  const fields = form.slice(form.indexOf('>') + 1).replaceAll(/(id|for)="email"/g, '$1="other"');
  const other = german + fields.replace('value="en"', 'value="de"');
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>A landing page</title>
${script}
<main><h1>A landing page</h1>
${(form + other).replaceAll('https://optout.example.com', relay)}</main>
</html>`;
}
