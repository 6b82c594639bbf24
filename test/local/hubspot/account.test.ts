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
      expect(json).toMatchObject({ status: 'error', message: 'resource not found' });
      expect(json).not.toHaveProperty('category');
      expect((await hubspot.api('GET', `${path}/ann`)).json).toMatchObject({
        category: 'OBJECT_NOT_FOUND',
        context: { id: ['ann'] },
      });
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

describe('the properties of a contact', () => {
  const put = (body: object, email = ANN) => hubspot.sim('PUT', `contacts/${email}`, body);
  const read = async (names: string, id = '512') =>
    (await hubspot.api('GET', `/crm/v3/objects/contacts/${id}?properties=${names}`)).json?.properties;

  it('are the requested ones and those that HubSpot always returns', async () => {
    await put({ id: '512' });

    expect(Object.keys(await read('hs_email_optout')).sort()).toEqual([
      'createdate',
      'hs_email_optout',
      'hs_object_id',
      'lastmodifieddate',
    ]);
  });

  it('show opt-outs from everything and from each subscription type', async () => {
    await put({ id: '512', statuses: [{ subscriptionId: 2, status: 'UNSUBSCRIBED' }] });
    const names = 'hs_email_optout,hs_email_optout_1,hs_email_optout_2,hs_email_optout_99';

    const before = await read(names);
    await hubspot.api('POST', statuses(ANN, ALL));

    expect(before).toMatchObject({ hs_email_optout: null, hs_email_optout_1: null, hs_email_optout_2: 'true' });
    expect(before).not.toHaveProperty('hs_email_optout_99');
    expect(await read(names)).toMatchObject({ hs_email_optout: 'true', hs_email_optout_1: 'true' });
  });

  it('can be set', async () => {
    await put({ id: '512', properties: { hs_email_hard_bounce_reason_enum: 'UNKNOWN_USER', email: null } });

    expect(await read('email,hs_email_hard_bounce_reason_enum')).toMatchObject({
      email: null,
      hs_email_hard_bounce_reason_enum: 'UNKNOWN_USER',
    });
  });

  it('list additional addresses, by which the contact is found', async () => {
    await put({ id: '512', additionalEmails: ['Ann@Work.example.com', 'zoë@münchen.de'] });

    expect(await read('hs_additional_emails')).toMatchObject({
      hs_additional_emails: 'ann@work.example.com;zoë@xn--mnchen-3ya.de',
    });
    const path = `/crm/v3/objects/contacts/${encodeURIComponent('zoë@münchen.de')}?idProperty=email`;
    expect((await hubspot.api('GET', path)).json).toMatchObject({ id: '512', properties: { email: ANN } });
  });
});

describe('a merged contact', () => {
  const BOB = 'bob@example.com';
  const put = (body: object, email = ANN) => hubspot.sim('PUT', `contacts/${email}`, body);
  const read = (id: string) =>
    hubspot.api('GET', `/crm/v3/objects/contacts/${id}?properties=email,hs_additional_emails,hs_merged_object_ids`);

  it('is answered with the id and the properties of the contact that is left', async () => {
    await put({ id: '512', mergedIds: ['510', '511'] });

    for (const id of ['510', '511', '512']) {
      expect((await read(id)).json).toMatchObject({
        id: '512',
        properties: { email: ANN, hs_object_id: '512', hs_merged_object_ids: '510;511' },
      });
    }
  });

  it('that exists gives its ids and addresses to the contact that is left', async () => {
    await put({ id: '511', mergedIds: ['509'], additionalEmails: ['bob@work.example.com'] }, BOB);

    await put({ id: '513', mergedIds: ['511', '512'] });

    const left = {
      email: ANN,
      hs_additional_emails: `${BOB};bob@work.example.com`,
      hs_merged_object_ids: '511;512;509',
    };
    expect((await read('511')).json).toMatchObject({ id: '513', properties: left });
    expect((await read('509')).json.id).toBe('513');
    expect((await hubspot.sim('GET', `contacts/${BOB}`)).json).not.toHaveProperty('id');
    expect((await hubspot.api('GET', `/crm/v3/objects/contacts/${BOB}?idProperty=email`)).json.id).toBe('513');
    expect((await put({}, 'eve@example.com')).json.id).toBe('1001');
  });

  it('keeps the ids and addresses of a contact that is not merged', async () => {
    await put({ id: '511', mergedIds: ['509'], additionalEmails: ['bob@work.example.com'] }, BOB);
    const before = (await hubspot.sim('GET', 'contacts')).json;

    for (const body of [{ id: '509' }, { additionalEmails: [BOB] }, { additionalEmails: ['bob@work.example.com'] }]) {
      expect(await put(body)).toMatchObject({
        status: 400,
        json: { error: expect.stringContaining('another contact') },
      });
    }
    expect((await hubspot.sim('GET', 'contacts')).json).toEqual(before);
  });
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
