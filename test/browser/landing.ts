import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { closeServer, listenOnLoopback } from '../../local/listen.ts';

const DOCS = join(import.meta.dirname, '../../docs');

/** A landing page whose origin is not the relay's. */
export interface Landing {
  readonly url: string;
  /** The same page at an origin that is not configured. */
  readonly disallowedUrl: string;
  close(): Promise<void>;
}

/** Serves a page with the forms and the content security policy of docs/forms.md. Its forms post to `relay()`. */
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
  return { url: `http://127.0.0.1:${port}/`, disallowedUrl: `http://localhost:${port}/`, close };
}

const policyFor = (relay: string): string =>
  `default-src 'none'; script-src 'self'; connect-src ${relay}; form-action ${relay}; base-uri 'none'`;

/** Builds the page with the English and the German form. */
function pageFor(relay: string): string {
  const examples = readFileSync(join(DOCS, 'forms.md'), 'utf8').matchAll(/```html\n(.*?)```/gs);
  const [form = '', script = '', german = ''] = Array.from(examples, ([, markup = '']) => markup);
  const fields = form.slice(form.indexOf('>') + 1).replaceAll(/(id|for)="email"/g, '$1="other"');
  const germanForm = german + fields.replace('value="en"', 'value="de"');
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>A landing page</title>
${script}
<main><h1>A landing page</h1>
${(form + germanForm).replaceAll('https://optout.example.com', relay)}</main>
</html>`;
}
