import { createHmac } from 'node:crypto';
import { describe, expect, it, onTestFinished } from 'vitest';
import { createCircuitBreaker } from '../../functions/core/delivery/circuit-breaker.ts';
import { createDailyLimit } from '../../functions/core/delivery/daily-limit.ts';
import type { Attempt } from '../../functions/core/delivery/deliver.ts';
import { deliver } from '../../functions/core/delivery/deliver.ts';
import { createRateLimiter } from '../../functions/core/delivery/rate-limiter.ts';
import { toOptOuts } from '../../functions/core/intake/ingest.ts';
import { defaultPolicy } from '../../functions/core/intake/policy.ts';
import { Unreadable } from '../../functions/core/model/errors.ts';
import type { VerifiedRequest } from '../../functions/core/verify/verify.ts';
import { createHubSpot } from '../../functions/hubspot/client.ts';
import { hubspot } from '../../functions/sources/hubspot.ts';
import { deliverPorts } from '../core/delivery/deliver-ports.ts';
import { AT, NOWHERE, plus, request } from '../core/examples.ts';
import { simulated, TOKEN } from '../local/hubspot/simulated.ts';
import { describeSource, refusalOf } from './describe-source.ts';
import { later } from './harm.ts';

const SECRET = 'sample-secret-hubspot';
const url = new URL('https://relay.example.com/webhooks/hubspot');

function sign(body: Uint8Array, at: Date): Readonly<Record<string, string>> {
  const timestamp = String(at.getTime());
  const mac = createHmac('sha256', SECRET).update(`POST${url.href}`).update(body).update(timestamp);
  return { 'x-hubspot-signature-v3': mac.digest('base64'), 'x-hubspot-request-timestamp': timestamp };
}

describeSource(hubspot({ workflows: true }), { sign });

function asking(body: unknown) {
  const text = JSON.stringify(body);
  return request(text, { url, headers: sign(Buffer.from(text), AT) });
}

async function read(body: unknown, account = {}) {
  const source = hubspot(account);
  return source.read(await source.verify(asking(body), [SECRET], NOWHERE));
}

const CHANGE = {
  portalId: 62515,
  subscriptionId: 12345,
  appId: 54321,
  occurredAt: AT.getTime(),
  subscriptionType: 'contact.propertyChange',
  objectId: 4711,
  propertyName: 'hs_email_optout',
  propertyValue: 'true',
};

it.each([-301, 301])('rejects an event whose signed time differs by %d seconds', async (seconds) => {
  await refusalOf(hubspot(), later(asking([CHANGE]), seconds), [SECRET]);
});

describe('an event', () => {
  const keyOf = async (change: object) => (await read([{ ...CHANGE, ...change }])).signals[0]?.eventKey;

  it('keeps its key in a retry with another eventId', async () => {
    expect(await keyOf({ eventId: 1, attemptNumber: 0 })).toBe(await keyOf({ eventId: 2, attemptNumber: 3 }));
  });

  it.each([
    { portalId: 62516 },
    { subscriptionId: 12346 },
    { objectId: 4712 },
    { propertyName: 'hs_email_bad_address' },
    { propertyValue: 'false' },
    { occurredAt: AT.getTime() + 1 },
  ])('has another key with another %j', async (change) => {
    expect(await keyOf({ eventId: 1, ...change })).not.toBe(await keyOf({ eventId: 1 }));
  });

  it.each([
    [{ occurredAt: undefined }, 'opt_out'],
    [{ occurredAt: 'today' }, 'opt_out'],
    [{ propertyName: 'constructor' }, 'ignored'],
    [{ propertyName: undefined }, 'ignored'],
    [{ propertyName: 'hs_email_optout_' }, 'ignored'],
    [{ propertyName: 'hs_email_optout_7_date' }, 'ignored'],
    [{ propertyName: 'n1_hs_email_optout_7' }, 'ignored'],
    [{ propertyName: 'hs_email_bad_address', propertyValue: '' }, 'resubscribe'],
    [{ propertyValue: 'constructor' }, 'ignored'],
    [{ propertyValue: 'maybe' }, 'ignored'],
    [{ propertyValue: null }, 'resubscribe'],
    [{ propertyName: 'hs_email_hard_bounce_reason_enum', propertyValue: 'A_NEW_ONE' }, 'soft_bounce'],
    [{ propertyValue: true }, 'opt_out'],
    [{ propertyValue: 'TRUE' }, 'opt_out'],
    [{ propertyValue: false }, 'resubscribe'],
    [{ propertyName: 'hs_email_hard_bounce_reason_enum', propertyValue: 'Unknown_User' }, 'hard_bounce'],
    [{ subscriptionType: 'CONTACT.PROPERTYCHANGE' }, 'opt_out'],
    [{ changeSource: 'integration' }, 'ignored'],
    [{ changeSource: 'API', appId: undefined }, 'ignored'],
    [{ changeSource: 'INTEGRATION' }, 'ignored'],
    [{ changeSource: 'INTEGRATION', sourceId: 54321 }, 'ignored'],
    [{ changeSource: 'INTEGRATION', sourceId: '54322' }, 'opt_out'],
    [{ changeSource: 'INTEGRATION', sourceId: '54321', appId: undefined }, 'opt_out'],
    [{ changeSource: undefined, sourceId: '54321' }, 'opt_out'],
  ])('with %j is a signal of kind %s', async (change, kind) => {
    expect((await read([{ ...CHANGE, ...change }])).signals).toMatchObject([{ kind, contactId: '4711' }]);
  });
});

describe('a privacy deletion', () => {
  const DELETION = { ...CHANGE, subscriptionType: 'contact.privacyDeletion', changeSource: 'API' };

  it.each([
    {},
    { subscriptionType: undefined, eventType: 'contact.privacyDeletion' },
    { subscriptionType: 'object.privacyDeletion', objectTypeId: '0-1' },
  ])('erases the contact and gives no signal: %j', async (change) => {
    expect(await read([{ ...DELETION, ...change }])).toEqual({ signals: [], unreadable: [], erase: ['4711'] });
  });

  it.each([
    { subscriptionType: 'object.privacyDeletion', objectTypeId: '0-2' },
    { subscriptionType: 'company.privacyDeletion' },
    { subscriptionType: 'contact.deletion' },
  ])('is not read from %j', async (change) => {
    expect(await read([{ ...DELETION, ...change }])).not.toHaveProperty('erase');
  });

  it('without a contact is unreadable and does not affect other events', async () => {
    const { signals, ...rest } = await read([CHANGE, { ...DELETION, objectId: undefined }, DELETION]);

    expect(signals).toMatchObject([{ kind: 'opt_out' }]);
    expect(rest).toEqual({ unreadable: ['event 2: the contact id is not valid'], erase: ['4711'] });
  });
});

describe('an event of another account', () => {
  const deletion = { ...CHANGE, subscriptionType: 'contact.privacyDeletion' };
  const creation = { ...CHANGE, subscriptionType: 'company.creation' };

  it('is unreadable if portalId is set, because contact ids differ between accounts', async () => {
    const own = [CHANGE, deletion];
    const others = own.map((event) => ({ ...event, portalId: 62516 }));

    expect(await read([...others, ...own, { ...creation, portalId: undefined }], { portalId: '62515' })).toEqual({
      ...(await read(own)),
      unreadable: [
        'event 1: portalId belongs to another account',
        'event 2: portalId belongs to another account',
        'event 5: portalId is missing',
      ],
    });
  });

  it('is read if portalId is not set', async () => {
    expect((await read([{ ...CHANGE, portalId: 62516 }])).signals).toMatchObject([{ contactId: '4711' }]);
  });
});

describe('a workflow’s webhook', () => {
  const contact = { vid: 4711, properties: { email: { value: 'Ada@Example.com' } } };

  it('is dated by the last change of the contact, or else by its arrival', async () => {
    const modified = { lastmodifieddate: { value: String(AT.getTime() - 60_000) } };
    const changed = { ...contact, properties: { ...contact.properties, ...modified } };

    expect((await read(changed)).signals).toMatchObject([{ occurredAt: new Date(AT.getTime() - 60_000) }]);
    expect((await read(contact)).signals).toMatchObject([
      { kind: 'opt_out', email: 'ada@example.com', occurredAt: AT },
    ]);
  });

  it('has another key when it calls again later for the same contact', async () => {
    const [first] = (await read(contact)).signals;
    const [second] = (await read({ ...contact, properties: { ...contact.properties, city: { value: 'London' } } }))
      .signals;

    expect(first?.eventKey).not.toBe(second?.eventKey);
  });

  it.each([{ value: 'now' }, undefined])('with the time %j occurred on arrival', async (lastmodifieddate) => {
    const changed = { properties: { ...contact.properties, lastmodifieddate } };

    expect((await read(changed)).signals).toMatchObject([{ kind: 'opt_out', occurredAt: AT, isTimeAssumed: true }]);
  });

  it.each([
    { email: 'ada@example.com', lastmodifieddate: AT.getTime() },
    { properties: { email: 'ada@example.com', lastmodifieddate: String(AT.getTime()) } },
  ])('may hold only the chosen properties: %j', async (body) => {
    expect((await read(body)).signals).toMatchObject([{ kind: 'opt_out', email: 'ada@example.com', occurredAt: AT }]);
  });

  it('without a time is a new event on another day', async () => {
    const source = hubspot();
    const keyAt = (receivedAt: Date) =>
      source.read({ ...asking({ email: 'ada@example.com' }), receivedAt } as VerifiedRequest).signals[0]?.eventKey;

    expect(keyAt(plus(60))).toBe(keyAt(AT));
    expect(keyAt(plus(86_400))).not.toBe(keyAt(AT));
  });

  it.each([
    ['no address', { vid: 4711, properties: {} }],
    ['two contacts in one address', { properties: { email: { value: 'ada@example.com, bo@example.com' } } }],
    ['a text', 'ada@example.com'],
  ])('with %s is unreadable', async (_what, body) => {
    await expect(read(body)).rejects.toThrow(Unreadable);
  });
});

describe('the loop of reported changes', () => {
  /** The contact's opt-out in the account, before and after each turn. */
  async function account() {
    const { url: baseUrl, api, sim, close } = await simulated();
    onTestFinished(close);
    await sim('PUT', 'contacts/ann@example.com', { id: '4711', properties: { hs_email_optout_2849: 'true' } });
    const clock = () => new Date();
    const calls = {
      baseUrl: new URL(baseUrl),
      version: 'v4' as const,
      tokens: { get: async () => TOKEN, refresh: async () => TOKEN },
      rateLimiter: createRateLimiter({ ratePer10Seconds: 100_000, instances: 1 }),
      circuitBreaker: createCircuitBreaker(),
      dailyLimit: createDailyLimit(),
      legalBasis: { legalBasis: 'NON_GDPR', legalBasisExplanation: 'The recipient asked.' },
      fetch,
      clock,
      report: () => undefined,
    };
    const { ports } = deliverPorts([], {
      hubspot: () => createHubSpot(calls),
      businessUnitIds: {},
      staleAfterSeconds: Number.POSITIVE_INFINITY,
      clock,
    });
    const path = '/crm/v3/objects/contacts/4711?properties=hs_email_optout';
    return {
      ports,
      optOut: async () => (await api('GET', path)).json.properties.hs_email_optout as string | null,
      writes: async () => (await sim('GET', 'contacts/ann@example.com')).json.optOutWrites,
    };
  }

  it.each([
    ['after the second command if the event does not name who made the change', {}, [true, false]],
    ['before it begins if the event names the relay', { changeSource: 'INTEGRATION' }, [true]],
  ])('ends %s', async (_what, made, changed) => {
    const { ports, optOut, writes } = await account();
    const attempts: Attempt[] = [];
    let events: readonly object[] = [{ ...CHANGE, propertyName: 'hs_email_optout_2849' }];

    for (let turn = 1; events.length > 0 && turn < 9; turn += 1) {
      const before = await optOut();
      const { signals } = await read(events);
      const { optOuts } = toOptOuts(signals, { source: 'hubspot', receivedAt: AT, policy: defaultPolicy });
      for (const each of optOuts) attempts.push(await deliver(each, ports));
      const after = await optOut();
      events = after === before ? [] : [{ ...CHANGE, ...made, occurredAt: AT.getTime() + turn, propertyValue: after }];
    }

    expect(attempts.map(({ outcome }) => outcome)).toMatchObject(
      changed.map((each) => ({ kind: 'confirmed', evidence: 'response', changed: each })),
    );
    expect(await writes()).toBe(changed.length);
    expect(await optOut()).toBe('true');
  });
});
