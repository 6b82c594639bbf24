import { afterAll, beforeAll, expect, it } from 'vitest';
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

it('lets no other page read a response', async () => {
  const answer = await send(OTHER, { email: 'grace@example.com' });
  const { receipt } = (await answer.json()) as { readonly receipt: string };
  const read = await fetch(receipt, { headers: { origin: OTHER } });

  expect([allowed(answer), allowed(read)]).toEqual([null, null]);
});
