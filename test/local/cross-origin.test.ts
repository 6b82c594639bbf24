import { request } from 'node:http';
import process from 'node:process';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { StackUnderTest } from './stack-under-test.ts';
import { stackUnderTest } from './stack-under-test.ts';

const PAGE = 'https://www.example.com';
const OTHER = 'https://www.example.net';

let stack: StackUnderTest;
beforeAll(async () => {
  const limits = { perAddressAndHour: 1, perClientAndHour: false } as const;
  stack = await stackUnderTest({}, { origins: [PAGE], limits });
});
afterAll(() => stack.stop());

/** Submits the form as a script on a page does. */
const send = (origin: string, fields: Readonly<Record<string, string>>) => {
  const headers = { origin, accept: 'application/json', 'content-type': 'application/x-www-form-urlencoded' };
  return stack.post({ path: '/unsubscribe', headers, body: `${new URLSearchParams(fields)}` });
};
const allowed = ({ headers }: Response) => headers.get('access-control-allow-origin');

it('lets a configured page read its receipt and the state', async () => {
  const answer = await send(PAGE, { email: 'ada@example.com' });
  const { receipt } = (await answer.json()) as { readonly receipt: string };
  const read = await fetch(receipt, { headers: { origin: PAGE, accept: 'application/json' } });

  expect([answer.status, allowed(answer)]).toEqual([202, PAGE]);
  expect([read.status, allowed(read), read.headers.get('vary')?.toLowerCase()]).toEqual([
    200,
    PAGE,
    expect.stringContaining('origin'),
  ]);
});

it('lets a configured page read errors and Retry-After', async () => {
  const wrong = await send(PAGE, { email: 'nobody' });
  // Exceeds the limit even if the hour changes in between.
  for (const _ of [1, 2]) await send(PAGE, { email: 'often@example.com' });
  const tooMany = await send(PAGE, { email: 'often@example.com' });

  expect([wrong.status, allowed(wrong)]).toEqual([400, PAGE]);
  expect([tooMany.status, allowed(tooMany)]).toEqual([429, PAGE]);
  expect(tooMany.headers.get('access-control-expose-headers')).toBe('retry-after');
  expect(stack.written.join('')).toContain('"Name":"FormRateLimited"');
});

it('lets a configured page send JSON, with a preflight request', async () => {
  const headers = { origin: PAGE, 'access-control-request-method': 'POST' };

  const answer = await fetch(`${stack.url}/unsubscribe`, { method: 'OPTIONS', headers });

  expect([answer.status, allowed(answer)]).toEqual([204, PAGE]);
  expect(answer.headers.get('access-control-allow-methods')).toBe('POST');
  expect(answer.headers.get('access-control-allow-headers')).toBe('content-type');
});

it('rejects other pages, which could otherwise use a stack with a real HubSpot token', async () => {
  const { receipt } = (await (await send(PAGE, { email: 'grace@example.com' })).json()) as { readonly receipt: string };

  const sent = await send(OTHER, { email: 'hedy@example.com' });
  const read = await fetch(receipt, { headers: { origin: OTHER } });

  expect([sent.status, allowed(sent), read.status, allowed(read)]).toEqual([403, null, 403, null]);
  expect(await stack.contact('hedy@example.com')).toMatchObject({ optedOut: false });
});

describe('every listener of the stack', () => {
  const listeners = () => {
    const endpoints = Object.entries(process.env).filter(([name]) => name.startsWith('AWS_ENDPOINT_URL_'));
    return [['relay', stack.url], ['simulator', stack.hubspotUrl], ...endpoints] as [string, string][];
  };

  it('rejects requests of another website and of a name that was pointed to loopback', async () => {
    const statuses = await Promise.all(
      listeners().flatMap(([, url]) => [
        statusOf(url, { origin: OTHER }),
        statusOf(url, { 'sec-fetch-site': 'cross-site' }),
        statusOf(url, { host: 'evil.example.com' }),
      ]),
    );

    expect(listeners()).toHaveLength(8);
    expect(statuses).toEqual(statuses.map(() => 403));
  });

  it('accepts a program', async () => {
    const statuses = await Promise.all(listeners().map(([, url]) => statusOf(url, {})));

    expect(statuses).not.toContain(403);
  });
});

/** Posts with `node:http`, because `fetch` does not send these headers. */
function statusOf(url: string, headers: Readonly<Record<string, string>>): Promise<number> {
  return new Promise((resolve, reject) => {
    const posted = request(url, { method: 'POST', headers }, (response) => {
      response.resume();
      resolve(response.statusCode ?? 0);
    });
    posted.once('error', reject).end('{}');
  });
}
