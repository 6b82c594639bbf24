import { createHmac } from 'node:crypto';
import { describe, expect, it, onTestFinished } from 'vitest';
import { createCircuitBreaker } from '../../functions/core/delivery/circuit-breaker.ts';
import type { Attempt } from '../../functions/core/delivery/deliver.ts';
import { deliver } from '../../functions/core/delivery/deliver.ts';
import { createRateLimiter } from '../../functions/core/delivery/rate-limiter.ts';
import { toOptOuts } from '../../functions/core/intake/ingest.ts';
import { defaultPolicy } from '../../functions/core/intake/policy.ts';
import { Unreadable } from '../../functions/core/model/errors.ts';
import { createHubSpot } from '../../functions/hubspot/client.ts';
import { hubspot } from '../../functions/sources/hubspot.ts';
import { deliverPorts } from '../core/delivery/deliver-ports.ts';
import { AT, NOWHERE, request } from '../core/examples.ts';
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

describeSource(hubspot(), { sign });

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

it.each([-301, 301])('refuses a change that is %d seconds away from its signed time', async (seconds) => {
  await refusalOf(hubspot(), later(asking([CHANGE]), seconds), [SECRET]);
});

describe('an event', () => {
  const keyOf = async (change: object) => (await read([{ ...CHANGE, ...change }])).signals[0]?.eventKey;

  it('is the same in a retry, whatever its eventId says', async () => {
    expect(await keyOf({ eventId: 1, attemptNumber: 0 })).toBe(await keyOf({ eventId: 2, attemptNumber: 3 }));
  });

  it.each([
    { portalId: 62516 },
    { subscriptionId: 12346 },
    { objectId: 4712 },
    { propertyName: 'hs_email_bad_address' },
    { propertyValue: 'false' },
    { occurredAt: AT.getTime() + 1 },
  ])('is another one with another %j', async (change) => {
    expect(await keyOf({ eventId: 1, ...change })).not.toBe(await keyOf({ eventId: 1 }));
  });

  it.each([
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
    [{ changeSource: 'API', appId: undefined }, 'ignored'],
    [{ changeSource: 'INTEGRATION' }, 'ignored'],
    [{ changeSource: 'INTEGRATION', sourceId: 54321 }, 'ignored'],
    [{ changeSource: 'INTEGRATION', sourceId: '54322' }, 'opt_out'],
    [{ changeSource: 'INTEGRATION', sourceId: '54321', appId: undefined }, 'opt_out'],
    [{ changeSource: undefined, sourceId: '54321' }, 'opt_out'],
  ])('with %j is of kind %s', async (change, kind) => {
    expect((await read([{ ...CHANGE, ...change }])).signals).toMatchObject([{ kind, contactId: '4711' }]);
  });
});

describe('a deletion for privacy', () => {
  const DELETION = { ...CHANGE, subscriptionType: 'contact.privacyDeletion', changeSource: 'API' };

  it.each([
    {},
    { subscriptionType: undefined, eventType: 'contact.privacyDeletion' },
    { subscriptionType: 'object.privacyDeletion', objectTypeId: '0-1' },
  ])('has the contact forgotten, whoever made it, and signals nothing: %j', async (change) => {
    expect(await read([{ ...DELETION, ...change }])).toEqual({ signals: [], unreadable: [], erase: ['4711'] });
  });

  it.each([
    { subscriptionType: 'object.privacyDeletion', objectTypeId: '0-2' },
    { subscriptionType: 'company.privacyDeletion' },
    { subscriptionType: 'contact.deletion' },
  ])('is none of %j', async (change) => {
    expect(await read([{ ...DELETION, ...change }])).not.toHaveProperty('erase');
  });

  it('that names no contact is unreadable, and its neighbours are read', async () => {
    const { signals, ...rest } = await read([CHANGE, { ...DELETION, objectId: undefined }, DELETION]);

    expect(signals).toMatchObject([{ kind: 'opt_out' }]);
    expect(rest).toEqual({ unreadable: ['event 2: the contact id is not valid'], erase: ['4711'] });
  });
});

describe('another account', () => {
  const deletion = { ...CHANGE, subscriptionType: 'contact.privacyDeletion' };
  const creation = { ...CHANGE, subscriptionType: 'company.creation' };

  it('is not heard where the own one is known: its contact 4711 is somebody else', async () => {
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

  it('is heard where the own one is not known', async () => {
    expect((await read([{ ...CHANGE, portalId: 62516 }])).signals).toMatchObject([{ contactId: '4711' }]);
  });
});

describe('a workflow', () => {
  const contact = { vid: 4711, properties: { email: { value: 'Ada@Example.com' } } };

  it('opts out when the contact was last changed, or else when it calls', async () => {
    const modified = { lastmodifieddate: { value: String(AT.getTime() - 60_000) } };
    const changed = { ...contact, properties: { ...contact.properties, ...modified } };

    expect((await read(changed)).signals).toMatchObject([{ occurredAt: new Date(AT.getTime() - 60_000) }]);
    expect((await read(contact)).signals).toMatchObject([
      { kind: 'opt_out', email: 'ada@example.com', occurredAt: AT },
    ]);
  });

  it('is heard again when it calls about the same contact later', async () => {
    const [first] = (await read(contact)).signals;
    const [second] = (await read({ ...contact, properties: { ...contact.properties, city: { value: 'London' } } }))
      .signals;

    expect(first?.eventKey).not.toBe(second?.eventKey);
  });

  it('that tells no time where it should is unreadable', async () => {
    const changed = { properties: { ...contact.properties, lastmodifieddate: { value: 'now' } } };

    await expect(read(changed)).rejects.toThrow(new Unreadable('lastmodifieddate is not a time'));
  });

  it.each([
    ['nobody', { vid: 4711, properties: {} }],
    ['a contact whose properties were chosen one by one', { email: 'ada@example.com' }],
    ['two contacts in one address', { properties: { email: { value: 'ada@example.com, bo@example.com' } } }],
    ['a text', 'ada@example.com'],
  ])('that sends %s is unreadable', async (_what, body) => {
    await expect(read(body)).rejects.toThrow(Unreadable);
  });
});

describe('the loop of being told what one did', () => {
  /** Whatever the account has on record of the contact, before and after each turn. */
  async function account() {
    const { url: baseUrl, api, sim, close } = await simulated();
    onTestFinished(close);
    await sim('PUT', 'contacts/ann@example.com', { id: '4711' });
    const clock = () => new Date();
    const calls = {
      baseUrl: new URL(baseUrl),
      version: 'v4' as const,
      tokens: { get: async () => TOKEN, refresh: async () => TOKEN },
      rateLimiter: createRateLimiter({ ratePer10Seconds: 100_000, instances: 1 }),
      circuitBreaker: createCircuitBreaker(),
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
    ['at the second command, where nobody says who made the change', {}, [true, false]],
    ['before it begins, where HubSpot says that the relay did', { changeSource: 'INTEGRATION' }, [true]],
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
