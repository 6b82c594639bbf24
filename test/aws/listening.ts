import type { IncomingHttpHeaders, ServerResponse } from 'node:http';
import { createServer } from 'node:http';
import { text } from 'node:stream/consumers';
import { inspect } from 'node:util';
import { onTestFinished } from 'vitest';
import { closeServer, listenOnLoopback } from '../../local/listen.ts';

/** A request as it was received. The path is not decoded. */
export interface Received {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
  readonly atMs: number;
}

/** Starts a test server, for responses that no emulator gives. It closes after the test. */
export async function listening(answer: (response: ServerResponse, request: Received) => unknown) {
  const requests: Received[] = [];
  const server = createServer(async (request, response) => {
    const { method = '', url = '', headers } = request;
    const received = { method, path: url, headers, body: await text(request), atMs: performance.now() };
    requests.push(received);
    await answer(response, received);
  });
  const url = `http://127.0.0.1:${await listenOnLoopback(server, 0)}`;
  onTestFinished(() => closeServer(server));
  return { url, requests };
}

/** Starts a server that records requests and forwards them to another server. */
export function forwarding(target: string) {
  return listening(async (response, { method, path, headers, body }) => {
    const kept = Object.entries(headers).filter(([name]) => !/^(host|connection|content-length|expect)$/.test(name));
    const forwarded = await fetch(target + path, { method, body, headers: kept.map(([k, v]) => [k, String(v)]) });
    response.writeHead(forwarded.status, { 'content-type': forwarded.headers.get('content-type') ?? '' });
    response.end(Buffer.from(await forwarded.arrayBuffer()));
  });
}

/** Creates a clock that only moves when the test calls `pass`. */
export function standingClock(start = '2026-11-23T10:00:00.000Z') {
  let nowMs = Date.parse(start);
  return {
    clock: () => new Date(nowMs),
    pass: (seconds: number) => {
      nowMs += seconds * 1000;
    },
  };
}

/** Returns the error that `run` throws. Fails the test if it throws nothing. */
export async function thrownBy(run: () => unknown): Promise<Error> {
  try {
    await run();
  } catch (error) {
    if (error instanceof Error) return error;
    throw error;
  }
  throw new Error('nothing was thrown');
}

/** Returns a value as text, including hidden fields and causes. */
export function allOf(value: unknown): string {
  return `${inspect(value, { depth: 12, showHidden: true, maxStringLength: null })} ${JSON.stringify(value)}`;
}

/** Returns the encodings in which a value could leak. */
export function formsOf(value: string): readonly string[] {
  const bytes = Buffer.from(value);
  return [value, encodeURIComponent(value), bytes.toString('base64').replace(/=+$/, ''), bytes.toString('base64url')];
}

/** Options of SDK clients for an emulator. */
export const aws = (endpoint: string) => ({
  endpoint,
  region: 'us-east-1',
  credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
  maxAttempts: 1,
});
