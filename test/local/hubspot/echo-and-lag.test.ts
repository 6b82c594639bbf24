import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { ALL, ANN, type Simulated, simulated, statuses } from './simulated.ts';

let hubspot: Simulated;
beforeEach(async () => {
  hubspot = await simulated();
});
afterEach(() => hubspot.close());

const batch = (path: string, inputs: readonly string[]) =>
  hubspot.api('POST', statuses('batch', path), { body: { inputs } });

describe('an address in a response', () => {
  /** Decomposed (NFD), with a capital letter and an international domain. */
  const SENT = 'Zoe\u0308@M\u00fcnchen.de';
  const NORMALIZED = 'zo\u00eb@xn--mnchen-3ya.de';

  it.each([
    ['sent', SENT],
    ['normalized', NORMALIZED],
  ])('is returned as %s', async (echo, expected) => {
    await hubspot.sim('POST', 'portal', { echo });
    const set = { channel: 'EMAIL', subscriptionId: 1, statusState: 'SUBSCRIBED' };

    const responses = [
      await hubspot.api('POST', statuses(SENT, ALL)),
      await hubspot.api('GET', statuses(SENT, ALL)),
      await hubspot.api('GET', statuses(SENT, '?channel=EMAIL')),
      await batch('/unsubscribe-all?channel=EMAIL&verbose=true', [SENT]),
      await batch('/unsubscribe-all/read?channel=EMAIL', [SENT]),
      await batch('/read?channel=EMAIL', [SENT]),
      await hubspot.api('POST', statuses(SENT), { body: set }),
    ];

    for (const { json } of responses) expect(json.results[0].subscriberIdString).toBe(expected);
    expect(responses[3]?.json.results[0].statuses[0].subscriberIdString).toBe(expected);
    expect(responses[4]?.json.results[0].wideStatuses[0].subscriberIdString).toBe(expected);
  });

  it('is the same person in each of its forms', async () => {
    await hubspot.api('POST', statuses(SENT, ALL));

    for (const form of [SENT, NORMALIZED, SENT.normalize('NFC'), SENT.toUpperCase()]) {
      const { json } = await hubspot.sim('GET', `contacts/${encodeURIComponent(form)}`);
      expect(json).toMatchObject({ email: NORMALIZED, optedOut: true, optOutWrites: 1 });
    }
  });
});

describe('with a lag, a read', () => {
  beforeEach(async () => {
    vi.useFakeTimers({ toFake: ['Date'], now: Date.UTC(2026, 10, 23, 12) });
    await hubspot.sim('POST', 'portal', { lagMs: 5_000 });
  });
  afterEach(() => {
    vi.useRealTimers();
  });
  const pass = (ms: number) => vi.setSystemTime(Date.now() + ms);
  const wide = async () => (await hubspot.api('GET', statuses(ANN, ALL))).json.results;

  it('shows a write only after it', async () => {
    const written = await hubspot.api('POST', statuses(ANN, ALL));

    expect(written.json.results[0].status).toBe('UNSUBSCRIBED');
    expect(await wide()).toEqual([]);
    expect((await hubspot.api('GET', statuses(ANN, '?channel=EMAIL'))).json.results[0].status).toBe('NOT_SPECIFIED');
    expect((await batch('/unsubscribe-all/read?channel=EMAIL', [ANN])).json.results[0].wideStatuses).toEqual([]);
    expect((await hubspot.sim('GET', `contacts/${ANN}`)).json.optedOut).toBe(true);
    pass(4_999);
    expect(await wide()).toEqual([]);
    pass(1);
    expect(await wide()).toMatchObject([{ status: 'UNSUBSCRIBED' }]);
  });

  it('shows each of several writes in its turn', async () => {
    const optIn = { channel: 'EMAIL', subscriptionId: 1, statusState: 'SUBSCRIBED' };
    await hubspot.api('POST', statuses(ANN, ALL));
    pass(3_000);
    await hubspot.api('POST', statuses(ANN), { body: optIn });
    await hubspot.api('POST', statuses('bob@example.com', ALL));

    expect(await wide()).toEqual([]);
    pass(2_000);
    expect(await wide()).toHaveLength(1);
    pass(3_000);
    expect(await wide()).toEqual([]);
  });

  it('of a contact shows its opt-out late, too', async () => {
    await hubspot.sim('PUT', `contacts/${ANN}`, { id: '512' });
    const optout = async () =>
      (await hubspot.api('GET', '/crm/v3/objects/contacts/512?properties=hs_email_optout')).json.properties;

    await hubspot.api('POST', statuses(ANN, ALL));

    expect(await optout()).toMatchObject({ hs_email_optout: null });
    pass(5_000);
    expect(await optout()).toMatchObject({ hs_email_optout: 'true' });
  });

  it('shows a PUT at once, and every write once the lag is 0', async () => {
    await hubspot.api('POST', statuses('bob@example.com', ALL));
    await hubspot.api('POST', statuses(ANN, ALL));
    await hubspot.sim('PUT', `contacts/${ANN}`, { optedOut: true });

    expect(await wide()).toHaveLength(1);
    await hubspot.sim('POST', 'portal', { lagMs: 0 });
    expect((await hubspot.api('GET', statuses('bob@example.com', ALL))).json.results).toHaveLength(1);
  });
});
