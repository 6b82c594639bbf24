import type { IncomingHttpHeaders, ServerResponse } from 'node:http';
import { createServer } from 'node:http';
import { text } from 'node:stream/consumers';
import { inspect } from 'node:util';
import { onTestFinished } from 'vitest';
import { closeServer, listenOnLoopback } from '../../local/listen.ts';

/** A request as it came over the wire: the path is not decoded. */
export interface Received {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
  readonly atMs: number;
}

/** A server of the test's own, for answers that no emulator gives. It ends with the test. */
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

/** Passes every request on to another server, so that they can be counted. */
export function forwarding(target: string) {
  return listening(async (response, { method, path, headers, body }) => {
    const kept = Object.entries(headers).filter(([name]) => !/^(host|connection|content-length|expect)$/.test(name));
    const answer = await fetch(target + path, { method, body, headers: kept.map(([k, v]) => [k, String(v)]) });
    response.writeHead(answer.status, { 'content-type': answer.headers.get('content-type') ?? '' });
    response.end(Buffer.from(await answer.arrayBuffer()));
  });
}

/** A clock that stands still until the test moves it. */
export function standingClock(start = '2026-11-23T10:00:00.000Z') {
  let nowMs = Date.parse(start);
  return {
    clock: () => new Date(nowMs),
    pass: (seconds: number) => {
      nowMs += seconds * 1000;
    },
  };
}

/** What was thrown; a test that expected it fails when nothing was. */
export async function thrownBy(run: () => unknown): Promise<Error> {
  try {
    await run();
  } catch (error) {
    if (error instanceof Error) return error;
    throw error;
  }
  throw new Error('nothing was thrown');
}

/** Everything that anybody could find in a value, its hidden fields and causes included. */
export function allOf(value: unknown): string {
  return `${inspect(value, { depth: 12, showHidden: true, maxStringLength: null })} ${JSON.stringify(value)}`;
}

/** The forms in which a value could have slipped out. */
export function formsOf(value: string): readonly string[] {
  const bytes = Buffer.from(value);
  return [value, encodeURIComponent(value), bytes.toString('base64').replace(/=+$/, ''), bytes.toString('base64url')];
}

/** For SDK clients of an emulator. */
export const aws = (endpoint: string) => ({
  endpoint,
  region: 'us-east-1',
  credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
  maxAttempts: 1,
});
