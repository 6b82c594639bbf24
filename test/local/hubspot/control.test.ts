import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ALL, ANN, type Simulated, simulated, statuses, TOKEN } from './simulated.ts';

/** An account without the Brands add-on. */
const DEFAULTS = { brands: [0], dataPrivacy: false, batch: true, timeZone: 'UTC', echo: 'sent', lagMs: 0 };

let hubspot: Simulated;
beforeEach(async () => {
  hubspot = await simulated();
});
afterEach(() => hubspot.close());

it('shows an unknown address without statuses', async () => {
  const { status, json } = await hubspot.sim('GET', `contacts/${ANN}`);

  expect(status).toBe(200);
  expect(json).toEqual({ email: ANN, optedOut: false, optOutWrites: 0, wide: [], statuses: [] });
});

it('shows an opt-out as indented JSON', async () => {
  await hubspot.api('POST', statuses(ANN, ALL));

  const shown = await (await fetch(`${hubspot.url}/_sim/contacts/${ANN}`)).text();

  expect(shown).toContain('{\n  "email": "ann@example.com",\n  "optedOut": true,\n  "optOutWrites": 1,');
  expect(JSON.parse(shown)).toMatchObject({ wide: [{ wideStatusType: 'PORTAL_WIDE' }], statuses: [{}, {}, {}] });
});

it('lists every known address', async () => {
  await hubspot.sim('PUT', 'contacts/bob@example.com', {});
  await hubspot.api('POST', statuses(ANN, ALL));

  const { json } = await hubspot.sim('GET', 'contacts');

  expect(json).toMatchObject([
    { email: 'bob@example.com', optedOut: false },
    { email: ANN, optedOut: true },
  ]);
});

it('lists the API requests without its own, oldest first', async () => {
  await hubspot.sim('GET', 'contacts');
  await hubspot.api('POST', statuses(ANN, ALL));
  await hubspot.api('GET', statuses(ANN, ALL), { token: '' });

  const { json } = await hubspot.sim('GET', 'requests');

  const at = expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/);
  expect(json).toEqual([
    { at, method: 'POST', path: statuses(ANN, ALL), status: 200 },
    { at, method: 'GET', path: statuses(ANN, ALL), status: 401 },
  ]);
});

it('resets everything except the tokens', async () => {
  await hubspot.api('POST', statuses(ANN, ALL));
  await hubspot.sim('POST', 'faults', [{ status: 500 }]);
  await hubspot.sim('POST', 'limits', { per10Seconds: 1 });
  await hubspot.sim('POST', 'portal', { brands: [7], lagMs: 60_000 });
  await hubspot.sim('POST', 'tokens', { tokens: ['other'], scopes: [] });

  expect((await hubspot.sim('POST', 'reset')).status).toBe(200);

  expect((await hubspot.sim('GET', 'contacts')).json).toEqual([]);
  expect((await hubspot.sim('GET', 'requests')).json).toEqual([]);
  expect((await hubspot.sim('GET', 'portal')).json).toEqual(DEFAULTS);
  expect((await hubspot.api('POST', statuses(ANN, ALL), { token: TOKEN })).status).toBe(401);
  const response = await hubspot.api('POST', statuses(ANN, ALL), { token: 'other' });
  expect(response.status).toBe(200);
  expect(response.headers.get('x-hubspot-ratelimit-remaining')).toBe('189');
});

it('changes only the given settings of the account', async () => {
  const first = await hubspot.sim('POST', 'portal', { brands: [7, 0, 7], dataPrivacy: true });
  const second = await hubspot.sim('POST', 'portal', { batch: false, timeZone: 'Europe/Berlin' });

  expect(first.json).toEqual({ ...DEFAULTS, brands: [0, 7], dataPrivacy: true });
  expect(second.json).toEqual({ ...first.json, batch: false, timeZone: 'Europe/Berlin' });
  expect((await hubspot.sim('GET', 'portal')).json).toEqual(second.json);
});

describe('rejects', () => {
  it('an unknown path or method', async () => {
    expect(await hubspot.sim('GET', 'nothing')).toMatchObject({ status: 404, json: { error: expect.any(String) } });
    expect(await hubspot.sim('DELETE', 'contacts')).toMatchObject({ status: 405, json: { error: expect.any(String) } });
  });

  it.each([
    ['tokens', { tokens: 'one' }],
    ['tokens', {}],
    ['tokens', '{"tokens": ['],
    ['limits', []],
  ])('POST /_sim/%s with %j', async (path, body) => {
    expect(await hubspot.sim('POST', path, body)).toMatchObject({ status: 400, json: { error: expect.any(String) } });
    expect((await hubspot.api('POST', statuses(ANN, ALL))).status).toBe(200);
  });

  it.each([
    [{ brands: 7 }, 'brands'],
    [{ brands: [-1] }, 'brands.0'],
    [{ brands: ['7'] }, 'brands.0'],
    [{ dataPrivacy: 'yes', brands: [7] }, 'dataPrivacy'],
    [{ batch: null }, 'batch'],
    [{ timeZone: 'Mars/Olympus' }, 'timeZone'],
    [{ echo: 'loud' }, 'echo'],
    [{ lagMs: -1 }, 'lagMs'],
    [{ units: [7] }, 'units'],
    [[], 'object'],
    ['{"brands": [', 'JSON'],
  ])('the settings %j', async (body, reason) => {
    const response = await hubspot.sim('POST', 'portal', body);

    expect(response).toMatchObject({ status: 400, json: { error: expect.stringContaining(reason) } });
    expect((await hubspot.sim('GET', 'portal')).json).toEqual(DEFAULTS);
  });

  it('an address that is not percent-encoded correctly', async () => {
    expect((await hubspot.sim('GET', 'contacts/%E0%A4%A')).status).toBe(400);
  });
});
