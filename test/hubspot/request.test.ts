import { describe, expect, it } from 'vitest';
import type { HubSpotResponse } from '../../functions/core/delivery/hubspot.ts';
import { parseContactId } from '../../functions/core/model/contact-id.ts';
import { parseEmailAddress } from '../../functions/core/model/email-address.ts';
import type { TimeLimits } from '../../functions/hubspot/request.ts';
import { allOf, formsOf, listening } from '../aws/listening.ts';
import { ANN, TOKEN } from '../local/hubspot/simulated.ts';
import { type ClientOptions, clientUnderTest } from './client-under-test.ts';

const EMAIL = parseEmailAddress(ANN);
const COMPLETE = '{"status":"COMPLETE","results":[]}';

const { create, simulator, writeSecret, planFaults, optOutWrites, requestStatuses } = clientUnderTest();
const unsubscribe = (options?: ClientOptions) => create(options).attempt().unsubscribe({ email: EMAIL });

describe('a 401', () => {
  it('reads the token again and repeats the call once', async () => {
    const { attempt, pass } = create({ secret: 'rotated-away' });
    await attempt().readStatus({ email: EMAIL });
    writeSecret(TOKEN);
    pass(1);

    expect(await attempt().unsubscribe({ email: EMAIL })).toMatchObject({ status: 200 });
    expect(await requestStatuses()).toEqual([401, 401, 401, 200]);
    expect(await optOutWrites()).toBe(1);
  });

  it('that persists is returned', async () => {
    const response = await unsubscribe({ secret: 'never-valid' });

    expect(response).toMatchObject({ status: 401, category: 'INVALID_AUTHENTICATION' });
    expect(await requestStatuses()).toEqual([401, 401]);
  });

  it('requests a new access token with OAuth', async () => {
    const oauth = { clientId: 'client', clientSecret: 'secret', refreshToken: 'refresh' };
    const { attempt, pass } = create({ secret: JSON.stringify({ oauth }) });
    await attempt().readStatus({ email: EMAIL });
    simulator().setTokens([]);
    pass(1);

    expect(await attempt().unsubscribe({ email: EMAIL })).toMatchObject({ status: 200 });
  });

  it.each([
    ['"quoted"', 'secret hubspot: the token contains quotes'],
    ['', 'secret hubspot: the token is blank'],
    [
      '{"oauth":{"clientId":"a","clientSecret":"b","refreshToken":"c"}}',
      'HubSpot issued no access token for the refresh token',
    ],
  ])('is avoided by making no call with the secret %j', async (secret, reason) => {
    const { attempt, events } = create({ secret });

    expect(await attempt().unsubscribe({ email: EMAIL })).toEqual({ status: 0, isUnsent: true, category: 'NO_TOKEN' });
    expect(events).toEqual([{ event: 'credentials.unusable', reason }]);
    expect((await requestStatuses()).filter((status: number) => status !== 400)).toEqual([]);
  });
});

describe('the time limits', () => {
  const LONG: TimeLimits = { headersMs: 9_000, callMs: 9_000, attemptMs: 9_000 };
  const TIME_OUT = { status: 0, category: 'TIME_OUT' };

  it('end a call without response headers', async () => {
    await planFaults({ delayMs: 9_000 });
    const startedAt = performance.now();

    expect(await unsubscribe({ limits: { ...LONG, headersMs: 100 } })).toEqual(TIME_OUT);
    expect(performance.now() - startedAt).toBeLessThan(LONG.callMs);
  });

  it('end a call with an unfinished body', async () => {
    const { url } = await listening((response) => response.write('{"status":"COMPLETE",'));
    const startedAt = performance.now();

    expect(await unsubscribe({ baseUrl: url, limits: { ...LONG, headersMs: 200, callMs: 300 } })).toEqual(TIME_OUT);
    const tookMs = performance.now() - startedAt;
    expect(tookMs).toBeGreaterThan(280);
    expect(tookMs).toBeLessThan(LONG.attemptMs);
  });

  it('are shared by all calls of an attempt and start again with the next attempt', async () => {
    const { url, requests } = await listening((response) => requests.length !== 2 && response.end(COMPLETE));
    const { attempt } = create({ baseUrl: url, limits: { ...LONG, attemptMs: 300 } });
    const api = attempt();

    expect(await api.readStatus({ email: EMAIL })).toMatchObject({ status: 200 });
    expect(await api.unsubscribe({ email: EMAIL })).toEqual(TIME_OUT);
    expect(await api.unsubscribe({ email: EMAIL })).toEqual(TIME_OUT);
    expect(requests).toHaveLength(2);
    expect(await attempt().unsubscribe({ email: EMAIL })).toMatchObject({ status: 200 });
  });
});

describe('a connection', () => {
  it.each([
    ['before', 0],
    ['after', 1],
  ])('that breaks %s the write has status 0', async (drop, written) => {
    await planFaults({ method: 'POST', drop });

    expect(await unsubscribe()).toEqual({ status: 0, category: 'NO_CONNECTION' });
    expect(await optOutWrites()).toBe(written);
  });

  it('that breaks within the body or cannot be opened has status 0', async () => {
    const { url } = await listening((response) => {
      response.writeHead(200, { 'content-length': '1000' });
      response.write('{"status":"COMPLETE"', () => response.destroy());
    });

    expect(await unsubscribe({ baseUrl: url })).toEqual({ status: 0, category: 'NO_CONNECTION' });
    expect(await unsubscribe({ baseUrl: 'http://127.0.0.1:1' })).toEqual({ status: 0, category: 'NO_CONNECTION' });
  });
});

describe('the rate limiter', () => {
  const limit = (max: number, remaining: number) => ({
    'X-HubSpot-RateLimit-Max': String(max),
    'X-HubSpot-RateLimit-Remaining': String(remaining),
    'X-HubSpot-RateLimit-Interval-Milliseconds': '1000',
  });

  it('adopts the limit that HubSpot reports, shared among the instances', async () => {
    const { url, requests } = await listening((response) => response.writeHead(200, limit(20, 19)).end(COMPLETE));
    const { attempt } = create({ baseUrl: url, share: { ratePer10Seconds: 100_000, instances: 2 } });

    await attempt().readStatus({ email: EMAIL });
    const startedAt = performance.now();
    await Promise.all([1, 2, 3].map(() => attempt().readStatus({ email: EMAIL })));

    // 100 ms each; the first ones may be early by a twentieth of the interval.
    const [, , second = 0, third = 0] = requests.map(({ atMs }) => atMs - startedAt);
    expect(second).toBeGreaterThan(50);
    expect(third).toBeGreaterThan(150);
  });

  it('pauses when the limit is used up', async () => {
    await planFaults({ status: 200, body: COMPLETE, headers: limit(100, 0) });
    const { attempt, rateLimiter, clock } = create();

    await attempt().readStatus({ email: EMAIL });

    expect(rateLimiter.waitMs(clock().getTime())).toBe(50);
  });

  it.each<[string, object, number]>([
    ['a burst', {}, 5_000],
    ['a burst with Retry-After', { headers: { 'Retry-After': '2' } }, 2_000],
  ])('holds after %s', async (_what, fault, heldMs) => {
    await planFaults({ status: 429, ...fault });
    const { attempt, rateLimiter, clock } = create();

    expect(await attempt().unsubscribe({ email: EMAIL })).toMatchObject({ status: 429, category: 'RATE_LIMIT' });
    expect(rateLimiter.waitMs(clock().getTime())).toBe(heldMs);
  });

  it('waits for a short hold and makes no call during a long one', async () => {
    await planFaults(
      { status: 429, headers: { 'Retry-After': '1' } },
      { status: 429, headers: { 'Retry-After': '7' } },
    );
    const { attempt, pass } = create();
    const startedAt = performance.now();

    expect(await attempt().unsubscribe({ email: EMAIL })).toMatchObject({ status: 429, retryAfterSeconds: 1 });
    expect(await attempt().unsubscribe({ email: EMAIL })).toMatchObject({ status: 429, retryAfterSeconds: 7 });
    expect(performance.now() - startedAt).toBeGreaterThan(950);
    const held = { status: 0, isUnsent: true, category: 'HELD_BACK', slotInSeconds: 7 };
    expect(await attempt().unsubscribe({ email: EMAIL })).toEqual(held);
    expect(await attempt().readStatus({ email: EMAIL })).toEqual(held);
    expect(await requestStatuses()).toEqual([429, 429]);
    pass(7);
    expect(await attempt().unsubscribe({ email: EMAIL })).toMatchObject({ status: 200 });
  });
});

describe('a spent daily limit', () => {
  const spent = { status: 0, isUnsent: true, category: 'DAILY_LIMIT', policyName: 'DAILY' };

  it('gets one probe per quarter of an hour until it is reset', async () => {
    await simulator().sim('POST', 'limits', { daily: 0 });
    const { attempt, pass, rateLimiter, clock } = create();

    for (let quarters = 1; quarters <= 3; quarters += 1) {
      expect(await attempt().unsubscribe({ email: EMAIL })).toMatchObject({ status: 429, policyName: 'DAILY' });
      for (let call = 0; call < 20; call += 1) {
        expect(await attempt().unsubscribe({ email: EMAIL })).toEqual(spent);
      }
      expect(await requestStatuses()).toHaveLength(quarters);
      pass(900);
    }
    await simulator().sim('POST', 'limits', { daily: 1_000 });
    for (let call = 0; call < 2; call += 1) {
      expect(await attempt().unsubscribe({ email: EMAIL })).toMatchObject({ status: 200 });
    }
    expect(rateLimiter.waitMs(clock().getTime())).toBeLessThan(200);
  });

  it('lets one of several concurrent calls probe', async () => {
    await simulator().sim('POST', 'limits', { daily: 0 });
    const { attempt, pass } = create();
    await attempt().unsubscribe({ email: EMAIL });
    pass(900);

    const responses = await Promise.all(Array.from({ length: 5 }, () => attempt().unsubscribe({ email: EMAIL })));

    expect(responses.map(({ status }) => status).toSorted()).toEqual([0, 0, 0, 0, 429]);
    expect(await requestStatuses()).toEqual([429, 429]);
  });

  it('is known from every response before it is spent', async () => {
    await simulator().sim('POST', 'limits', { daily: 100 });
    const { attempt, ports } = create();

    await attempt().readStatus({ email: EMAIL });

    expect(ports.dailyLimit.usage()).toEqual({ max: 100, left: 99 });
  });
});

describe('a HubSpot that is down', () => {
  const down: Parameters<typeof planFaults>[0] = { times: 99, status: 503 };

  it.each<[string, object, number]>([
    ['responds with 503', down, 503],
    ['rejects the token', { times: 99, status: 401 }, 401],
    ['breaks connections', { times: 99, drop: 'before' }, 0],
  ])(
    'gets no calls after five failures when it %s, and single trials until one succeeds',
    async (_what, fault, status) => {
      const { attempt, pass, events } = create();
      await planFaults(fault);
      const responses: HubSpotResponse[] = [];
      for (let call = 0; call < 8; call += 1) responses.push(await attempt().unsubscribe({ email: EMAIL }));

      const sent = (await requestStatuses()).length;
      expect(responses.slice(0, 5).map((response) => response.status)).toEqual(Array(5).fill(status));
      expect(responses.slice(5)).toEqual(
        Array(3).fill({ status: 0, isUnsent: true, category: 'HUBSPOT_DOWN', pauseSeconds: 5 }),
      );
      expect(events).toContainEqual({ event: 'circuit.opened', status, pauseSeconds: 5 });

      pass(5);
      await attempt().unsubscribe({ email: EMAIL });
      expect((await requestStatuses()).length).toBeGreaterThan(sent);
      expect(await attempt().unsubscribe({ email: EMAIL })).toMatchObject({
        category: 'HUBSPOT_DOWN',
        pauseSeconds: 10,
      });

      await simulator().sim('POST', 'faults', []);
      pass(10);
      expect(await attempt().unsubscribe({ email: EMAIL })).toMatchObject({ status: 200 });
      expect(await attempt().unsubscribe({ email: EMAIL })).toMatchObject({ status: 200 });
    },
  );

  it('is not considered down because of errors about one command', async () => {
    const { attempt } = create();
    for (const status of [400, 403, 404, 414, 423]) await planFaults({ status, times: 2 });

    for (let call = 0; call < 10; call += 1) await attempt().unsubscribe({ email: EMAIL });

    expect(await attempt().unsubscribe({ email: EMAIL })).toMatchObject({ status: 200 });
  });
});

describe('a response', () => {
  it.each([301, 302, 303, 307, 308])('that redirects (%i) is not followed', async (status) => {
    const elsewhere = await listening((response) => response.end(COMPLETE));
    await planFaults({ status, headers: { Location: `${elsewhere.url}/?ann` } });

    expect(await unsubscribe()).toMatchObject({ status, report: undefined });
    expect(elsewhere.requests).toEqual([]);
  });

  it.each<[string, number | undefined]>([
    ['7200', 7200],
    ['later', undefined],
  ])('with Retry-After %s yields %s seconds', async (value, expected) => {
    await planFaults({ status: 477, headers: { 'Retry-After': value } });

    expect((await unsubscribe()).retryAfterSeconds).toBe(expected);
  });

  it('with a date in Retry-After yields the seconds until then', async () => {
    const date = new Date(Date.now() + 120_000).toUTCString();
    await planFaults({ status: 503, headers: { 'Retry-After': date } });

    const { retryAfterSeconds } = await unsubscribe();

    expect(retryAfterSeconds).toBeGreaterThan(115);
    expect(retryAfterSeconds).toBeLessThanOrEqual(120);
  });
});

describe('returned and reported values', () => {
  const limits: TimeLimits = { headersMs: 120, callMs: 240, attemptMs: 400 };
  const quoting = { message: ANN, category: ANN, policyName: ANN, correlationId: ANN, errorType: ANN };
  const headers = { 'X-HubSpot-Correlation-Id': ANN, Location: `https://example.com/${ANN}` };

  it.each<[string, object]>([
    ...[301, 400, 401, 403, 404, 414, 423, 429, 477, 500, 503].map((status): [string, object] => [
      `a ${status}`,
      { status, body: quoting, headers, times: 2 },
    ]),
    ['an empty success', { status: 200, body: '' }],
    ['a success with the address in its envelope', { status: 200, body: { status: 'COMPLETE', message: ANN } }],
    ['HTML', { status: 200, body: `<p>${ANN} ${TOKEN}</p>` }],
    ['a broken connection', { drop: 'before' }],
    ['a timeout', { delayMs: 500 }],
  ])('do not contain the address, the URL or the token: %s', async (_what, fault) => {
    const { attempt, events, pass } = create({ limits });
    await planFaults({ times: 2, ...fault });

    const responses: HubSpotResponse[] = [await attempt().unsubscribe({ email: EMAIL, businessUnitId: '424242' })];
    pass(5);
    responses.push(await attempt().readStatus({ email: EMAIL }));
    responses.push(await attempt().findContact(parseContactId('4711'), 'hs_email_optout'));

    const values = allOf({ responses, events });
    for (const form of [...formsOf(ANN), ...formsOf(TOKEN), simulator().url, '424242'])
      expect(values).not.toContain(form);
  });

  it('do not contain a token that is not a valid header value', async () => {
    const server = await listening((response, { path }) =>
      path.startsWith('/oauth/')
        ? response.end(JSON.stringify({ access_token: 'shibboleth\nx', expires_in: 1800 }))
        : response.end(COMPLETE),
    );
    const oauth = { clientId: 'a', clientSecret: 'b', refreshToken: 'c' };
    const { attempt, events } = create({ baseUrl: server.url, secret: JSON.stringify({ oauth }) });

    const response = await attempt().unsubscribe({ email: EMAIL });

    expect(response).toEqual({ status: 0, category: 'NO_CONNECTION' });
    expect(allOf({ response, events })).not.toContain('shibboleth');
  });
});
