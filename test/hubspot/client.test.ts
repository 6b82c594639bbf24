import { describe, expect, it } from 'vitest';
import { evidenceInStatus } from '../../functions/core/delivery/evidence.ts';
import type { ApiVersion, HubSpotResponse, Subject } from '../../functions/core/delivery/hubspot.ts';
import { parseContactId } from '../../functions/core/model/contact-id.ts';
import { parseEmailAddress } from '../../functions/core/model/email-address.ts';
import { readManyStatuses } from '../../functions/hubspot/client.ts';
import { listening } from '../aws/listening.ts';
import { ANN, statuses, TOKEN } from '../local/hubspot/simulated.ts';
import { type ClientOptions, clientUnderTest, LEGAL_BASIS } from './client-under-test.ts';

const EMAIL = parseEmailAddress(ANN);
const CONTACT = parseContactId('4711');
const ALL = '/unsubscribe-all?channel=EMAIL&verbose=true';
const COMPLETE = '{"status":"COMPLETE","results":[]}';
const SHORT = { headersMs: 120, callMs: 240, attemptMs: 400 };

const { create, simulator, writeSecret, planFaults, optOutWrites } = clientUnderTest();

describe('a request', () => {
  const all = (email: string, version = 'v4', brand = '') => statuses(email, ALL + brand, version);

  it.each<[string, ApiVersion, Omit<Subject, 'email'>, string]>([
    ['ann@example.com', 'v4', {}, all('ann@example.com')],
    ['ann@example.com', '2026-03', {}, all('ann@example.com', '2026-03')],
    ['ann@example.com', '2026-09', {}, all('ann@example.com', '2026-09')],
    ['ann@example.com', 'v4', { businessUnitId: '0' }, all('ann@example.com', 'v4', '&businessUnitId=0')],
    ['ann+news@example.com', 'v4', {}, `/communication-preferences/v4/statuses/ann%2Bnews%40example.com${ALL}`],
    ['a/../b@example.com', 'v4', {}, `/communication-preferences/v4/statuses/a%2F..%2Fb%40example.com${ALL}`],
    ['100%25?#&@example.com', 'v4', {}, all('100%25?#&@example.com')],
    ["o'brien!*~@example.com", 'v4', {}, `/communication-preferences/v4/statuses/o'brien!*~%40example.com${ALL}`],
    ['zoë@münchen.de', 'v4', {}, `/communication-preferences/v4/statuses/zo%C3%AB%40xn--mnchen-3ya.de${ALL}`],
  ])('for %s in %s with %j has the documented format', async (email, version, rest, path) => {
    const { url, requests } = await listening((response) => response.end(COMPLETE));
    const subject = { email: parseEmailAddress(email), ...rest };
    const api = create({ baseUrl: url, version }).attempt();

    await api.unsubscribe(subject);
    await api.readStatus(subject);

    const call = { path, body: '', headers: { authorization: `Bearer ${TOKEN}` } };
    expect(requests).toMatchObject([
      { method: 'POST', ...call },
      { method: 'GET', ...call },
    ]);
    expect(requests.map(({ headers }) => headers['content-type'])).toEqual([undefined, undefined]);
  });

  it('for one subscription type has the legal basis, and only the documented query', async () => {
    const { url, requests } = await listening((response) => response.end(COMPLETE));
    const subject = { email: EMAIL, subscriptionId: '228', businessUnitId: '7' };
    const api = create({ baseUrl: url, version: '2026-09' }).attempt();

    await api.unsubscribe(subject);
    await api.readStatus(subject);
    await api.readSubscriptions(subject);

    const body = { channel: 'EMAIL', statusState: 'UNSUBSCRIBED', subscriptionId: 228, ...LEGAL_BASIS };
    const read = { method: 'GET', path: statuses(ANN, '?channel=EMAIL&businessUnitId=7', '2026-09'), body: '' };
    expect(requests).toMatchObject([
      { method: 'POST', path: statuses(ANN, '', '2026-09'), body: JSON.stringify(body) },
      read,
      read,
    ]);
    expect(requests[0]?.headers).toMatchObject({ 'content-type': 'application/json' });
  });

  it.each(['v4', '2026-03', '2026-09'] as const)('writes and reads the status in %s', async (version) => {
    const api = create({ version }).attempt();

    const written = await api.unsubscribe({ email: EMAIL });
    const read = await api.readStatus({ email: EMAIL });

    expect(written).toMatchObject({ status: 200, report: { status: 'COMPLETE', numErrors: 0 } });
    expect(written.report?.results.length).toBeGreaterThan(0);
    expect(written.report?.results[0]).toMatchObject({ subscriberIdString: ANN, status: 'UNSUBSCRIBED' });
    expect(written.correlationId).toMatch(/^[\w-]{36}$/);
    expect(read.report?.results).toMatchObject([{ wideStatusType: 'PORTAL_WIDE', status: 'UNSUBSCRIBED' }]);
    expect(await optOutWrites()).toBe(1);
  });

  it.each(['v4', '2026-03', '2026-09'] as const)('reads every subscription in %s', async (version) => {
    const timestamp = '2026-11-01T10:00:00.000Z';
    await simulator().sim('PUT', `contacts/${ANN}`, { statuses: [{ status: 'SUBSCRIBED', timestamp }] });

    const { report } = await create({ version }).attempt().readSubscriptions({ email: EMAIL });

    expect(report?.results).toHaveLength(3);
    for (const row of report?.results ?? []) {
      expect(row).toMatchObject({ subscriberIdString: ANN, status: 'SUBSCRIBED', timestamp });
    }
  });

  it('writes one subscription type', async () => {
    const { json } = await simulator().api('GET', '/communication-preferences/v4/definitions');
    const subscriptionId = String(json.results[0].id);

    const response = await create().attempt().unsubscribe({ email: EMAIL, subscriptionId });

    expect(response).toMatchObject({ status: 200, report: { status: 'COMPLETE' } });
    expect(response.report?.results).toMatchObject([
      { subscriptionId, status: 'UNSUBSCRIBED', subscriberIdString: ANN },
    ]);
    expect(await optOutWrites()).toBe(0);
  });
});

describe('the definitions', () => {
  it.each(['v4', '2026-03', '2026-09'] as const)('in %s have every subscription type', async (version) => {
    const { types } = await create({ version }).attempt().readDefinitions();

    expect(types).toEqual(['1', '2', '3'].map((id) => ({ id, businessUnitId: '0' })));
    const path = `/communication-preferences/${version}/definitions`;
    expect((await simulator().sim('GET', 'requests')).json).toMatchObject([{ method: 'GET', path, status: 200 }]);
  });

  it('require a scope', async () => {
    await simulator().sim('POST', 'tokens', { tokens: [TOKEN], scopes: [] });

    const response = await create().attempt().readDefinitions();

    expect(response).toMatchObject({ status: 403, category: 'MISSING_SCOPES' });
    expect(response.types).toBeUndefined();
  });
});

describe('a contact', () => {
  it.each([
    ['v4', '/crm/v3/objects/contacts/4711?properties=email,hs_additional_emails,hs_email_optout'],
    ['2026-03', '/crm/objects/2026-03/contacts/4711?properties=email,hs_additional_emails,hs_email_optout'],
    ['2026-09', '/crm/objects/2026-09/contacts/4711?properties=email,hs_additional_emails,hs_email_optout'],
  ] as const)('in %s is read from %s with its address', async (version, path) => {
    await simulator().sim('PUT', `contacts/${ANN}`, { id: '4711' });

    const response = await create({ version }).attempt().findContact(CONTACT, 'hs_email_optout');

    expect(response).toMatchObject({ status: 200, email: EMAIL });
    expect(response.correlationId).toMatch(/^[\w-]{36}$/);
    expect((await simulator().sim('GET', 'requests')).json).toMatchObject([{ method: 'GET', path, status: 200 }]);
  });

  it('that does not exist is a 404', async () => {
    const response = await create().attempt().findContact(CONTACT, 'hs_email_optout');

    expect(response).toMatchObject({ status: 404 });
    expect(response.email).toBeUndefined();
  });

  it('requires the contacts scope', async () => {
    await simulator().sim('POST', 'tokens', { tokens: [TOKEN], scopes: ['communication_preferences.read_write'] });

    expect(await create().attempt().findContact(CONTACT, 'hs_email_optout')).toMatchObject({
      status: 403,
      category: 'MISSING_SCOPES',
    });
  });

  it('is read with a rotated token', async () => {
    await simulator().sim('PUT', `contacts/${ANN}`, { id: '4711' });
    const { attempt, pass } = create({ secret: 'rotated-away' });
    expect(await attempt().findContact(CONTACT, 'hs_email_optout')).toMatchObject({ status: 401 });
    writeSecret(TOKEN);
    pass(1);

    expect(await attempt().findContact(CONTACT, 'hs_email_optout')).toMatchObject({ status: 200, email: EMAIL });
  });

  it('is read within the time limits', async () => {
    await planFaults({ delayMs: 9_000 });

    expect(await create({ limits: SHORT }).attempt().findContact(CONTACT, 'hs_email_optout')).toEqual({
      status: 0,
      category: 'TIME_OUT',
    });
  });

  it('is subject to the rate limiter', async () => {
    await planFaults({ status: 429, headers: { 'Retry-After': '7' } });
    const { attempt } = create();

    expect(await attempt().findContact(CONTACT, 'hs_email_optout')).toMatchObject({
      status: 429,
      retryAfterSeconds: 7,
    });
    expect(await attempt().findContact(CONTACT, undefined)).toMatchObject({ status: 0, category: 'HELD_BACK' });
  });
});

describe('a read of many addresses', () => {
  const EMAILS = [ANN, 'ben@example.com', 'cleo@example.com'].map(parseEmailAddress);
  const NOW = new Date('2026-11-23T10:00:00.000Z');

  const readMany = (options?: ClientOptions) => readManyStatuses(EMAILS, create(options).ports);
  const unsubscribedIn = (response: HubSpotResponse) =>
    EMAILS.filter((email) => evidenceInStatus(response, { email }, NOW));

  it.each(['v4', '2026-03', '2026-09'] as const)(
    'makes one call in %s and shows which addresses are unsubscribed',
    async (version) => {
      await simulator().sim('POST', 'portal', { brands: [0, 7] });
      await simulator().sim('PUT', `contacts/${ANN}`, { optedOut: true });
      await simulator().sim('PUT', 'contacts/cleo@example.com', {
        wide: [{ status: 'UNSUBSCRIBED', businessUnitId: 7 }],
      });

      const response = await readMany({ version });

      expect(response).toMatchObject({ status: 200, report: { status: 'COMPLETE', numErrors: 0 } });
      expect(unsubscribedIn(response)).toEqual([EMAIL]);
      const path = `/communication-preferences/${version}/statuses/batch/unsubscribe-all/read?channel=EMAIL`;
      expect((await simulator().sim('GET', 'requests')).json).toMatchObject([{ method: 'POST', path, status: 200 }]);
    },
  );

  it('sends the addresses in the body, so that no URL in a log contains them', async () => {
    const { url, requests } = await listening((response) => response.end(COMPLETE));

    await readMany({ baseUrl: url });

    expect(requests).toMatchObject([{ method: 'POST', body: JSON.stringify({ inputs: EMAILS }) }]);
    expect(requests[0]?.path).not.toContain('example');
    expect(requests[0]?.headers).toMatchObject({
      authorization: `Bearer ${TOKEN}`,
      'content-type': 'application/json',
    });
  });

  const wide = { channel: 'EMAIL', status: 'UNSUBSCRIBED', wideStatusType: 'PORTAL_WIDE' };

  it.each<[string, number, object[]]>([
    ['rows with an address', 200, [{ wideStatuses: [{ ...wide, subscriberIdString: ANN }] }]],
    ['rows whose group has the address', 200, [{ subscriberIdString: 'Ann@Example.com', wideStatuses: [wide] }]],
    [
      'a partial response',
      207,
      [
        { subscriberIdString: ANN, wideStatuses: [wide] },
        { subscriberIdString: 'ben@example.com', wideStatuses: [] },
      ],
    ],
    [
      'groups among invalid ones',
      200,
      [{ wideStatuses: 'x' }, { subscriberIdString: ANN, wideStatuses: [null as never, wide] }],
    ],
  ])('reads %s', async (_what, status, results) => {
    const body = JSON.stringify({ status: 'COMPLETE', results, errors: [{ category: 'X' }] });
    const { url } = await listening((response) => response.writeHead(status).end(body));

    const response = await readMany({ baseUrl: url });

    expect(response.status).toBe(status);
    expect(unsubscribedIn(response)).toEqual([EMAIL]);
  });

  it('returns the 403 of a tier without this call', async () => {
    await simulator().sim('POST', 'tokens', { tokens: [TOKEN], scopes: ['communication_preferences.read_write'] });

    expect(await readMany()).toMatchObject({ status: 403, category: 'MISSING_SCOPES' });
  });
});
