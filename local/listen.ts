import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { isSameOrigin } from './same-origin.ts';

/**
 * Starts a server on loopback and resolves to its port. Port 0 takes a free port. Rejects with EADDRINUSE if it is in use.
 *
 * @param accepts which requests the server handles. It responds to all others with 403. @default `isSameOrigin`
 */
export function listenOnLoopback(server: Server, port: number, accepts = isSameOrigin): Promise<number> {
  rejectForeignRequests(server, accepts);
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', () => {
      server.off('error', reject);
      resolve((server.address() as AddressInfo).port);
    });
  });
}

/** Puts a check before the request listeners of a server, so that no website can use it through a browser. */
export function rejectForeignRequests(server: Server, accepts = isSameOrigin): void {
  const listeners = server.listeners('request');
  server.removeAllListeners('request');
  server.on('request', (request: IncomingMessage, response: ServerResponse) => {
    if (accepts(request)) for (const listener of listeners) listener.call(server, request, response);
    else response.writeHead(403, { 'content-type': 'application/json' }).end('{"message":"Forbidden"}');
  });
}

/** Closes a server and its open connections. */
export function closeServer(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}
