import { describe, expect, it } from 'vitest';
import {
  readContact,
  readDailyUsage,
  readDefinitions,
  readRateLimit,
  readResponse,
} from '../../functions/hubspot/response.ts';

const NOW = new Date('2026-11-23T10:00:00.000Z');
const ANN = 'ann@example.com';
const ID = '0194d0f3-5a5e-7c3b-9d2e-1f2a3b4c5d6e';
const HEADER_ID = '8A9D3C1E-0B7F-4E55-A1C4-6D2F7B8E9A01';
const EMPTY = { results: [], numErrors: 0 };

function read(status: number, body: unknown, headers: Record<string, string> = {}) {
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  return readResponse(new Response(null, { status, headers }), text, NOW);
}
const report = (body: unknown) => read(200, body).report;
const retryAfter = (value: string) => read(429, '', { 'retry-after': value }).retryAfterSeconds;

const ROW = {
  channel: 'EMAIL',
  status: 'UNSUBSCRIBED',
  subscriberIdString: 'ann@example.com',
  subscriptionId: '228',
  timestamp: '2026-11-23T09:59:59.000Z',
  businessUnitId: '0',
  setStatusSuccessReason: 'UNSUBSCRIBE_FROM_ALL_OCCURRED',
  wideStatusType: 'PORTAL_WIDE',
};
const UNUSED = {
  source: 'Public status API',
  subscriptionName: 'News',
  legalBasis: 'LEGITIMATE_INTEREST_OTHER',
  legalBasisExplanation: 'asked for it',
};

describe('a 2xx response', () => {
  it('is read without the fields that the relay does not use, and with numbers as strings', () => {
    const body = {
      status: 'COMPLETE',
      requestedAt: '2026-11-23T09:59:57.000Z',
      startedAt: '2026-11-23T09:59:58.000Z',
      completedAt: '2026-11-23T09:59:59.000Z',
      links: { self: 'https://api.hubapi.com' },
      numErrors: 3,
      errors: [{ category: 'VALIDATION_ERROR', status: 'error', message: 'about ann@example.com', context: {} }],
      results: [{ ...ROW, ...UNUSED, subscriptionId: 228, businessUnitId: 0 }],
    };

    const response = read(200, body, { 'x-hubspot-correlation-id': ID });

    expect(response).toEqual({
      status: 200,
      report: { status: 'COMPLETE', results: [ROW], numErrors: 3 },
      correlationId: ID,
      hasErrorBody: false,
      saysAlreadyOptedOut: false,
    });
  });

  it.each<[string, unknown]>([
    ['an empty body', ''],
    ['whitespace', ' \n'],
    ['HTML', '<html>ann@example.com</html>'],
    ['truncated JSON', '{"status":"COMPLETE","results":[{"status":"UNSUBSC'],
    ['null', 'null'],
    ['a number', '7'],
    ['a string', '"COMPLETE"'],
    ['an array', [{ status: 'COMPLETE' }]],
    ['an empty object', {}],
    ['nulls', { status: null, results: null, errors: null, numErrors: null, links: null, startedAt: null }],
    ['other types', { status: {}, results: {}, errors: 'no', numErrors: 'x', links: ['x'], completedAt: [] }],
  ])('that is %s has no report', (_what, body) => {
    expect(report(body)).toBeUndefined();
  });

  it('that has only rows has a report', () => {
    const other = { status: {}, errors: 'no', numErrors: 'x', links: ['x'], completedAt: [] };

    for (const rest of [{}, { status: null, errors: null, numErrors: null, links: null }, other]) {
      expect(report({ ...rest, results: [] })).toEqual(EMPTY);
    }
  });

  it('keeps undocumented values', () => {
    const row = { status: 'PAUSED', wideStatusType: 'TEAM_WIDE', setStatusSuccessReason: 'WHY' };

    expect(report({ status: 'ALMOST', results: [row] })).toEqual({ ...EMPTY, status: 'ALMOST', results: [row] });
  });

  it('drops nulls and unknown fields of a row, and reads an invalid row as an empty one', () => {
    const half = { status: 'UNSUBSCRIBED', businessUnitId: null, timestamp: {}, fresh: 1 };

    expect(report({ results: [half, null, 'text', 7, [], ROW] })?.results).toEqual([
      { status: 'UNSUBSCRIBED' },
      {},
      {},
      {},
      {},
      ROW,
    ]);
  });

  it('counts the listed errors if numErrors is missing or smaller', () => {
    const errors = [{ category: 'X' }, null];

    expect(report({ errors, results: [] })?.numErrors).toBe(2);
    expect(report({ errors, results: [], numErrors: 1 })?.numErrors).toBe(2);
    expect(report({ results: [], numErrors: 4 })?.numErrors).toBe(4);
  });

  it('is the only one with a report', () => {
    expect(read(400, { status: 'COMPLETE', results: [ROW] }).report).toBeUndefined();
    expect(read(302, { status: 'COMPLETE', results: [ROW] }).report).toBeUndefined();
    expect(read(207, { status: 'COMPLETE', results: [ROW] }).report?.results).toEqual([ROW]);
  });
});

describe('an error response', () => {
  it('has the category, the policy and the correlation id', () => {
    const body = { status: 'error', message: 'm', category: 'MISSING_SCOPES', correlationId: ID, context: {} };

    expect(read(403, body)).toEqual({
      status: 403,
      category: 'MISSING_SCOPES',
      correlationId: ID,
      hasErrorBody: true,
      saysAlreadyOptedOut: false,
    });
    expect(read(429, { errorType: 'RATE_LIMIT', policyName: 'DAILY' })).toMatchObject({
      category: 'RATE_LIMIT',
      policyName: 'DAILY',
    });
    expect(read(500, body, { 'x-hubspot-correlation-id': HEADER_ID }).correlationId).toBe(HEADER_ID);
  });

  it.each(['', 'Bad Gateway', '{"category":', '[]', 'null', '{"category":null,"correlationId":{}}'])(
    'has only its status with the body %j',
    (body) => {
      expect(read(502, body)).toEqual({ status: 502, hasErrorBody: false, saysAlreadyOptedOut: false });
    },
  );

  it.each([
    'ann@example.com',
    'ann%40example.com is bad',
    'pat-na1-00000000-0000-4000-8000-000000000000',
    'a_token_of_a_single_word',
    'validation_error',
    'TWO WORDS',
    '4711',
    'LINE\nBREAK',
    'X'.repeat(65),
    '',
  ])('drops %j, which could contain an address or a token, from the logged fields', (value) => {
    const headers = { 'x-hubspot-correlation-id': value.replace('\n', ' ') };
    const response = read(400, { category: value, policyName: value, correlationId: value, message: value }, headers);

    expect(response).toEqual({ status: 400, hasErrorBody: true, saysAlreadyOptedOut: false });
    expect(read(429, { errorType: value }).category).toBeUndefined();
  });

  it.each<[number, string, boolean]>([
    [400, 'ann@example.com is already unsubscribed from subscription 228', true],
    [409, 'Contact has ALREADY OPTED OUT of all email', true],
    [400, 'Subscription 228 cannot be updated because they have unsubscribed', false],
    [400, 'already processed', false],
    [503, 'already unsubscribed', false],
    [200, 'already unsubscribed', false],
  ])('%i %j reports an address that is already unsubscribed: %s', (status, message, expected) => {
    expect(read(status, { message }).saysAlreadyOptedOut).toBe(expected);
  });
});

describe('a contact', () => {
  const readBody = (status: number, body: unknown) =>
    readContact(
      'hs_email_optout',
      new Response(null, { status }),
      typeof body === 'string' ? body : JSON.stringify(body),
      NOW,
    );
  const contact = (email: unknown) => ({ id: '4711', properties: { email, hs_object_id: '4711' }, archived: false });

  it('has an address', () => {
    expect(readBody(200, contact(' Ann@Example.com '))).toMatchObject({ status: 200, email: 'ann@example.com' });
    expect(readBody(200, contact('ann@example.com')).category).toBeUndefined();
  });

  it.each([
    null,
    undefined,
    '',
    7,
    {},
    ['ann@example.com'],
    'ann',
    'ann@@example.com',
    'ann@example.com, bo@example.com',
  ])('has no address with %j', (email) => {
    const response = readBody(200, contact(email));

    expect(response).toMatchObject({ status: 200, category: 'NO_ADDRESS' });
    expect(response).not.toHaveProperty('email');
    expect(JSON.stringify(response)).not.toContain('@');
  });

  it.each([
    '',
    '{"properties":{"email":"ann@exam',
    '<html>ann@example.com</html>',
    'null',
    '[]',
    '{}',
    '{"properties":7}',
  ])('is missing from the body %j', (body) => {
    const response = readBody(200, body);

    expect([response.email, response.category]).toEqual([undefined, undefined]);
  });

  it('has no address in an error response', () => {
    expect(readBody(404, { ...contact('ann@example.com'), category: 'OBJECT_NOT_FOUND' })).toEqual({
      status: 404,
      category: 'OBJECT_NOT_FOUND',
      hasErrorBody: true,
      saysAlreadyOptedOut: false,
    });
  });

  it('has its id, the value of the requested property and its other addresses', () => {
    const properties = {
      email: ANN,
      hs_email_optout: 'true',
      hs_additional_emails: ' B@example.com;no-address;c@example.com',
    };

    expect(readBody(200, { id: 4711, properties })).toMatchObject({
      ...{ contactId: '4711', email: ANN, value: 'true' },
      additionalEmails: ['b@example.com', 'c@example.com'],
    });
    expect(readBody(200, contact(ANN))).toMatchObject({ contactId: '4711', value: undefined, additionalEmails: [] });
  });

  it('has no value without a requested property', () => {
    const body = JSON.stringify({ id: '4711', properties: { email: ANN, undefined: 'x' } });

    expect(readContact(undefined, new Response(null, { status: 200 }), body, NOW).value).toBeUndefined();
  });
});

describe('the definitions', () => {
  const readBody = (status: number, body: unknown) =>
    readDefinitions(new Response(null, { status }), JSON.stringify(body), NOW);

  it('have the id and the business unit of each subscription type', () => {
    const results = [
      { id: '1', businessUnitId: 0, name: 'News' },
      { id: 7001, businessUnitId: '7' },
      { id: '2', businessUnitId: null },
    ];

    expect(readBody(200, { status: 'COMPLETE', results })).toMatchObject({
      status: 200,
      types: [
        { id: '1', businessUnitId: '0' },
        { id: '7001', businessUnitId: '7' },
        { id: '2', businessUnitId: '0' },
      ],
    });
  });

  it.each<[number, unknown]>([
    [200, {}],
    [200, { results: [{ name: 'News' }] }],
    [200, 'x'],
    [403, { category: 'MISSING_SCOPES', results: [] }],
  ])('are missing from a %d with %j', (status, body) => {
    expect(readBody(status, body)).toMatchObject({ status, types: undefined });
  });
});

describe('the daily limit headers', () => {
  const headers = { 'X-HubSpot-RateLimit-Daily': '250000', 'X-HubSpot-RateLimit-Daily-Remaining': '249999' };

  it('contain the limit and what is left of it', () => {
    expect(readDailyUsage(new Headers(headers))).toEqual({ max: 250_000, left: 249_999 });
  });

  it.each(Object.keys(headers))('contain nothing if %s is missing', (name) => {
    const { [name]: _omitted, ...rest } = headers as Record<string, string>;

    expect(readDailyUsage(new Headers(rest))).toBeUndefined();
  });
});

it.each<[string, boolean]>([
  ['{"status":"error","message":"resource not found","correlationId":"x"}', true],
  ['{"category":"OBJECT_NOT_FOUND"}', true],
  ['{"message":"Not Found"}', false],
  ['<html><head><title>Error 404 Not Found</title></head></html>', false],
  ['', false],
])('considers the body %j of a 404 one of HubSpot’s JSON errors: %s', (body, expected) => {
  expect(read(404, body).hasErrorBody).toBe(expected);
});

describe('Retry-After', () => {
  it.each<[string, number | undefined]>([
    ['0', 0],
    ['7200', 7200],
    [' 30 ', 30],
    ['Mon, 23 Nov 2026 10:01:30 GMT', 90],
    ['Mon, 23 Nov 2026 09:00:00 GMT', undefined],
    ['-5', undefined],
    ['', undefined],
    ['soon', undefined],
    ['9'.repeat(400), undefined],
  ])('%j is %s seconds', (value, expected) => {
    expect(retryAfter(value)).toBe(expected);
  });
});

describe('the rate limit headers', () => {
  const HEADERS = {
    'X-HubSpot-RateLimit-Max': '190',
    'X-HubSpot-RateLimit-Remaining': '188',
    'X-HubSpot-RateLimit-Interval-Milliseconds': '10000',
  };

  it('contain the current limit', () => {
    expect(readRateLimit(new Headers(HEADERS))).toEqual({ max: 190, remaining: 188, intervalMs: 10_000 });
  });

  it.each(Object.keys(HEADERS))('contain no limit if %s is missing or is not a number', (name) => {
    const { [name]: _omitted, ...rest } = HEADERS as Record<string, string>;

    expect(readRateLimit(new Headers(rest))).toBeUndefined();
    expect(readRateLimit(new Headers({ ...rest, [name]: 'many' }))).toBeUndefined();
    expect(readRateLimit(new Headers({ ...rest, [name]: 'Infinity' }))).toBeUndefined();
  });
});
