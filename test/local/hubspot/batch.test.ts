import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ANN, type Simulated, simulated } from './simulated.ts';

let hubspot: Simulated;
beforeEach(async () => {
  hubspot = await simulated();
});
afterEach(() => hubspot.close());

const BOB = 'bob@example.com';
const batch = (path: string, inputs: unknown, version = 'v4') =>
  hubspot.api('POST', `/communication-preferences/${version}/statuses/batch/${path}`, { body: { inputs } });

describe.each(['v4', '2026-03', '2026-09'])('batches in %s', (version) => {
  it('opt out many addresses and read them back', async () => {
    const written = await batch('unsubscribe-all?channel=EMAIL&verbose=true', [ANN, BOB], version);
    const wide = await batch('unsubscribe-all/read?channel=EMAIL', [ANN, 'eve@example.com'], version);
    const all = await batch('read?channel=EMAIL', [BOB], version);

    expect(written.status).toBe(200);
    expect(written.json.results[1]).toMatchObject({
      subscriberIdString: BOB,
      statuses: [{}, {}, { status: 'UNSUBSCRIBED' }],
    });
    expect(wide.json.results).toMatchObject([
      { subscriberIdString: ANN, wideStatuses: [{ wideStatusType: 'PORTAL_WIDE' }] },
      { subscriberIdString: 'eve@example.com', wideStatuses: [] },
    ]);
    expect(all.json.results).toMatchObject([
      { subscriberIdString: BOB, statuses: [{ status: 'UNSUBSCRIBED' }, {}, {}] },
    ]);
    expect((await hubspot.sim('GET', `contacts/${BOB}`)).json.optOutWrites).toBe(1);
  });

  it('set many statuses', async () => {
    const one = { channel: 'EMAIL', subscriptionId: 2, statusState: 'SUBSCRIBED' };
    const written = await batch('write', [{ ...one, subscriberIdString: ANN }], version);

    expect(written.json.results).toMatchObject([{ subscriberIdString: ANN, subscriptionId: 2, status: 'SUBSCRIBED' }]);
  });
});

describe('a batch with an invalid input', () => {
  const failure = { numErrors: 1, errors: [{ status: 'error', category: 'VALIDATION_ERROR', context: {}, links: {} }] };

  it('applies the valid ones and returns 200 with errors', async () => {
    const written = await batch('unsubscribe-all?channel=EMAIL&verbose=true', ['bad', ANN]);

    expect(written).toMatchObject({ status: 200, json: { ...failure, results: [{ subscriberIdString: ANN }] } });
    expect((await hubspot.sim('GET', `contacts/${ANN}`)).json.optedOut).toBe(true);
  });

  it.each([
    ['v4', 207],
    ['2026-03', 207],
    ['2026-09', 200],
  ])('is read with errors and, in %s, status %i', async (version, status) => {
    expect(await batch('read?channel=EMAIL', ['bad', ANN], version)).toMatchObject({ status, json: failure });
  });

  it('reports an unknown subscription', async () => {
    const one = { channel: 'EMAIL', subscriptionId: 99, statusState: 'SUBSCRIBED', subscriberIdString: ANN };

    expect((await batch('write', [one])).json).toMatchObject({ ...failure, results: [] });
  });
});

it('returns an address that is sent twice once', async () => {
  const twice = [ANN, BOB, ' Ann@Example.com'];

  const written = await batch('unsubscribe-all?channel=EMAIL&verbose=true', twice);
  const read = await batch('unsubscribe-all/read?channel=EMAIL', twice);

  const addresses = [{ subscriberIdString: ANN }, { subscriberIdString: BOB }];
  expect(written.json.results).toMatchObject(addresses);
  expect(read.json.results).toMatchObject(addresses);
  expect((await hubspot.sim('GET', `contacts/${ANN}`)).json.optOutWrites).toBe(1);
});

it.each([
  ['unsubscribe-all?channel=EMAIL', 'communication_preferences.statuses.batch.write'],
  ['write', 'communication_preferences.statuses.batch.write'],
  ['unsubscribe-all/read?channel=EMAIL', 'communication_preferences.statuses.batch.read'],
  ['read?channel=EMAIL', 'communication_preferences.statuses.batch.read'],
])('rejects %s in an account without the batch tier', async (path, scope) => {
  await hubspot.sim('POST', 'portal', { batch: false });

  const response = await batch(path, [ANN]);

  expect(response).toMatchObject({
    status: 403,
    json: { category: 'MISSING_SCOPES', errors: [{ context: { requiredGranularScopes: [scope] } }] },
  });
  expect((await hubspot.sim('GET', 'contacts')).json).toEqual([]);
  const { json } = await hubspot.api('POST', '/oauth/v2/private-apps/get/access-token-info');
  expect(json.scopes).not.toContain(scope);
});

it('accepts 100 inputs', async () => {
  const many = Array.from({ length: 100 }, (_, index) => `a${index}@example.com`);

  const { status, json } = await batch('unsubscribe-all?channel=EMAIL&verbose=true', many);

  expect(status).toBe(200);
  expect(json.results).toHaveLength(100);
});

it('returns no results without verbose', async () => {
  expect((await batch('unsubscribe-all?channel=EMAIL', [ANN])).json.results).toEqual([]);
});

it('rejects more than 100 inputs, other inputs and a missing channel', async () => {
  const many = Array.from({ length: 101 }, (_, index) => `a${index}@example.com`);

  expect((await batch('unsubscribe-all?channel=EMAIL', many)).status).toBe(400);
  expect((await batch('unsubscribe-all?channel=EMAIL', [1])).status).toBe(400);
  expect((await batch('unsubscribe-all', [ANN])).status).toBe(400);
  expect((await batch('write', [{ subscriberIdString: ANN }])).status).toBe(400);
});
