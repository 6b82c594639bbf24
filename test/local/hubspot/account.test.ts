import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ALL, ANN, type Simulated, simulated, statuses, TOKEN } from './simulated.ts';

let hubspot: Simulated;
beforeEach(async () => {
  hubspot = await simulated();
});
afterEach(() => hubspot.close());

describe.each(['/crm/v3/objects/contacts', '/crm/objects/2026-03/contacts', '/crm/objects/2026-09/contacts'])(
  'GET %s',
  (path) => {
    it('reads a contact by its id', async () => {
      await hubspot.sim('PUT', `contacts/${ANN}`, { id: '512' });

      const { status, json } = await hubspot.api('GET', `${path}/512?properties=email`);

      expect(status).toBe(200);
      expect(json).toMatchObject({ id: '512', archived: false, properties: { email: ANN, hs_object_id: '512' } });
    });

    it('responds with 404 to an unknown id', async () => {
      const { status, json } = await hubspot.api('GET', `${path}/512?properties=email`);

      expect(status).toBe(404);
      expect(json).toMatchObject({ status: 'error', category: 'OBJECT_NOT_FOUND' });
    });
  },
);

it('reads a contact by its address, with the requested properties', async () => {
  await hubspot.sim('PUT', `contacts/${ANN}`, { id: '512' });
  await hubspot.api('POST', statuses(ANN, ALL));

  const path = `/crm/v3/objects/contacts/${encodeURIComponent('Ann@example.com')}`;
  const { json } = await hubspot.api(
    'GET',
    `${path}?idProperty=email&properties=email,hs_email_optout&properties=city`,
  );

  expect(json.properties).toMatchObject({ email: ANN, hs_email_optout: 'true', city: null });
  expect((await hubspot.api('GET', path)).status).toBe(404);
});

it('returns the calls made today', async () => {
  await hubspot.api('GET', statuses(ANN, ALL));

  for (const version of ['v3', '2026-03', '2026-09']) {
    const { json } = await hubspot.api('GET', `/account-info/${version}/api-usage/daily/private-apps`);
    expect(json.results).toMatchObject([{ usageLimit: 625_000, fetchStatus: 'SUCCESS' }]);
    expect(json.results[0].currentUsage).toBeGreaterThan(1);
  }
});

describe('access-token-info', () => {
  const path = '/oauth/v2/private-apps/get/access-token-info';

  it('returns the scopes of the token in the body or the header', async () => {
    const byBody = await hubspot.api('POST', path, { token: '', body: { tokenKey: TOKEN } });

    expect(byBody.json).toMatchObject({ hubId: expect.any(Number), scopes: expect.any(Array) });
    expect(byBody.json.scopes).toContain('communication_preferences.read_write');
    expect((await hubspot.api('POST', path)).status).toBe(200);
  });

  it('rejects an unknown token', async () => {
    expect((await hubspot.api('POST', path, { body: { tokenKey: 'another' } })).status).toBe(401);
    expect((await hubspot.api('POST', path, { token: '' })).status).toBe(401);
  });
});
