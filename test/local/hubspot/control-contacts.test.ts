import { afterEach, beforeEach, expect, it } from 'vitest';
import { ALL, ANN, type Simulated, simulated, statuses } from './simulated.ts';

let hubspot: Simulated;
beforeEach(async () => {
  hubspot = await simulated();
});
afterEach(() => hubspot.close());

const put = (body?: unknown, email = ANN) => hubspot.sim('PUT', `contacts/${email}`, body);

it('makes a contact with the id it is given, or a free one', async () => {
  expect((await put({ id: '2000' })).json).toMatchObject({ email: ANN, id: '2000', optOutWrites: 0 });

  const { json } = await put(undefined, 'bob@example.com');

  expect(json.id).toBe('2001');
  expect((await put({}, 'bob@example.com')).json.id).toBe('2001');
  expect((await hubspot.api('GET', '/crm/v3/objects/contacts/2001')).json.properties.email).toBe('bob@example.com');
});

it('sets an opt-in with its time, which the API then reports', async () => {
  await hubspot.api('POST', statuses(ANN, ALL));

  const timestamp = '2026-11-01T08:00:00.000Z';
  const { json } = await put({
    statuses: [{ subscriptionId: 1, status: 'SUBSCRIBED', timestamp: '2026-11-01T09:00+01:00' }],
  });

  expect(json).toMatchObject({ optedOut: false, optOutWrites: 1, wide: [] });
  const read = await hubspot.api('GET', statuses(ANN, '?channel=EMAIL'));
  expect(read.json.results[0]).toMatchObject({ status: 'SUBSCRIBED', timestamp, source: 'Simulator' });
});

it('sets an opt-out that was made elsewhere, and one that says the opposite', async () => {
  await put({ wide: [{ status: 'UNSUBSCRIBED' }, { status: 'UNSUBSCRIBED', businessUnitId: 3 }] });
  expect((await hubspot.sim('GET', `contacts/${ANN}`)).json).toMatchObject({ optedOut: true, optOutWrites: 0 });

  await put({ wide: [{ status: 'SUBSCRIBED' }] });

  expect((await hubspot.sim('GET', `contacts/${ANN}`)).json.optedOut).toBe(false);
  expect((await hubspot.api('GET', statuses(ANN, ALL))).json.results).toMatchObject([{ status: 'SUBSCRIBED' }]);
});

it.each([
  ['an id that is no number', { id: 'ann' }],
  ['an unknown status', { statuses: [{ subscriptionId: 1, status: 'OUT' }] }],
  ['an unknown subscription', { statuses: [{ subscriptionId: 99, status: 'SUBSCRIBED' }] }],
  ['a time that is none', { statuses: [{ subscriptionId: 1, status: 'SUBSCRIBED', timestamp: 'today' }] }],
  ['an opt-out that is no truth value', { optedOut: 'yes' }],
  ['a list', []],
])('refuses %s', async (_, body) => {
  expect(await put(body)).toMatchObject({ status: 400, json: { error: expect.any(String) } });
  expect((await hubspot.sim('GET', 'contacts')).json).toEqual([]);
});

it('takes back what it shows, and a status without its subscription for all of them', async () => {
  const statuses = [{ status: 'SUBSCRIBED', timestamp: '2026-01-02T03:04:05.000Z' }];
  const { json: shown } = await put({ optedOut: true, statuses });
  expect(shown).toMatchObject({ optedOut: true, wide: [{ status: 'UNSUBSCRIBED', wideStatusType: 'PORTAL_WIDE' }] });
  expect((await put(shown)).json).toEqual(shown);
  expect(new Set(shown.statuses.map((row: { timestamp: string }) => row.timestamp))).toEqual(
    new Set(['2026-01-02T03:04:05.000Z']),
  );
  expect((await put({ optedOut: false })).json).toMatchObject({ optedOut: false, wide: [] });
});

it('refuses the id of another contact, and an address that is none', async () => {
  await put({ id: '7' });

  expect((await put({ id: '7' }, 'bob@example.com')).status).toBe(400);
  expect((await put({}, 'nobody')).status).toBe(400);
});
