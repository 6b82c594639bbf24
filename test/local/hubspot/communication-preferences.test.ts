import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ALL, ANN, type ApiResponse, type Simulated, simulated, statuses } from './simulated.ts';

let hubspot: Simulated;
beforeEach(async () => {
  hubspot = await simulated();
});
afterEach(() => hubspot.close());

const reasons = ({ json }: ApiResponse) =>
  json.results.map((row: Record<string, unknown>) => row['setStatusSuccessReason']);
const states = ({ json }: ApiResponse) => json.results.map((row: Record<string, unknown>) => row['status']);

describe.each(['v4', '2026-03', '2026-09'])('unsubscribe-all in %s', (version) => {
  it('sets every subscription and returns the documented envelope and rows', async () => {
    const response = await hubspot.api('POST', statuses(ANN, ALL, version));

    const time = expect.stringMatching(/^\d{4}-\d\d-\d\dT.*Z$/);
    expect(response.status).toBe(200);
    expect(response.json).toMatchObject({ status: 'COMPLETE', startedAt: time, completedAt: time });
    expect(response.json.results).toHaveLength(3);
    expect(response.json.results[0]).toEqual({
      businessUnitId: 0,
      channel: 'EMAIL',
      legalBasis: null,
      legalBasisExplanation: null,
      setStatusSuccessReason: 'UNSUBSCRIBE_FROM_ALL_OCCURRED',
      source: 'Public status API',
      status: 'UNSUBSCRIBED',
      subscriberIdString: ANN,
      subscriptionId: 1,
      subscriptionName: 'Marketing Information',
      timestamp: time,
    });
  });

  it('is read back as one portal-wide row', async () => {
    await hubspot.api('POST', statuses(ANN, ALL, version));

    const read = await hubspot.api('GET', statuses(ANN, '/unsubscribe-all?channel=EMAIL', version));

    expect(read.json.results).toMatchObject([
      { channel: 'EMAIL', status: 'UNSUBSCRIBED', wideStatusType: 'PORTAL_WIDE', subscriberIdString: ANN },
    ]);
  });
});

describe('unsubscribe-all', () => {
  it('keeps the first time and reports no change for an address that is already opted out', async () => {
    const first = await hubspot.api('POST', statuses(ANN, ALL));
    const second = await hubspot.api('POST', statuses(ANN, ALL));

    expect(reasons(second)).toEqual(Array(3).fill('NO_STATUS_CHANGE'));
    expect(second.json.results[0].timestamp).toBe(first.json.results[0].timestamp);
    expect((await hubspot.sim('GET', `contacts/${ANN}`)).json.optOutWrites).toBe(2);
  });

  it.each(['', '&verbose=false', '&verbose=1'])(
    'applies the opt-out but returns no results with "%s"',
    async (verbose) => {
      const response = await hubspot.api('POST', statuses(ANN, `/unsubscribe-all?channel=EMAIL${verbose}`));

      expect(response.json).toMatchObject({ status: 'COMPLETE', results: [] });
      expect((await hubspot.sim('GET', `contacts/${ANN}`)).json.optedOut).toBe(true);
    },
  );

  it('returns the address as sent and compares it trimmed and in lower case', async () => {
    const sent = ' Ann@Example.COM ';
    const response = await hubspot.api('POST', statuses(sent, ALL));

    expect(response.json.results[0].subscriberIdString).toBe(sent);
    expect((await hubspot.api('GET', statuses(ANN, ALL))).json.results).toHaveLength(1);
  });

  it.each(["o'brien+x@example.com", 'a/b@example.com', 'zoë@münchen.de'])('accepts %s', async (email) => {
    expect((await hubspot.api('POST', statuses(email, ALL))).status).toBe(200);
    expect((await hubspot.sim('GET', `contacts/${encodeURIComponent(email)}`)).json.optedOut).toBe(true);
  });

  it('creates no contact record', async () => {
    await hubspot.api('POST', statuses(ANN, ALL));

    expect((await hubspot.api('GET', `/crm/v3/objects/contacts/${ANN}?idProperty=email`)).status).toBe(404);
  });

  it.each(['not-an-address', 'two@@example.com', 'a b@example.com', '@example.com', `${'a'.repeat(250)}@example.com`])(
    'rejects %s',
    async (email) => {
      const response = await hubspot.api('POST', statuses(email, ALL));

      expect(response).toMatchObject({ status: 400, json: { status: 'error', category: 'VALIDATION_ERROR' } });
      expect((await hubspot.sim('GET', 'contacts')).json).toEqual([]);
    },
  );

  it('rejects a missing channel and any other channel', async () => {
    const message = 'query param channel may not be null';
    const path = statuses(ANN, '/unsubscribe-all?verbose=true');

    expect((await hubspot.api('POST', path)).json).toMatchObject({ message, category: 'VALIDATION_ERROR' });
    expect((await hubspot.api('GET', path)).json.message).toBe(message);
    expect((await hubspot.api('GET', statuses(ANN))).status).toBe(400);
    expect((await hubspot.api('POST', `${path}&channel=SMS`)).status).toBe(400);
  });

  it.each(['', 'undefined', '-1', '1.5', '99999999999999999'])('rejects the brand "%s"', async (brand) => {
    expect((await hubspot.api('POST', statuses(ANN, `${ALL}&businessUnitId=${brand}`))).status).toBe(400);
  });

  it('rejects an address that is not percent-encoded correctly', async () => {
    expect((await hubspot.api('POST', statuses('', '%E0%A4%A', 'v4') + ALL)).status).toBe(400);
  });

  it.each([
    ['POST', statuses(ANN, ALL, 'v3'), 404],
    ['POST', statuses(ANN, ALL, '2027-03'), 404],
    ['POST', '/communication-preferences/v4/statuses//unsubscribe-all', 404],
    ['POST', '/communication-preferences/v4/unsubscribe-all', 404],
    ['PUT', statuses(ANN, ALL), 405],
  ])('responds to the unknown route %s %s with a page, unlike to an invalid address', async (method, path, status) => {
    const response = await hubspot.api(method, path);

    expect(response).toMatchObject({ status, json: undefined });
    expect(response.headers.get('content-type')).toBe('text/html;charset=utf-8');
    expect(response.text).toContain(`HTTP ERROR ${status}`);
    expect(response.text).not.toContain('example.com');
  });
});

describe('a read', () => {
  it('returns no opt-out and unspecified statuses for an unknown address', async () => {
    expect((await hubspot.api('GET', statuses(ANN, ALL))).json).toMatchObject({ status: 'COMPLETE', results: [] });
    expect(states(await hubspot.api('GET', statuses(ANN, '?channel=EMAIL')))).toEqual(Array(3).fill('NOT_SPECIFIED'));
  });

  it('returns every subscription type of the account', async () => {
    const account = await hubspot.api('GET', '/communication-preferences/v4/definitions');

    expect(account.json.results).toHaveLength(3);
    expect(account.json.results[0]).toMatchObject({ id: '1', name: 'Marketing Information', isActive: true });
    expect(account.json.results[0]).not.toHaveProperty('subscriptionTranslations');
    const translated = await hubspot.api('GET', '/communication-preferences/v4/definitions?includeTranslations=true');
    expect(translated.json.results[0].subscriptionTranslations).toEqual([]);
  });
});

describe('a write of one status', () => {
  const set = (statusState: string, more: object = {}) =>
    hubspot.api('POST', statuses(ANN), { body: { channel: 'EMAIL', subscriptionId: 1, statusState, ...more } });

  it('subscribes with a legal basis, and reports no change the second time', async () => {
    const response = await set('SUBSCRIBED', { legalBasis: 'NON_GDPR', legalBasisExplanation: 'asked for it' });

    expect(response.json.results).toMatchObject([
      { status: 'SUBSCRIBED', setStatusSuccessReason: 'REQUESTED_CHANGE_OCCURRED', legalBasis: 'NON_GDPR' },
    ]);
    expect(reasons(await set('SUBSCRIBED'))).toEqual(['NO_STATUS_CHANGE']);
  });

  it('resubscribes after an opt-out from everything and removes the wide opt-out', async () => {
    await hubspot.api('POST', statuses(ANN, ALL));

    expect(reasons(await set('SUBSCRIBED'))).toEqual(['RESUBSCRIBE_OCCURRED']);
    expect((await hubspot.api('GET', statuses(ANN, ALL))).json.results).toEqual([]);
    const read = await hubspot.api('GET', statuses(ANN, '?channel=EMAIL'));
    expect(states(read).sort()).toEqual(['SUBSCRIBED', 'UNSUBSCRIBED', 'UNSUBSCRIBED']);
    expect(reasons(await hubspot.api('POST', statuses(ANN, ALL)))[0]).toBe('UNSUBSCRIBE_FROM_ALL_OCCURRED');
  });

  it('unsubscribes from one type without opting out of everything', async () => {
    expect(reasons(await set('UNSUBSCRIBED'))).toEqual(['REQUESTED_CHANGE_OCCURRED']);
    expect((await hubspot.sim('GET', `contacts/${ANN}`)).json).toMatchObject({ optedOut: false, optOutWrites: 0 });
  });

  it.each([
    [{ statusState: 'OUT' }],
    [{ subscriptionId: 99 }],
    [{ subscriptionId: '1' }],
    [{ channel: 'SMS' }],
    [{ legalBasis: 'BECAUSE' }],
    [{ status: 'SUBSCRIBED' }],
  ])('rejects %j', async (wrong) => {
    expect(await set('SUBSCRIBED', wrong)).toMatchObject({ status: 400, json: { category: 'VALIDATION_ERROR' } });
  });

  it.each([
    ['SUBSCRIBED', {}],
    ['UNSUBSCRIBED', {}],
    ['UNSUBSCRIBED', { legalBasis: 'LEGITIMATE_INTEREST_OTHER' }],
    ['UNSUBSCRIBED', { legalBasisExplanation: 'asked for it' }],
    ['UNSUBSCRIBED', { legalBasis: 'LEGITIMATE_INTEREST_OTHER', legalBasisExplanation: '' }],
  ])('is rejected with data privacy on: %s with %j', async (statusState, basis) => {
    await hubspot.sim('POST', 'portal', { dataPrivacy: true });

    const response = await set(statusState, basis);

    expect(response).toMatchObject({ status: 400, json: { category: 'VALIDATION_ERROR' } });
    expect(response.json.message).toContain('legalBasis');
    expect((await hubspot.sim('GET', 'contacts')).json).toEqual([]);
  });

  it('is accepted with a legal basis with data privacy on, and unsubscribe-all without one', async () => {
    await hubspot.sim('POST', 'portal', { dataPrivacy: true });
    const basis = { legalBasis: 'LEGITIMATE_INTEREST_OTHER', legalBasisExplanation: 'asked for it' };

    expect((await set('UNSUBSCRIBED', basis)).json.results).toMatchObject([{ status: 'UNSUBSCRIBED', ...basis }]);
    expect((await hubspot.api('POST', statuses(ANN, ALL))).status).toBe(200);
  });

  it('rejects a body that is not JSON', async () => {
    expect((await hubspot.api('POST', statuses(ANN), { body: 'channel=EMAIL' })).status).toBe(400);
  });
});

describe('links', () => {
  const generate = (body: object) =>
    hubspot.api('POST', '/communication-preferences/v4/links/generate?channel=EMAIL', { body });

  it('are generated without the address', async () => {
    const { json } = await generate({ subscriberIdString: ANN, language: 'de', subscriptionId: 1 });

    expect(json).toMatchObject({ subscriberIdString: ANN, managePreferencesUrl: expect.stringContaining('/de/') });
    expect(json.unsubscribeAllUrl + json.unsubscribeSingleUrl).not.toContain('ann');
    expect((await generate({ subscriberIdString: ANN })).json).not.toHaveProperty('unsubscribeSingleUrl');
  });

  it('are not generated for an invalid address or an unknown subscription', async () => {
    expect((await generate({ subscriberIdString: 'nobody' })).status).toBe(400);
    expect((await generate({ subscriberIdString: ANN, subscriptionId: 99 })).status).toBe(400);
  });
});
