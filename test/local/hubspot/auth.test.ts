import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ALL, ANN, type Simulated, simulated, statuses, TOKEN } from './simulated.ts';

let hubspot: Simulated;
beforeEach(async () => {
  hubspot = await simulated();
});
afterEach(() => hubspot.close());

const optOut = (token?: string) => hubspot.api('POST', statuses(ANN, ALL), token === undefined ? {} : { token });
const written = async () => (await hubspot.sim('GET', `contacts/${ANN}`)).json.optOutWrites;

describe('a bearer token', () => {
  it.each(['', 'unknown', `${TOKEN}x`])('"%s" is rejected and changes nothing', async (token) => {
    const { status, json } = await optOut(token);

    expect(status).toBe(401);
    expect(json).toMatchObject({ status: 'error', category: 'INVALID_AUTHENTICATION' });
    expect(json.message).toMatch(/^Authentication credentials not found\. This API supports OAuth 2\.0/);
    expect(await written()).toBe(0);
  });

  it.each([`"${TOKEN}"`, `${TOKEN} ${TOKEN}`, `{"token":"${TOKEN}"}`, `'${TOKEN}'`])(
    '%s is reported as expired in 1970',
    async (token) => {
      const { status, json } = await optOut(token);

      expect(status).toBe(401);
      expect(json).toMatchObject({
        category: 'EXPIRED_AUTHENTICATION',
        context: { 'expire time': ['1970-01-01T00:00:00Z'] },
        message: expect.stringMatching(/^The OAuth token used to make this call expired \d{5} day\(s\) ago\.$/),
      });
    },
  );

  it('is rejected in another authentication scheme', async () => {
    const response = await hubspot.api('GET', statuses(ANN, ALL), {
      token: '',
      headers: { authorization: `Basic ${TOKEN}` },
    });

    expect(response.status).toBe(401);
  });

  it('is no longer accepted after others are set', async () => {
    await hubspot.sim('POST', 'tokens', { tokens: ['new', ''] });

    expect((await optOut()).status).toBe(401);
    expect((await optOut('')).status).toBe(401);
    expect((await optOut('new')).status).toBe(200);

    hubspot.setTokens([TOKEN]);
    expect((await optOut()).status).toBe(200);
    expect((await optOut('new')).status).toBe(401);
  });
});

describe('scopes', () => {
  const grant = (...scopes: string[]) => hubspot.sim('POST', 'tokens', { tokens: [TOKEN], scopes });

  it('are named in the 403 if they are missing', async () => {
    await grant('communication_preferences.read');

    const { status, json } = await optOut();

    expect(status).toBe(403);
    expect(json).toMatchObject({ category: 'MISSING_SCOPES' });
    expect(json.message).toMatch(/^This app hasn't been granted all required scopes to make this call\./);
    expect(json.errors[0].context.requiredGranularScopes).toEqual(['communication_preferences.write']);
    expect(await written()).toBe(0);
    expect((await hubspot.api('GET', statuses(ANN, ALL))).status).toBe(200);
  });

  it.each([
    ['communication_preferences.write', 200],
    ['communication_preferences.read_write', 200],
    ['communication_preferences.statuses.batch.write', 403],
  ])('of %s alone yield %i for an opt-out', async (scope, status) => {
    await grant(scope);

    expect((await optOut()).status).toBe(status);
  });

  it('are required by the batch, link and contact endpoints', async () => {
    await grant('communication_preferences.write');
    const links = () =>
      hubspot.api('POST', '/communication-preferences/v4/links/generate?channel=EMAIL', {
        body: { subscriberIdString: ANN },
      });

    expect((await hubspot.api('POST', statuses('batch', ALL), { body: { inputs: [ANN] } })).status).toBe(403);
    expect((await hubspot.api('GET', '/crm/v3/objects/contacts/1')).status).toBe(403);
    expect((await links()).status).toBe(403);
    await grant('communication_preferences.write', 'communication_preferences.read');
    expect((await links()).status).toBe(200);
  });

  it('are all granted again by tokens without scopes', async () => {
    await grant();
    expect((await optOut()).status).toBe(403);

    await hubspot.sim('POST', 'tokens', { tokens: [TOKEN] });

    expect((await optOut()).status).toBe(200);
  });
});
