import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { startHubSpotSimulator } from '../../../local/hubspot/simulator.ts';
import { ALL, ANN, OAUTH, type Simulated, simulated, statuses } from './simulated.ts';

let hubspot: Simulated;
beforeEach(async () => {
  hubspot = await simulated();
});
afterEach(async () => {
  vi.useRealTimers();
  await hubspot.close();
});

const GRANT = {
  grant_type: 'refresh_token',
  client_id: OAUTH.clientId,
  client_secret: OAUTH.clientSecret,
  refresh_token: OAUTH.refreshToken,
};
const FORM = 'application/x-www-form-urlencoded';
const refresh = (fields: Record<string, string> = {}, version = 'v3', type = FORM) =>
  hubspot.api('POST', `/oauth/${version}/token`, {
    token: '',
    body: new URLSearchParams({ ...GRANT, ...fields }).toString(),
    headers: { 'content-type': type },
  });

it.each(['v1', 'v3', '2026-03', '2026-09'])('issues an access token that is accepted in %s', async (version) => {
  const { status, json } = await refresh({}, version);

  expect(status).toBe(200);
  expect(json).toMatchObject({ token_type: 'bearer', expires_in: 1800, refresh_token: OAUTH.refreshToken });
  expect('hub_id' in json).toBe(version !== 'v1');
  const called = await hubspot.api('POST', statuses(ANN, ALL), { token: json.access_token });
  expect(called.status).toBe(200);
  expect(called.headers.get('x-hubspot-ratelimit-remaining')).toBe('189');
  expect(called.headers.has('x-hubspot-ratelimit-daily')).toBe(false);
});

it('rejects it after half an hour', async () => {
  const { json } = await refresh();
  const call = () => hubspot.api('GET', statuses(ANN, ALL), { token: json.access_token });
  vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 1_799_000 });
  expect((await call()).status).toBe(200);

  vi.setSystemTime(Date.now() + 6_000);

  expect(await call()).toMatchObject({
    status: 401,
    json: { category: 'EXPIRED_AUTHENTICATION', message: expect.stringMatching(/expired \d second\(s\) ago/) },
  });
});

describe('rejects', () => {
  it('another refresh token, with the documented body', async () => {
    const { status, json } = await refresh({ refresh_token: 'stolen' });

    expect(status).toBe(400);
    expect(json).toMatchObject({
      error: 'invalid_grant',
      error_description: 'refresh token is invalid, expired or revoked',
      status: 'BAD_REFRESH_TOKEN',
    });
  });

  it.each([
    [{ client_id: 'x' }, 'BAD_CLIENT_ID'],
    [{ client_secret: '' }, 'BAD_CLIENT_SECRET'],
    [{ grant_type: 'password' }, 'BAD_GRANT_TYPE'],
  ])('%j', async (fields, status) => {
    expect(await refresh(fields)).toMatchObject({ status: 400, json: { status } });
  });

  it('a body that is not a form', async () => {
    expect((await refresh({}, 'v3', 'application/json')).status).toBe(415);
  });

  it('every client if none is configured', async () => {
    const without = await startHubSpotSimulator({ port: 0, tokens: [] });
    const body = new URLSearchParams({ grant_type: 'refresh_token' });

    const response = await fetch(`${without.url}/oauth/v3/token`, { method: 'POST', body });

    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({ status: 'BAD_CLIENT_ID' });
    await without.close();
  });
});

it('accepts only the new client secret after a rotation', async () => {
  await hubspot.sim('POST', 'tokens', { tokens: [], oauth: { ...OAUTH, clientSecret: 'rotated' } });

  expect((await refresh()).status).toBe(400);
  expect((await refresh({ client_secret: 'rotated' })).status).toBe(200);
});
