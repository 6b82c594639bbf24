import { expect, it } from 'vitest';
import { jsonError, jsonResponse, mediaType, wantsJson } from '../../../functions/core/payload/http.ts';
import { request } from '../examples.ts';

it.each([
  ['application/json', 'application/json'],
  ['Application/JSON; charset=utf-8', 'application/json'],
  [' multipart/form-data;boundary="a;b"', 'multipart/form-data'],
  ['', ''],
  [undefined, ''],
])('reads the content type %j as the media type %j', (value, type) => {
  expect(mediaType(request('', { headers: value === undefined ? {} : { 'content-type': value } }))).toBe(type);
});

it.each([
  ['application/json', true],
  ['application/json, text/plain, */*', true],
  ['text/html,application/xhtml+xml,application/json;q=0.9,*/*;q=0.8', false],
  ['*/*', false],
  ['', false],
  [undefined, false],
])('decides whether a client that accepts %j wants JSON: %s', (accept, wants) => {
  expect(wantsJson(request('', { headers: accept === undefined ? {} : { accept } }))).toBe(wants);
});

it('builds a JSON response', () => {
  const headers = { 'content-type': 'application/json' };

  expect(jsonResponse(202, { receipt: 'r' })).toEqual({ status: 202, headers, body: '{"receipt":"r"}' });
  expect(jsonError({ status: 400, message: 'why' })).toEqual({ status: 400, headers, body: '{"error":"why"}' });
});
