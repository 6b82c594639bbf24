import { expect, it } from 'vitest';
import { undescribed } from './described-responses.ts';

const json = { 'content-type': 'application/json' };

it.each([
  ['a described response', 'GET', '/health', { status: 200, headers: json, body: '{"ok":true,"version":"1"}' }],
  ['an empty response', 'HEAD', '/u/x', { status: 200, headers: {}, body: '' }],
  ['a path that is not a route', 'GET', '/nowhere', { status: 404, headers: json, body: '{"message":"Not Found"}' }],
])('accepts %s', (_what, method, path, response) => {
  expect(undescribed(method, path, response)).toBeUndefined();
});

it.each([
  ['status 418', '/health', { status: 418, headers: json, body: '{"ok":true,"version":"1"}' }],
  ['the body of 200', '/health', { status: 200, headers: json, body: '{"ok":true}' }],
  ['the body of 200', '/health', { status: 200, headers: json, body: '{"ok":true,"version":"1","uptime":1}' }],
  ['the empty body', '/health', { status: 200, headers: json, body: '' }],
  ['the media type text/plain', '/health', { status: 200, headers: { 'content-type': 'text/plain' }, body: 'ok' }],
  ['the header location', '/', { status: 302, headers: {}, body: '' }],
])('reports %s that is not described: GET %s', (fault, path, response) => {
  expect(undescribed('GET', path, response)).toBe(`GET ${path}: ${fault} is not as described in docs/openapi.json`);
});
