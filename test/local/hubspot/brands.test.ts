import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ALL, ANN, type ApiResponse, type Simulated, simulated, statuses } from './simulated.ts';

let hubspot: Simulated;
beforeEach(async () => {
  hubspot = await simulated();
  await hubspot.sim('POST', 'portal', { brands: [0, 7] });
});
afterEach(() => hubspot.close());

const unit = (brand: number | undefined) => (brand === undefined ? '' : `&businessUnitId=${brand}`);
const optOut = (brand?: number) => hubspot.api('POST', statuses(ANN, ALL + unit(brand)));
const readWide = async (brand?: number) => (await hubspot.api('GET', statuses(ANN, ALL + unit(brand)))).json.results;
const shown = async () => (await hubspot.sim('GET', `contacts/${ANN}`)).json;
const subscriptionIds = ({ json }: ApiResponse) =>
  json.results.map((row: Record<string, unknown>) => row['subscriptionId'] ?? row['id']);

describe('unsubscribe-all of a brand', () => {
  it('opts out of that brand only', async () => {
    const response = await optOut(7);

    expect(subscriptionIds(response)).toEqual([7001, 7002, 7003]);
    expect(response.json.results[0]).toMatchObject({ businessUnitId: 7, status: 'UNSUBSCRIBED' });
    const row = { wideStatusType: 'BUSINESS_UNIT_WIDE', businessUnitId: 7, status: 'UNSUBSCRIBED' };
    expect(await readWide(7)).toMatchObject([row]);
    expect(await readWide(0)).toEqual([]);
    expect(await readWide()).toMatchObject([row]);
    expect(await shown()).toMatchObject({ optedOut: false, optOutWrites: 1, wide: [row] });
  });

  it('is of brand 0 without a brand, so that the other brands are not opted out', async () => {
    const response = await optOut();

    expect(subscriptionIds(response)).toEqual([1, 2, 3]);
    expect(await readWide(0)).toMatchObject([{ wideStatusType: 'BUSINESS_UNIT_WIDE', businessUnitId: 0 }]);
    expect(await readWide(7)).toEqual([]);
    expect((await shown()).optedOut).toBe(false);
  });

  it('is complete once every brand is opted out', async () => {
    await optOut(0);
    await optOut(7);

    expect(await shown()).toMatchObject({
      optedOut: true,
      optOutWrites: 2,
      wide: [{ businessUnitId: 0 }, { businessUnitId: 7 }],
      statuses: [{ businessUnitId: 0 }, {}, {}, { businessUnitId: 7 }, {}, {}],
    });
    await hubspot.sim('POST', 'portal', { brands: [0, 7, 8] });
    expect((await shown()).optedOut).toBe(false);
  });

  it('reports no change for a brand that a portal-wide opt-out covers', async () => {
    await hubspot.sim('PUT', `contacts/${ANN}`, { optedOut: true, statuses: [{ status: 'UNSUBSCRIBED' }] });

    expect(await readWide(7)).toMatchObject([{ wideStatusType: 'PORTAL_WIDE', businessUnitId: 0 }]);
    expect((await optOut(7)).json.results[0].setStatusSuccessReason).toBe('NO_STATUS_CHANGE');
    expect(await shown()).toMatchObject({ optedOut: true, wide: [{ wideStatusType: 'PORTAL_WIDE' }] });
  });

  it.each(['8', '99'])('does not exist for brand %s', async (brand) => {
    const response = await optOut(Number(brand));

    expect(response).toMatchObject({
      status: 400,
      json: { category: 'VALIDATION_ERROR', message: `Business unit ${brand} does not exist` },
    });
    expect((await hubspot.sim('GET', 'contacts')).json).toEqual([]);
  });

  it('does not exist in an account without the Brands add-on, except for brand 0', async () => {
    await hubspot.sim('POST', 'portal', { brands: [0] });

    expect((await optOut(7)).status).toBe(400);
    expect((await optOut(0)).status).toBe(200);
    expect(await readWide()).toMatchObject([{ wideStatusType: 'PORTAL_WIDE' }]);
  });
});

describe('a read without a brand', () => {
  it('returns the subscription types of every brand, each with its brand', async () => {
    const all = await hubspot.api('GET', '/communication-preferences/v4/definitions');
    const one = await hubspot.api('GET', '/communication-preferences/v4/definitions?businessUnitId=7');

    expect(subscriptionIds(all)).toEqual(['1', '2', '3', '7001', '7002', '7003']);
    expect(all.json.results[5]).toMatchObject({ businessUnitId: 7 });
    expect(subscriptionIds(one)).toEqual(['7001', '7002', '7003']);
    expect((await hubspot.api('GET', '/communication-preferences/v4/definitions?businessUnitId=8')).status).toBe(400);
  });

  it('returns the statuses of every brand, alone and in a batch', async () => {
    await optOut(7);

    const all = await hubspot.api('GET', statuses(ANN, '?channel=EMAIL'));
    const one = await hubspot.api('GET', statuses(ANN, '?channel=EMAIL&businessUnitId=7'));
    const batch = await hubspot.api('POST', statuses('batch', '/read?channel=EMAIL'), { body: { inputs: [ANN] } });

    expect(subscriptionIds(all)).toEqual([1, 2, 3, 7001, 7002, 7003]);
    expect(all.json.results[3]).toMatchObject({ businessUnitId: 7, status: 'UNSUBSCRIBED' });
    expect(subscriptionIds(one)).toEqual([7001, 7002, 7003]);
    expect(batch.json.results[0].statuses).toHaveLength(6);
  });
});

describe('an opt-in to a subscription type of one brand', () => {
  const optIn = (subscriptionId: number) =>
    hubspot.api('POST', statuses(ANN), { body: { channel: 'EMAIL', statusState: 'SUBSCRIBED', subscriptionId } });

  it('ends the opt-out of that brand only', async () => {
    await optOut(0);
    await optOut(7);

    expect((await optIn(7001)).json.results[0].setStatusSuccessReason).toBe('RESUBSCRIBE_OCCURRED');

    expect(await readWide()).toMatchObject([{ businessUnitId: 0 }]);
    expect((await shown()).optedOut).toBe(false);
  });

  it('leaves the other brands of a portal-wide opt-out opted out', async () => {
    await hubspot.sim('PUT', `contacts/${ANN}`, { optedOut: true });

    await optIn(7001);

    expect(await readWide()).toMatchObject([{ businessUnitId: 0, wideStatusType: 'BUSINESS_UNIT_WIDE' }]);
  });

  it('is rejected for a type of an unknown brand', async () => {
    expect((await optIn(8001)).status).toBe(400);
    expect((await optIn(7004)).status).toBe(400);
  });
});

it('sets up a person in each brand', async () => {
  const wide = [
    { businessUnitId: 0, status: 'UNSUBSCRIBED' },
    { businessUnitId: 7, status: 'SUBSCRIBED' },
  ];
  const { json } = await hubspot.sim('PUT', `contacts/${ANN}`, { wide, statuses: [{ status: 'SUBSCRIBED' }] });

  expect(json).toMatchObject({ optedOut: false, wide });
  expect(json.statuses).toHaveLength(6);
  expect((await hubspot.sim('PUT', `contacts/${ANN}`, json)).json).toEqual(json);
});
