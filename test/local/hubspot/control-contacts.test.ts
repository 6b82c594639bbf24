import { afterEach, beforeEach, expect, it } from 'vitest';
import { ALL, ANN, type Simulated, simulated, statuses } from './simulated.ts';

let hubspot: Simulated;
beforeEach(async () => {
  hubspot = await simulated();
});
afterEach(() => hubspot.close());

const put = (body?: unknown, email = ANN) => hubspot.sim('PUT', `contacts/${email}`, body);

it('creates a contact with the given id or an unused one', async () => {
  expect((await put({ id: '2000' })).json).toMatchObject({ email: ANN, id: '2000', optOutWrites: 0 });

  const { json } = await put(undefined, 'bob@example.com');

  expect(json.id).toBe('2001');
  expect((await put({}, 'bob@example.com')).json.id).toBe('2001');
  expect((await hubspot.api('GET', '/crm/v3/objects/contacts/2001')).json.properties.email).toBe('bob@example.com');
});

it('sets an opt-in with its time, as the API then shows', async () => {
  await hubspot.api('POST', statuses(ANN, ALL));

  const timestamp = '2026-11-01T08:00:00.000Z';
  const { json } = await put({
    statuses: [{ subscriptionId: 1, status: 'SUBSCRIBED', timestamp: '2026-11-01T09:00+01:00' }],
  });

  expect(json).toMatchObject({ optedOut: false, optOutWrites: 1, wide: [] });
  const read = await hubspot.api('GET', statuses(ANN, '?channel=EMAIL'));
  expect(read.json.results[0]).toMatchObject({ status: 'SUBSCRIBED', timestamp, source: 'Simulator' });
});

it('sets wide statuses, including SUBSCRIBED', async () => {
  await put({ wide: [{ status: 'UNSUBSCRIBED' }] });
  expect((await hubspot.sim('GET', `contacts/${ANN}`)).json).toMatchObject({ optedOut: true, optOutWrites: 0 });

  await put({ wide: [{ status: 'SUBSCRIBED' }] });

  expect((await hubspot.sim('GET', `contacts/${ANN}`)).json.optedOut).toBe(false);
  expect((await hubspot.api('GET', statuses(ANN, ALL))).json.results).toMatchObject([{ status: 'SUBSCRIBED' }]);
});

it.each([
  ['an id that is not a number', { id: 'ann' }],
  ['an unknown status', { statuses: [{ subscriptionId: 1, status: 'OUT' }] }],
  ['an unknown subscription', { statuses: [{ subscriptionId: 99, status: 'SUBSCRIBED' }] }],
  ['an invalid time', { statuses: [{ subscriptionId: 1, status: 'SUBSCRIBED', timestamp: 'today' }] }],
  ['an opt-out that is not a boolean', { optedOut: 'yes' }],
  ['a list', []],
  ['an unknown brand', { wide: [{ status: 'UNSUBSCRIBED', businessUnitId: 3 }] }],
  [
    'a portal-wide status of a brand',
    { wide: [{ status: 'UNSUBSCRIBED', businessUnitId: 3, wideStatusType: 'PORTAL_WIDE' }] },
  ],
  ['a merged id that is not a number', { mergedIds: ['ann'] }],
  ['an additional address that is not valid', { additionalEmails: ['ann'] }],
  ['a property that is not a string', { properties: { hs_email_optout: true } }],
])('rejects %s', async (_, body) => {
  expect(await put(body)).toMatchObject({ status: 400, json: { error: expect.any(String) } });
  expect((await hubspot.sim('GET', 'contacts')).json).toEqual([]);
});

it('accepts its own output, and applies a status without a subscription to all of them', async () => {
  const statuses = [{ status: 'SUBSCRIBED', timestamp: '2026-01-02T03:04:05.000Z' }];
  const { json: shown } = await put({ optedOut: true, statuses });
  expect(shown).toMatchObject({ optedOut: true, wide: [{ status: 'UNSUBSCRIBED', wideStatusType: 'PORTAL_WIDE' }] });
  expect((await put(shown)).json).toEqual(shown);
  expect(new Set(shown.statuses.map((row: { timestamp: string }) => row.timestamp))).toEqual(
    new Set(['2026-01-02T03:04:05.000Z']),
  );
  expect((await put({ optedOut: false })).json).toMatchObject({ optedOut: false, wide: [] });
});

it('rejects the id of another contact and an invalid address', async () => {
  await put({ id: '7' });

  expect((await put({ id: '7' }, 'bob@example.com')).status).toBe(400);
  expect((await put({}, 'nobody')).status).toBe(400);
});
