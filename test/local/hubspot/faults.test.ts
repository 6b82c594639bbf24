import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ALL, ANN, type Simulated, simulated, statuses } from './simulated.ts';

let hubspot: Simulated;
beforeEach(async () => {
  hubspot = await simulated();
});
afterEach(() => hubspot.close());

/** Plans faults, each for one request by default. */
const planFaults = (...faults: object[]) => post(...faults.map((fault) => ({ times: 1, ...fault })));
const post = (...faults: object[]) => hubspot.sim('POST', 'faults', faults);
const optOut = () => hubspot.api('POST', statuses(ANN, ALL));
const writes = async () => (await hubspot.sim('GET', `contacts/${ANN}`)).json.optOutWrites;
const requestStatuses = async () =>
  (await hubspot.sim('GET', 'requests')).json.map((each: { status: number }) => each.status);

describe('a fault with a status', () => {
  it('replaces the response and applies nothing, for the given number of requests', async () => {
    await planFaults({ match: 'unsubscribe-all', method: 'POST', times: 2, status: 503 });

    const first = await optOut();

    expect(first).toMatchObject({ status: 503, json: { status: 'error' } });
    expect(first.headers.get('x-hubspot-correlation-id')).toBe(first.json.correlationId);
    expect((await hubspot.sim('GET', 'faults')).json).toMatchObject([{ match: 'unsubscribe-all', times: 1 }]);
    expect((await optOut()).status).toBe(503);
    expect(await writes()).toBe(0);
    expect((await optOut()).status).toBe(200);
    expect((await hubspot.sim('GET', 'faults')).json).toEqual([]);
    expect(await requestStatuses()).toEqual([503, 503, 200]);
  });

  it('carries the request out with apply', async () => {
    await planFaults({ status: 500, apply: true });

    expect((await optOut()).status).toBe(500);
    expect(await writes()).toBe(1);
  });

  it('has the given headers and body', async () => {
    await planFaults(
      { status: 477, headers: { 'Retry-After': '7200', 'Content-Type': 'text/html' }, body: '{"as":"it is"}' },
      { status: 200, body: { results: [], status: 'SUCCESS' } },
      { status: 200 },
    );

    const moving = await optOut();

    expect(moving).toMatchObject({ status: 477, text: '{"as":"it is"}' });
    expect(moving.headers.get('retry-after')).toBe('7200');
    expect(moving.headers.get('content-type')).toBe('text/html');
    expect((await optOut()).json).toEqual({ results: [], status: 'SUCCESS' });
    expect((await optOut()).json).toBeUndefined();
    expect(await writes()).toBe(0);
  });

  it.each([
    [400, { category: 'VALIDATION_ERROR' }],
    [401, { category: 'INVALID_AUTHENTICATION' }],
    [403, { category: 'MISSING_SCOPES' }],
    [404, { category: 'OBJECT_NOT_FOUND' }],
    [429, { policyName: 'TEN_SECONDLY_ROLLING', errorType: 'RATE_LIMIT' }],
    [524, { status: 'error' }],
  ])('%i has the body that HubSpot would send', async (status, body) => {
    await planFaults({ status });

    expect(await optOut()).toMatchObject({ status, json: body });
  });
});

describe('a fault without a number of times', () => {
  it('applies to every request until the faults are cleared', async () => {
    await post({ match: 'unsubscribe-all', status: 503 });

    for (let call = 0; call < 3; call += 1) expect((await optOut()).status).toBe(503);
    expect((await hubspot.sim('GET', 'faults')).json).toEqual([{ match: 'unsubscribe-all', status: 503 }]);
    await post();
    expect((await optOut()).status).toBe(200);
  });

  it('hides those added after it', async () => {
    await post({ match: 'unsubscribe-all', status: 503 }, { status: 502, times: 1 });

    expect((await optOut()).status).toBe(503);
    expect((await optOut()).status).toBe(503);
    expect((await hubspot.api('GET', statuses(ANN, '?channel=EMAIL'))).status).toBe(502);
  });
});

describe('a fault applies to', () => {
  it('requests with its text in the body, such as an address in a batch', async () => {
    await post({ matchBody: 'bob@example.com', status: 500 });
    const batch = (...inputs: string[]) => hubspot.api('POST', statuses('batch', ALL), { body: { inputs } });

    expect((await batch(ANN, 'bob@example.com')).status).toBe(500);
    expect((await batch(ANN)).status).toBe(200);
    expect((await optOut()).status).toBe(200);
  });

  it('requests that match its method and its part of the path and query', async () => {
    await planFaults(
      { match: 'bob@example.com', status: 500 },
      { method: 'get', status: 502 },
      { match: 'verbose', status: 503 },
    );

    expect((await optOut()).status).toBe(503);
    expect((await hubspot.api('GET', statuses(ANN, ALL))).status).toBe(502);
    expect((await hubspot.api('POST', statuses('bob@example.com', ALL))).status).toBe(500);
  });

  it('a request before its token and the limits are checked', async () => {
    await hubspot.sim('POST', 'limits', { per10Seconds: 0 });
    await planFaults({ status: 500 });

    expect((await hubspot.api('POST', statuses(ANN, ALL), { token: '' })).status).toBe(500);
    expect((await optOut()).status).toBe(429);
  });

  it('no control path', async () => {
    await planFaults({ status: 500 });

    expect((await hubspot.sim('GET', 'contacts')).status).toBe(200);
    expect((await hubspot.sim('GET', 'faults')).json).toHaveLength(1);
  });
});

describe('a fault that cuts the connection', () => {
  it('before the request is carried out applies nothing', async () => {
    await planFaults({ drop: 'before' });

    await expect(optOut()).rejects.toThrow();
    expect(await writes()).toBe(0);
    expect(await requestStatuses()).toEqual([0]);
  });

  it('after the request is carried out applies it', async () => {
    await planFaults({ drop: 'after' });

    await expect(optOut()).rejects.toThrow();
    expect(await writes()).toBe(1);
    expect(await requestStatuses()).toEqual([0]);
  });
});

describe('a fault that delays', () => {
  it('and has no status lets the request be carried out', async () => {
    await planFaults({ delayMs: 80, headers: { 'X-Late': 'yes' } });
    const started = performance.now();

    const response = await optOut();

    expect(performance.now() - started).toBeGreaterThan(70);
    expect(response).toMatchObject({ status: 200, json: { status: 'COMPLETE' } });
    expect(response.headers.get('x-late')).toBe('yes');
    expect(await writes()).toBe(1);
  });

  it('and has a status responds late and applies nothing', async () => {
    await planFaults({ delayMs: 80, status: 504 });
    const started = performance.now();

    expect((await optOut()).status).toBe(504);
    expect(performance.now() - started).toBeGreaterThan(70);
    expect(await writes()).toBe(0);
  });

  it('applies even after the caller has closed the connection', async () => {
    await planFaults({ delayMs: 150 });

    await expect(
      fetch(hubspot.url + statuses(ANN, ALL), {
        method: 'POST',
        headers: { authorization: 'Bearer pat-test-token' },
        signal: AbortSignal.timeout(40),
      }),
    ).rejects.toThrow();

    await expect.poll(writes, { timeout: 900 }).toBe(1);
  });
});

describe('the list of faults', () => {
  it('grows with each POST and is cleared by an empty list', async () => {
    await planFaults({ status: 500 });
    expect((await planFaults({ status: 502 })).json).toHaveLength(2);
    expect((await optOut()).status).toBe(500);

    expect((await planFaults()).json).toEqual([]);
    expect((await optOut()).status).toBe(200);
  });

  it.each([
    ['not JSON', '[{'],
    ['an object', { status: 500 }],
    ['a fault without an effect', [{ match: 'x', times: 2 }]],
    ['an unknown field', [{ status: 500, delay: 1 }]],
    ['a status out of range', [{ status: 99 }]],
    ['times of 0', [{ status: 500, times: 0 }]],
    ['an unknown drop', [{ drop: 'during' }]],
    ['a header that cannot be sent', [{ status: 500, headers: { 'X-A': 'a\nb' } }]],
  ])('rejects %s', async (_, body) => {
    expect(await hubspot.sim('POST', 'faults', body)).toMatchObject({
      status: 400,
      json: { error: expect.any(String) },
    });
    expect((await hubspot.sim('GET', 'faults')).json).toEqual([]);
  });
});
