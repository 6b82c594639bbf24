import type { IncomingMessage } from 'node:http';
import { expect, it } from 'vitest';
import { isSameOrigin } from '../../local/same-origin.ts';

const HOST = '127.0.0.1:8787';
const asked = (method: string, headers: IncomingMessage['headers']) =>
  isSameOrigin({ method, headers } as IncomingMessage);

it.each([
  ['a look by its own name', 'GET', { host: HOST }],
  ['a look by localhost', 'GET', { host: 'localhost:8787' }],
  ['a request of its own page', 'POST', { host: HOST, origin: `http://${HOST}`, 'sec-fetch-site': 'same-origin' }],
  ['a command in a shell', 'POST', { host: HOST }],
  ['a link on another website', 'GET', { host: HOST, 'sec-fetch-site': 'cross-site' }],
  ['its own form without a referrer', 'POST', { host: HOST, origin: 'null', 'sec-fetch-site': 'same-origin' }],
])('accepts %s', (_what, method, headers) => {
  expect(asked(method, headers)).toBe(true);
});

it.each([
  ['a name that was made to point here', 'GET', { host: 'evil.example.com:8787' }],
  ['a name that begins like ours', 'GET', { host: '127.0.0.1.evil.example.com' }],
  ['a page of another origin', 'POST', { host: HOST, origin: 'https://evil.example.com' }],
  ['a page without an origin', 'POST', { host: HOST, origin: 'null' }],
  ['a page of the same machine, another port', 'POST', { host: HOST, origin: 'http://127.0.0.1:3000' }],
  ['a cross-site request that hides its origin', 'POST', { host: HOST, 'sec-fetch-site': 'cross-site' }],
  ['a request without a host', 'GET', {}],
  ['a script of another origin that reads', 'GET', { host: HOST, origin: 'https://evil.example.com' }],
  ['a sandboxed page of another site', 'POST', { host: HOST, origin: 'null', 'sec-fetch-site': 'cross-site' }],
])('rejects %s', (_what, method, headers) => {
  expect(asked(method, headers)).toBe(false);
});

it('accepts a page of a listed origin, and of no other', () => {
  const from = (origin: string) =>
    isSameOrigin({ method: 'POST', headers: { host: HOST, origin } } as IncomingMessage, ['https://www.example.com']);

  expect([from('https://www.example.com'), from('https://www.example.com.evil.example')]).toEqual([true, false]);
});
