import { request } from 'node:http';
import { registerHooks } from 'node:module';
import process from 'node:process';

// AWS's runtime client sends responses through a native module that needs a compiler to install. This module replaces it.
registerHooks({
  resolve: (specifier, context, next) =>
    specifier === './rapid-client.node' ? { url: import.meta.url, shortCircuit: true } : next(specifier, context),
});

/** Reports a successful invocation. */
export function done(id: string, body: string): void {
  send(`${id}/response`, body);
}

/** Reports a failed invocation. */
export function error(id: string, body: string): void {
  send(`${id}/error`, body);
}

function send(path: string, body: string): void {
  const headers = { 'x-memory-bytes': String(process.memoryUsage.rss()) };
  const url = `http://${process.env.AWS_LAMBDA_RUNTIME_API}/2018-06-01/runtime/invocation/${path}`;
  request(url, { method: 'POST', headers }).end(body);
}
