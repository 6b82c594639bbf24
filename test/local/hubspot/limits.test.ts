import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { ALL, ANN, type Simulated, simulated, statuses } from './simulated.ts';

let hubspot: Simulated;
beforeEach(async () => {
  vi.useFakeTimers({ toFake: ['Date'], now: Date.UTC(2026, 10, 23, 12) });
  hubspot = await simulated();
});
afterEach(async () => {
  vi.useRealTimers();
  await hubspot.close();
});

const optOut = () => hubspot.api('POST', statuses(ANN, ALL));

it('returns the remaining calls with every response', async () => {
  await optOut();

  const { headers } = await optOut();
  const notFound = await hubspot.api('POST', '/nowhere');

  expect(headers.get('x-hubspot-ratelimit-max')).toBe('190');
  expect(headers.get('x-hubspot-ratelimit-remaining')).toBe('188');
  expect(headers.get('x-hubspot-ratelimit-interval-milliseconds')).toBe('10000');
  expect(headers.get('x-hubspot-ratelimit-daily')).toBe('625000');
  expect(headers.get('x-hubspot-ratelimit-daily-remaining')).toBe('624998');
  expect(notFound.status).toBe(404);
  expect(notFound.headers.get('x-hubspot-ratelimit-remaining')).toBe('188');
});

it('rejects calls over the 10-second limit without carrying them out', async () => {
  await hubspot.sim('POST', 'limits', { per10Seconds: 2 });
  await optOut();
  await optOut();

  const { status, json, headers } = await optOut();

  expect(status).toBe(429);
  expect(json).toEqual({
    status: 'error',
    message: 'You have reached your ten_secondly_rolling limit.',
    errorType: 'RATE_LIMIT',
    correlationId: headers.get('x-hubspot-correlation-id'),
    policyName: 'TEN_SECONDLY_ROLLING',
    groupName: expect.any(String),
  });
  expect(headers.get('x-hubspot-ratelimit-remaining')).toBe('0');
  expect((await hubspot.sim('GET', `contacts/${ANN}`)).json.optOutWrites).toBe(2);
});

it('accepts calls again as the window moves on', async () => {
  await hubspot.sim('POST', 'limits', { per10Seconds: 2 });
  await optOut();
  vi.setSystemTime(Date.now() + 6_000);
  await optOut();
  expect((await optOut()).status).toBe(429);

  vi.setSystemTime(Date.now() + 4_001);

  expect((await optOut()).status).toBe(200);
  expect((await optOut()).status).toBe(429);
});

it('rejects calls over the daily limit until midnight', async () => {
  await hubspot.sim('POST', 'limits', { daily: 1 });
  await optOut();

  const { status, json } = await optOut();

  expect(status).toBe(429);
  expect(json).toMatchObject({ message: 'You have reached your daily limit.', policyName: 'DAILY' });
  vi.setSystemTime(Date.UTC(2026, 10, 24));
  expect((await optOut()).status).toBe(200);
});

it('does not count unauthenticated calls and control paths', async () => {
  await hubspot.sim('GET', 'requests');
  await hubspot.api('POST', statuses(ANN, ALL), { token: 'unknown' });

  expect((await optOut()).headers.get('x-hubspot-ratelimit-remaining')).toBe('189');
});

it('keeps a limit that is not given and rejects an invalid one', async () => {
  expect((await hubspot.sim('POST', 'limits', { daily: 5 })).json).toEqual({ per10Seconds: 190, daily: 5 });
  expect((await hubspot.sim('POST', 'limits', { daily: -1 })).status).toBe(400);
  expect((await hubspot.sim('POST', 'limits', { perSecond: 1 })).status).toBe(400);
});

it('shows the limits, the calls made today and the start of the next day', async () => {
  await hubspot.sim('POST', 'limits', { daily: 5 });
  await optOut();

  expect((await hubspot.sim('GET', 'limits')).json).toEqual({
    per10Seconds: 190,
    daily: 5,
    usedToday: 1,
    resetsAt: '2026-11-24T00:00:00.000Z',
  });
});

describe("a day in the account's time zone", () => {
  it.each([
    ['America/Los_Angeles', '2026-11-23T12:00:00Z', '2026-11-24T08:00:00.000Z'],
    ['Asia/Kolkata', '2026-11-23T12:00:00Z', '2026-11-23T18:30:00.000Z'],
    ['Europe/Berlin', '2026-10-25T00:30:00+02:00', '2026-10-25T23:00:00.000Z'],
    ['Europe/Berlin', '2026-03-29T00:00:00+01:00', '2026-03-29T22:00:00.000Z'],
  ])('ends at midnight in %s', async (timeZone, now, resetsAt) => {
    vi.setSystemTime(Date.parse(now));

    await hubspot.sim('POST', 'portal', { timeZone });

    expect((await hubspot.sim('GET', 'limits')).json).toMatchObject({ usedToday: 0, resetsAt });
    const { json } = await hubspot.api('GET', '/account-info/v3/api-usage/daily/private-apps');
    expect(json.results).toMatchObject([{ resetsAt }]);
  });

  it('has its own daily limit', async () => {
    await hubspot.sim('POST', 'portal', { timeZone: 'America/Los_Angeles' });
    await hubspot.sim('POST', 'limits', { daily: 1 });
    await optOut();

    vi.setSystemTime(Date.UTC(2026, 10, 24, 7, 59));
    const before = await optOut();
    vi.setSystemTime(Date.UTC(2026, 10, 24, 8));
    const after = await optOut();

    expect(before).toMatchObject({ status: 429, json: { policyName: 'DAILY' } });
    expect(before.headers.get('x-hubspot-ratelimit-daily-remaining')).toBe('0');
    expect(after.status).toBe(200);
    expect(after.headers.get('x-hubspot-ratelimit-daily')).toBe('1');
  });
});
