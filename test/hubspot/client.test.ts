import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createSecretCache } from '../../functions/aws/secrets-manager.ts';
import { parseCredentials } from '../../functions/config/secret-formats.ts';
import { createCircuitBreaker } from '../../functions/core/delivery/circuit-breaker.ts';
import type { ApiVersion, HubSpotResponse, Subject } from '../../functions/core/delivery/hubspot.ts';
import { createRateLimiter, type Share } from '../../functions/core/delivery/rate-limiter.ts';
import { parseContactId } from '../../functions/core/model/contact-id.ts';
import { parseEmailAddress } from '../../functions/core/model/email-address.ts';
import type { RelayEvent } from '../../functions/core/model/telemetry.ts';
import { createHubSpot } from '../../functions/hubspot/client.ts';
import type { TimeLimits } from '../../functions/hubspot/request.ts';
import { createTokenProvider } from '../../functions/hubspot/token.ts';
import { type LocalSecretsManager, startSecretsManager } from '../../local/aws/secrets-manager.ts';
import { allOf, aws, formsOf, listening, standingClock } from '../aws/listening.ts';
import { ANN, type Simulated, simulated, statuses, TOKEN } from '../local/hubspot/simulated.ts';

const EMAIL = parseEmailAddress(ANN);
const CONTACT = parseContactId('4711');
const ALL = '/unsubscribe-all?channel=EMAIL&verbose=true';
const COMPLETE = '{"status":"COMPLETE","results":[]}';
const SHORT: TimeLimits = { headersMs: 120, callMs: 240, attemptMs: 400 };

let hubspot: Simulated;
let manager: LocalSecretsManager;
let client: SecretsManagerClient;
beforeAll(async () => {
  manager = await startSecretsManager({ port: 0 });
  client = new SecretsManagerClient(aws(manager.url));
});
afterAll(async () => {
  client.destroy();
  await manager.close();
});
beforeEach(async () => {
  hubspot = await simulated();
});
afterEach(() => hubspot.close());

interface Given {
  readonly baseUrl?: string;
  readonly version?: ApiVersion;
  readonly secret?: string;
  readonly limits?: TimeLimits;
  readonly share?: Share;
}

/** The client as the Lambda wires it, with a clock that stands unless the test moves it. */
function opened({ baseUrl = hubspot.url, version = 'v4', secret = TOKEN, limits, share }: Given = {}) {
  const { clock, pass } = standingClock(new Date().toISOString());
  manager.write('hubspot', secret);
  const at = { baseUrl: new URL(baseUrl), version, fetch, clock };
  const tokens = createTokenProvider({
    ...at,
    secret: createSecretCache(client, 'hubspot', { parse: parseCredentials, clock }),
  });
  const rateLimiter = createRateLimiter(share ?? { ratePer10Seconds: 100_000, instances: 1 });
  const events: RelayEvent[] = [];
  const report = (event: RelayEvent) => void events.push(event);
  const attempt = createHubSpot({
    ...at,
    tokens,
    rateLimiter,
    circuitBreaker: createCircuitBreaker(),
    report,
    ...(limits ? { limits } : {}),
  });
  return { attempt, rateLimiter, pass, events, clock };
}

const plan = (...faults: object[]) => hubspot.sim('POST', 'faults', faults);
const writes = async () => (await hubspot.sim('GET', `contacts/${ANN}`)).json.optOutWrites;
const calls = async () => (await hubspot.sim('GET', 'requests')).json.map((each: { status: number }) => each.status);
const unsubscribe = (given?: Given, subject: Subject = { email: EMAIL }) =>
  opened(given).attempt().unsubscribe(subject);

describe('the request', () => {
  const all = (email: string, version = 'v4', brand = '') => statuses(email, ALL + brand, version);

  it.each<[string, ApiVersion, Omit<Subject, 'email'>, string, string]>([
    ['ann@example.com', 'v4', {}, all('ann@example.com'), ''],
    ['ann@example.com', '2026-03', {}, all('ann@example.com', '2026-03'), ''],
    ['ann@example.com', '2026-09', {}, all('ann@example.com', '2026-09'), ''],
    ['ann@example.com', 'v4', { businessUnitId: '0' }, all('ann@example.com', 'v4', '&businessUnitId=0'), ''],
    ['ann+news@example.com', 'v4', {}, `/communication-preferences/v4/statuses/ann%2Bnews%40example.com${ALL}`, ''],
    ['a/../b@example.com', 'v4', {}, `/communication-preferences/v4/statuses/a%2F..%2Fb%40example.com${ALL}`, ''],
    ['100%25?#&@example.com', 'v4', {}, all('100%25?#&@example.com'), ''],
    ["o'brien!*~@example.com", 'v4', {}, `/communication-preferences/v4/statuses/o'brien!*~%40example.com${ALL}`, ''],
    ['zoë@münchen.de', 'v4', {}, `/communication-preferences/v4/statuses/zo%C3%AB%40m%C3%BCnchen.de${ALL}`, ''],
    [
      'ann@example.com',
      '2026-09',
      { subscriptionId: '228', businessUnitId: '7' },
      statuses('ann@example.com', '?channel=EMAIL&verbose=true&businessUnitId=7', '2026-09'),
      '{"channel":"EMAIL","statusState":"UNSUBSCRIBED","subscriptionId":228}',
    ],
  ])('for %s in %s with %j is exactly the documented one', async (email, version, of, path, body) => {
    const { url, requests } = await listening((response) => response.end(COMPLETE));
    const subject = { email: parseEmailAddress(email), ...of };
    const api = opened({ baseUrl: url, version }).attempt();

    await api.unsubscribe(subject);
    await api.readStatus(subject);

    expect(requests).toMatchObject([
      { method: 'POST', path, body, headers: { authorization: `Bearer ${TOKEN}` } },
      { method: 'GET', path, body: '', headers: { authorization: `Bearer ${TOKEN}` } },
    ]);
    expect(requests.map(({ headers }) => headers['content-type'])).toEqual([
      body === '' ? undefined : 'application/json',
      undefined,
    ]);
  });

  it.each(['v4', '2026-03', '2026-09'] as const)(
    'is understood in %s, and the record is read back',
    async (version) => {
      const api = opened({ version }).attempt();

      const told = await api.unsubscribe({ email: EMAIL });
      const read = await api.readStatus({ email: EMAIL });

      expect(told).toMatchObject({ status: 200, report: { status: 'COMPLETE', numErrors: 0 } });
      expect(told.report?.results.length).toBeGreaterThan(0);
      expect(told.report?.results[0]).toMatchObject({ subscriberIdString: ANN, status: 'UNSUBSCRIBED' });
      expect(told.correlationId).toMatch(/^[\w-]{36}$/);
      expect(read.report?.results).toMatchObject([{ wideStatusType: 'PORTAL_WIDE', status: 'UNSUBSCRIBED' }]);
      expect(await writes()).toBe(1);
    },
  );

  it.each(['v4', '2026-03', '2026-09'] as const)('is understood in %s of every subscription', async (version) => {
    const timestamp = '2026-11-01T10:00:00.000Z';
    await hubspot.sim('PUT', `contacts/${ANN}`, { statuses: [{ status: 'SUBSCRIBED', timestamp }] });

    const { report } = await opened({ version }).attempt().readSubscriptions({ email: EMAIL });

    expect(report?.results).toHaveLength(3);
    for (const row of report?.results ?? []) {
      expect(row).toMatchObject({ subscriberIdString: ANN, status: 'SUBSCRIBED', timestamp });
    }
  });

  it('is understood for one subscription type', async () => {
    const { json } = await hubspot.api('GET', '/communication-preferences/v4/definitions');
    const subscriptionId = String(json.results[0].id);

    const told = await unsubscribe({}, { email: EMAIL, subscriptionId });

    expect(told).toMatchObject({ status: 200, report: { status: 'COMPLETE' } });
    expect(told.report?.results).toMatchObject([{ subscriptionId, status: 'UNSUBSCRIBED', subscriberIdString: ANN }]);
    expect(await writes()).toBe(0);
  });
});

describe('a contact', () => {
  it.each([
    ['v4', '/crm/v3/objects/contacts/4711?properties=email'],
    ['2026-03', '/crm/objects/2026-03/contacts/4711?properties=email'],
    ['2026-09', '/crm/objects/2026-09/contacts/4711?properties=email'],
  ] as const)('in %s is asked for at %s, and its address is read', async (version, path) => {
    await hubspot.sim('PUT', `contacts/${ANN}`, { id: '4711' });

    const answer = await opened({ version }).attempt().findContact(CONTACT);

    expect(answer).toMatchObject({ status: 200, email: EMAIL });
    expect(answer.correlationId).toMatch(/^[\w-]{36}$/);
    expect((await hubspot.sim('GET', 'requests')).json).toMatchObject([{ method: 'GET', path, status: 200 }]);
  });

  it('that is not there is a 404', async () => {
    const answer = await opened().attempt().findContact(CONTACT);

    expect(answer).toMatchObject({ status: 404, category: 'OBJECT_NOT_FOUND' });
    expect(answer.email).toBeUndefined();
  });

  it('needs a scope of its own', async () => {
    await hubspot.sim('POST', 'tokens', { tokens: [TOKEN], scopes: ['communication_preferences.read_write'] });

    expect(await opened().attempt().findContact(CONTACT)).toMatchObject({ status: 403, category: 'MISSING_SCOPES' });
  });

  it('is asked for again with a rotated token', async () => {
    await hubspot.sim('PUT', `contacts/${ANN}`, { id: '4711' });
    const { attempt, pass } = opened({ secret: 'rotated-away' });
    expect(await attempt().findContact(CONTACT)).toMatchObject({ status: 401 });
    manager.write('hubspot', TOKEN);
    pass(1);

    expect(await attempt().findContact(CONTACT)).toMatchObject({ status: 200, email: EMAIL });
  });

  it('is asked for within the time limits', async () => {
    await plan({ delayMs: 9_000 });

    expect(await opened({ limits: SHORT }).attempt().findContact(CONTACT)).toEqual({ status: 0, category: 'TIME_OUT' });
  });

  it('is asked for at the rateLimiter of all calls', async () => {
    await plan({ status: 429, headers: { 'Retry-After': '7' } });
    const { attempt } = opened();

    expect(await attempt().findContact(CONTACT)).toMatchObject({ status: 429, retryAfterSeconds: 7 });
    expect(await attempt().findContact(CONTACT)).toMatchObject({ status: 0, category: 'HELD_BACK' });
  });
});

describe('a 401', () => {
  it('makes the token be read again, once, and the call be repeated', async () => {
    const { attempt, pass } = opened({ secret: 'rotated-away' });
    await attempt().readStatus({ email: EMAIL });
    manager.write('hubspot', TOKEN);
    pass(1);

    expect(await attempt().unsubscribe({ email: EMAIL })).toMatchObject({ status: 200 });
    expect(await calls()).toEqual([401, 401, 401, 200]);
    expect(await writes()).toBe(1);
  });

  it('that stays is the answer', async () => {
    const answer = await unsubscribe({ secret: 'never-valid' });

    expect(answer).toMatchObject({ status: 401, category: 'INVALID_AUTHENTICATION' });
    expect(await calls()).toEqual([401, 401]);
  });

  it('gets a new access token with OAuth', async () => {
    const oauth = { clientId: 'client', clientSecret: 'secret', refreshToken: 'refresh' };
    const { attempt, pass } = opened({ secret: JSON.stringify({ oauth }) });
    await attempt().readStatus({ email: EMAIL });
    hubspot.setTokens([]);
    pass(1);

    expect(await attempt().unsubscribe({ email: EMAIL })).toMatchObject({ status: 200 });
  });

  it.each([
    ['"quoted"', 'secret hubspot: the token contains quotes'],
    ['', 'secret hubspot: the token is blank'],
    [
      '{"oauth":{"clientId":"a","clientSecret":"b","refreshToken":"c"}}',
      'HubSpot gave no access token for the refresh token',
    ],
  ])('is not even provoked with the secret %j', async (secret, reason) => {
    const { attempt, events } = opened({ secret });

    expect(await attempt().unsubscribe({ email: EMAIL })).toEqual({ status: 0, category: 'NO_TOKEN' });
    expect(events).toEqual([{ event: 'credentials.unusable', reason }]);
    expect((await calls()).filter((status: number) => status !== 400)).toEqual([]);
  });
});

describe('time limits', () => {
  const LONG: TimeLimits = { headersMs: 9_000, callMs: 9_000, attemptMs: 9_000 };
  const TIME_OUT = { status: 0, category: 'TIME_OUT' };

  it('end a call whose headers do not come', async () => {
    await plan({ delayMs: 9_000 });
    const startedAt = performance.now();

    expect(await unsubscribe({ limits: { ...LONG, headersMs: 100 } })).toEqual(TIME_OUT);
    expect(performance.now() - startedAt).toBeLessThan(LONG.callMs);
  });

  it('end a call whose body does not end', async () => {
    const { url } = await listening((response) => response.write('{"status":"COMPLETE",'));
    const startedAt = performance.now();

    expect(await unsubscribe({ baseUrl: url, limits: { ...LONG, headersMs: 200, callMs: 300 } })).toEqual(TIME_OUT);
    const tookMs = performance.now() - startedAt;
    expect(tookMs).toBeGreaterThan(280);
    expect(tookMs).toBeLessThan(LONG.attemptMs);
  });

  it('end all calls of an attempt together, and the next attempt has its own', async () => {
    const { url, requests } = await listening((response) => requests.length !== 2 && response.end(COMPLETE));
    const { attempt } = opened({ baseUrl: url, limits: { ...LONG, attemptMs: 300 } });
    const api = attempt();

    expect(await api.readStatus({ email: EMAIL })).toMatchObject({ status: 200 });
    expect(await api.unsubscribe({ email: EMAIL })).toEqual(TIME_OUT);
    expect(await api.unsubscribe({ email: EMAIL })).toEqual(TIME_OUT);
    expect(requests).toHaveLength(2);
    expect(await attempt().unsubscribe({ email: EMAIL })).toMatchObject({ status: 200 });
  });
});

describe('a connection that breaks', () => {
  it.each([
    ['before', 0],
    ['after', 1],
  ])('%s the write is no answer', async (drop, written) => {
    await plan({ method: 'POST', drop });

    expect(await unsubscribe()).toEqual({ status: 0, category: 'NO_CONNECTION' });
    expect(await writes()).toBe(written);
  });

  it('is no answer within the body, nor when nobody listens', async () => {
    const { url } = await listening((response) => {
      response.writeHead(200, { 'content-length': '1000' });
      response.write('{"status":"COMPLETE"', () => response.destroy());
    });

    expect(await unsubscribe({ baseUrl: url })).toEqual({ status: 0, category: 'NO_CONNECTION' });
    expect(await unsubscribe({ baseUrl: 'http://127.0.0.1:1' })).toEqual({ status: 0, category: 'NO_CONNECTION' });
  });
});

describe('the rateLimiter', () => {
  const limit = (max: number, remaining: number) => ({
    'X-HubSpot-RateLimit-Max': String(max),
    'X-HubSpot-RateLimit-Remaining': String(remaining),
    'X-HubSpot-RateLimit-Interval-Milliseconds': '1000',
  });

  it('follows the limit that HubSpot names, shared among the instances', async () => {
    const { url, requests } = await listening((response) => response.writeHead(200, limit(20, 19)).end(COMPLETE));
    const { attempt } = opened({ baseUrl: url, share: { ratePer10Seconds: 100_000, instances: 2 } });

    await attempt().readStatus({ email: EMAIL });
    const startedAt = performance.now();
    await Promise.all([1, 2, 3].map(() => attempt().readStatus({ email: EMAIL })));

    // A tenth of a second for each, of which the first ones may be a twentieth of the interval early.
    const [, , second = 0, third = 0] = requests.map(({ atMs }) => atMs - startedAt);
    expect(second).toBeGreaterThan(50);
    expect(third).toBeGreaterThan(150);
  });

  it('pauses when nothing remains of it', async () => {
    await plan({ status: 200, body: COMPLETE, headers: limit(100, 0) });
    const { attempt, rateLimiter, clock } = opened();

    await attempt().readStatus({ email: EMAIL });

    expect(rateLimiter.ahead(clock().getTime())).toBe(50);
  });

  it.each<[string, object, number]>([
    ['a burst', {}, 5_000],
    ['a burst with Retry-After', { headers: { 'Retry-After': '2' } }, 2_000],
  ])('holds after %s', async (_what, fault, heldMs) => {
    await plan({ status: 429, ...fault });
    const { attempt, rateLimiter, clock } = opened();

    expect(await attempt().unsubscribe({ email: EMAIL })).toMatchObject({ status: 429, category: 'RATE_LIMIT' });
    expect(rateLimiter.ahead(clock().getTime())).toBe(heldMs);
  });

  it('waits out a short hold, and gives a long one back to the queue without a call', async () => {
    await plan({ status: 429, headers: { 'Retry-After': '1' } }, { status: 429, headers: { 'Retry-After': '7' } });
    const { attempt, pass } = opened();
    const startedAt = performance.now();

    expect(await attempt().unsubscribe({ email: EMAIL })).toMatchObject({ status: 429, retryAfterSeconds: 1 });
    expect(await attempt().unsubscribe({ email: EMAIL })).toMatchObject({ status: 429, retryAfterSeconds: 7 });
    expect(performance.now() - startedAt).toBeGreaterThan(950);
    const held = { status: 0, category: 'HELD_BACK', retryAfterSeconds: 7 };
    expect(await attempt().unsubscribe({ email: EMAIL })).toEqual(held);
    expect(await attempt().readStatus({ email: EMAIL })).toEqual(held);
    expect(await calls()).toEqual([429, 429]);
    pass(7);
    expect(await attempt().unsubscribe({ email: EMAIL })).toMatchObject({ status: 200 });
  });

  it('does not hold for the daily limit, which the commands wait out by themselves', async () => {
    await hubspot.sim('POST', 'limits', { daily: 0 });
    const { attempt, rateLimiter, clock } = opened();

    expect(await attempt().unsubscribe({ email: EMAIL })).toMatchObject({ status: 429, policyName: 'DAILY' });
    expect(rateLimiter.ahead(clock().getTime())).toBeLessThan(200);
  });
});

describe('a HubSpot that is down', () => {
  const down: Parameters<typeof plan>[0] = { times: 99, status: 503 };

  it.each<[string, object, number]>([
    ['answers 503', down, 503],
    ['does not know the token', { times: 99, status: 401 }, 401],
    ['cuts connections', { times: 99, drop: 'before' }, 0],
  ])(
    'is left alone after five calls when it %s, and one trial finds out when it is back',
    async (_what, fault, status) => {
      const { attempt, pass, events } = opened();
      await plan(fault);
      const answers: HubSpotResponse[] = [];
      for (let call = 0; call < 8; call += 1) answers.push(await attempt().unsubscribe({ email: EMAIL }));

      const asked = (await calls()).length;
      expect(answers.slice(0, 5).map((answer) => answer.status)).toEqual(Array(5).fill(status));
      expect(answers.slice(5)).toEqual(Array(3).fill({ status: 0, category: 'HUBSPOT_DOWN', pauseSeconds: 5 }));
      expect(events).toContainEqual({ event: 'circuit.opened', status, pauseSeconds: 5 });

      pass(5);
      await attempt().unsubscribe({ email: EMAIL });
      expect((await calls()).length).toBeGreaterThan(asked);
      expect(await attempt().unsubscribe({ email: EMAIL })).toMatchObject({
        category: 'HUBSPOT_DOWN',
        pauseSeconds: 10,
      });

      await hubspot.sim('POST', 'faults', []);
      pass(10);
      expect(await attempt().unsubscribe({ email: EMAIL })).toMatchObject({ status: 200 });
      expect(await attempt().unsubscribe({ email: EMAIL })).toMatchObject({ status: 200 });
    },
  );

  it('is not taken for down by what it says of one command', async () => {
    const { attempt } = opened();
    for (const status of [400, 403, 404, 414, 423]) await plan({ status, times: 2 });

    for (let call = 0; call < 10; call += 1) await attempt().unsubscribe({ email: EMAIL });

    expect(await attempt().unsubscribe({ email: EMAIL })).toMatchObject({ status: 200 });
  });
});

describe('an answer', () => {
  it.each([301, 302, 303, 307, 308])('that redirects (%i) is not followed', async (status) => {
    const elsewhere = await listening((response) => response.end(COMPLETE));
    await plan({ status, headers: { Location: `${elsewhere.url}/?ann` } });

    expect(await unsubscribe()).toMatchObject({ status, report: undefined });
    expect(elsewhere.requests).toEqual([]);
  });

  it.each<[string, number | undefined]>([
    ['7200', 7200],
    ['later', undefined],
  ])('says with Retry-After %s when to come back', async (value, expected) => {
    await plan({ status: 477, headers: { 'Retry-After': value } });

    expect((await unsubscribe()).retryAfterSeconds).toBe(expected);
  });

  it('says with a date in Retry-After when to come back', async () => {
    const date = new Date(Date.now() + 120_000).toUTCString();
    await plan({ status: 503, headers: { 'Retry-After': date } });

    const { retryAfterSeconds } = await unsubscribe();

    expect(retryAfterSeconds).toBeGreaterThan(115);
    expect(retryAfterSeconds).toBeLessThanOrEqual(120);
  });
});

describe('nothing that is returned or reported', () => {
  const quoting = { message: ANN, category: ANN, policyName: ANN, correlationId: ANN, errorType: ANN };
  const headers = { 'X-HubSpot-Correlation-Id': ANN, Location: `https://example.com/${ANN}` };

  it.each<[string, object]>([
    ...[301, 400, 401, 403, 404, 414, 423, 429, 477, 500, 503].map((status): [string, object] => [
      `a ${status}`,
      { status, body: quoting, headers, times: 2 },
    ]),
    ['an empty success', { status: 200, body: '' }],
    ['a success with the address in its envelope', { status: 200, body: { status: 'COMPLETE', message: ANN } }],
    ['garbage', { status: 200, body: `<p>${ANN} ${TOKEN}</p>` }],
    ['a cut connection', { drop: 'before' }],
    ['a time-out', { delayMs: 500 }],
  ])('holds the address, the URL or the token: %s', async (_what, fault) => {
    const { attempt, events, pass } = opened({ limits: SHORT });
    await plan({ times: 2, ...fault });

    const answers: HubSpotResponse[] = [await attempt().unsubscribe({ email: EMAIL, businessUnitId: '424242' })];
    pass(5);
    answers.push(await attempt().readStatus({ email: EMAIL }));
    answers.push(await attempt().findContact(CONTACT));

    const said = allOf({ answers, events });
    for (const form of [...formsOf(ANN), ...formsOf(TOKEN), hubspot.url, '424242']) expect(said).not.toContain(form);
  });

  it('holds anything of a token that HTTP cannot carry', async () => {
    const grant = await listening((response, { path }) =>
      path.startsWith('/oauth/')
        ? response.end(JSON.stringify({ access_token: 'shibboleth\nx', expires_in: 1800 }))
        : response.end(COMPLETE),
    );
    const oauth = { clientId: 'a', clientSecret: 'b', refreshToken: 'c' };
    const { attempt, events } = opened({ baseUrl: grant.url, secret: JSON.stringify({ oauth }) });

    const answer = await attempt().unsubscribe({ email: EMAIL });

    expect(answer).toEqual({ status: 0, category: 'NO_CONNECTION' });
    expect(allOf({ answer, events })).not.toContain('shibboleth');
  });
});
