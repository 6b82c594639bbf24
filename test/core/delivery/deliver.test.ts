import { describe, expect, it } from 'vitest';
import type { DeliverPorts } from '../../../functions/core/delivery/deliver.ts';
import { deliver } from '../../../functions/core/delivery/deliver.ts';
import type { ContactResponse, HubSpotResponse } from '../../../functions/core/delivery/hubspot.ts';
import type { Ledger } from '../../../functions/core/ledger/ledger.ts';
import { parseEmailAddress } from '../../../functions/core/model/email-address.ts';
import type { OptOut } from '../../../functions/core/model/opt-out.ts';
import { ADA, AT, CONTACT, contactOptOut, optOut, plus, row, shows, wideRow } from '../examples.ts';
import { deliverPorts } from './deliver-ports.ts';

const proven = shows([row()]);
const optedOut = shows([wideRow()], {});
const optedOutBefore = shows([wideRow({ timestamp: plus(-60).toISOString() })]);
const notOptedOut = shows([]);
/** Subscriptions with an opt-in to one of them this many seconds after AT. */
const optedInAt = (seconds: number) =>
  shows([row({ subscriptionId: '8' }), row({ status: 'SUBSCRIBED', timestamp: plus(seconds).toISOString() })]);
/** HubSpot's JSON error about the subscriber; an unknown route has a web page instead. */
const unknownAddress: HubSpotResponse = { status: 404, category: 'OBJECT_NOT_FOUND', hasErrorBody: true };
const already: HubSpotResponse = { status: 400, category: 'VALIDATION_ERROR', saysAlreadyOptedOut: true };

/** Ports after one deferred attempt. */
async function afterOne(...responses: readonly HubSpotResponse[]) {
  const made = deliverPorts([{ status: 503 }, ...responses]);
  await deliver(optOut(), made.ports);
  made.calls.length = 0;
  return made;
}

describe('a first attempt', () => {
  it.each<[string, HubSpotResponse[], object]>([
    ['evidence in the response', [proven], { evidence: 'response', changed: true }],
    ['the status, after a response without rows', [shows([]), optedOut], { evidence: 'read-back', changed: true }],
    ['the status, after an empty body', [{ status: 204 }, optedOut], { evidence: 'read-back', changed: true }],
    [
      'the status, after a PENDING response',
      [shows([row()], { status: 'PENDING' }), optedOut],
      { evidence: 'read-back', changed: true },
    ],
    [
      'an older status, after a response without rows',
      [shows([]), optedOutBefore],
      { evidence: 'read-back', changed: false },
    ],
    ['the status, after "already unsubscribed"', [already, optedOut], { evidence: 'read-back', changed: false }],
    [
      'rows without a change',
      [shows([row({ setStatusSuccessReason: 'NO_STATUS_CHANGE' })])],
      { evidence: 'response', changed: false },
    ],
  ])('is confirmed by %s', async (_what, responses, outcome) => {
    const { ports, completions, calls } = deliverPorts(responses);

    const attempt = await deliver(optOut(), ports);

    expect(attempt).toEqual({ outcome: { kind: 'confirmed', correlationId: 'c-1', ...outcome }, attempt: 1 });
    expect(completions).toEqual([attempt]);
    expect(calls).toEqual(['unsubscribe', 'readStatus'].slice(0, responses.length));
  });

  it.each([
    { ...unknownAddress, correlationId: 'c-2' },
    { status: 414, category: 'X', correlationId: 'c-2' },
  ])('is rejected by %j without another call', async ({ hasErrorBody: _body, ...response }: HubSpotResponse) => {
    const { ports, calls } = deliverPorts([{ ...response, hasErrorBody: true }]);

    expect((await deliver(optOut(), ports)).outcome).toEqual({ kind: 'rejected', ...response });
    expect(calls).toEqual(['unsubscribe']);
  });

  it.each<[string, HubSpotResponse]>([
    ['does not show the opt-out', notOptedOut],
    ['does not accept the address either', { status: 400 }],
    ['does not know the address', unknownAddress],
  ])('is rejected by a 400 only after the status is read and %s', async (_what, read) => {
    const { ports, calls } = deliverPorts([{ status: 400, category: 'VALIDATION_ERROR', correlationId: 'c-2' }, read]);

    const { outcome } = await deliver(optOut(), ports);

    expect(outcome).toEqual({ kind: 'rejected', status: 400, category: 'VALIDATION_ERROR', correlationId: 'c-2' });
    expect(calls).toEqual(['unsubscribe', 'readStatus']);
  });

  it('is confirmed as unchanged after a 400 if the status shows the opt-out', async () => {
    const { ports } = deliverPorts([{ status: 400 }, optedOut]);

    expect((await deliver(optOut(), ports)).outcome).toMatchObject({ kind: 'confirmed', changed: false });
  });

  it.each<[string, HubSpotResponse]>([
    ['is forbidden', { status: 403 }],
    ['fails', { status: 503 }],
    ['is incomplete', shows([], { status: 'PENDING' })],
    ['has no route', { status: 404 }],
  ])('is deferred after a 400 if reading the status %s', async (_what, read) => {
    const { ports } = deliverPorts([{ status: 400 }, read]);

    expect((await deliver(optOut(), ports)).outcome.kind).toBe('deferred');
  });

  it.each([
    { status: 404 },
    { status: 405, hasErrorBody: true },
    { status: 410, hasErrorBody: true },
    ...[301, 302, 307, 308].map((status) => ({ status })),
  ])('is deferred if the route is missing: %j', async (response) => {
    const { ports, calls } = deliverPorts([{ ...response, category: 'X' }]);

    const { outcome } = await deliver(optOut(), ports);

    const { status } = response;
    expect(outcome).toEqual({ kind: 'deferred', status, category: 'ROUTE_MISSING', retryAfterSeconds: 1 });
    expect(calls).toEqual(['unsubscribe']);
  });

  it.each([404, 410, 400, 301])(
    'is deferred instead of rejected if the API version has ended: its definitions respond with %d',
    async (status) => {
      for (const response of [[unknownAddress], [{ status: 400 }, { status: 400 }]]) {
        const { ports } = deliverPorts(response, { readDefinitions: () => ({ status, hasErrorBody: true }) });

        const { outcome } = await deliver(optOut(), ports);

        expect(outcome).toMatchObject({ kind: 'deferred', category: 'ROUTE_MISSING' });
      }
    },
  );

  it.each<[HubSpotResponse, number]>([
    [{ status: 401 }, 30],
    [{ status: 403, category: 'MISSING_SCOPES' }, 30],
    [{ status: 423 }, 2],
    [{ status: 429, policyName: 'TEN_SECONDLY_ROLLING' }, 1],
    [{ status: 429, policyName: 'TEN_SECONDLY_ROLLING', retryAfterSeconds: 11 }, 11],
    [{ status: 429, policyName: 'DAILY' }, 901],
    [{ status: 0, isUnsent: true, category: 'HELD_BACK', slotInSeconds: 7 }, 7],
    [{ status: 477 }, 3600],
    [{ status: 477, retryAfterSeconds: 7200 }, 7200],
    ...[0, 402, 408, 500, 501, 502, 503, 504, 521, 522, 523, 524].map(
      (status) => [{ status }, 1] as [HubSpotResponse, number],
    ),
  ])('is deferred by %j for %d seconds', async (response, retryAfterSeconds) => {
    const { ports, calls } = deliverPorts([{ ...response, correlationId: 'c-2' }]);

    const { outcome } = await deliver(optOut(), ports);

    const status = response.status === 0 ? {} : { status: response.status };
    const category = response.category ? { category: response.category } : {};
    expect(outcome).toEqual({ kind: 'deferred', ...status, ...category, correlationId: 'c-2', retryAfterSeconds });
    expect(calls).toEqual(['unsubscribe']);
  });

  it.each<[string, HubSpotResponse, HubSpotResponse, object]>([
    ['shows nothing', shows([]), notOptedOut, { status: 200 }],
    ['shows nothing after "already unsubscribed"', already, notOptedOut, { status: 400 }],
    ['is a 404', shows([]), { status: 404 }, { status: 404, category: 'ROUTE_MISSING' }],
    ['is a 400', shows([]), { status: 400 }, { status: 400 }],
    ['is forbidden', shows([]), { status: 403, category: 'MISSING_SCOPES' }, { status: 403, retryAfterSeconds: 30 }],
    ['is rate-limited', shows([]), { status: 429, retryAfterSeconds: 77 }, { status: 429, retryAfterSeconds: 77 }],
    ['cannot be read', shows([]), { status: 0 }, { retryAfterSeconds: 1 }],
  ])('is deferred, never rejected, if the status read back %s', async (_what, written, read, outcome) => {
    const { ports, calls } = deliverPorts([written, read]);

    expect((await deliver(optOut(), ports)).outcome).toMatchObject({ kind: 'deferred', ...outcome });
    expect(calls).toEqual(['unsubscribe', 'readStatus']);
  });

  it('is confirmed without a correlation id if HubSpot sends none', async () => {
    const { ports } = deliverPorts([{ ...proven, correlationId: undefined }]);

    expect((await deliver(optOut(), ports)).outcome).toEqual({
      kind: 'confirmed',
      evidence: 'response',
      changed: true,
    });
  });

  it('is held if the command is ambiguous, without a call to HubSpot', async () => {
    const { ports, calls, completions } = deliverPorts([]);
    const held = { kind: 'held', reason: 'ambiguous' };

    expect(await deliver(optOut({ hold: 'ambiguous' }), ports)).toEqual({ outcome: held, attempt: 1 });
    expect(completions).toEqual([{ attempt: 1, outcome: held }]);
    expect(calls).toEqual([]);
  });

  it('unsubscribes from the business unit of the brand and the subscription of the list', async () => {
    const list = row({ subscriptionId: '42', businessUnitId: '5' });
    const { ports, subjects } = deliverPorts([shows([]), shows([list])], { businessUnitIds: { pets: '5' } });

    const { outcome } = await deliver(optOut({ brand: 'pets', scope: { list: '42' } }), ports);

    const subject = { email: ADA, businessUnitId: '5', subscriptionId: '42' };
    expect(subjects).toEqual([subject, subject]);
    expect(outcome.kind).toBe('confirmed');
  });
});

describe('an attempt after a write that HubSpot has not answered', () => {
  it('reads the status first and does not write if the opt-out is already set', async () => {
    const { ports, calls, completions } = await afterOne(optedOut);

    const { outcome, attempt } = await deliver(optOut(), ports);

    expect(outcome).toEqual({ kind: 'confirmed', evidence: 'read-back', changed: true, correlationId: 'c-1' });
    expect(attempt).toBe(2);
    expect(calls).toEqual(['readStatus']);
    expect(completions.map(({ outcome: { kind } }) => kind)).toEqual(['deferred', 'confirmed']);
  });

  it.each<[string, HubSpotResponse]>([
    ['shows nothing', notOptedOut],
    ['is about an unknown address', unknownAddress],
    ['is a 400', { status: 400 }],
  ])('writes if the status %s and the subscriptions show no newer opt-in', async (_what, status) => {
    const { ports, calls } = await afterOne(status, optedInAt(-1), proven);

    expect((await deliver(optOut(), ports)).outcome).toMatchObject({ kind: 'confirmed', evidence: 'response' });
    expect(calls).toEqual(['readStatus', 'readSubscriptions', 'unsubscribe']);
  });

  it.each<[string, HubSpotResponse[], string[]]>([
    ['is forbidden', [{ status: 403 }], ['readStatus']],
    ['has no route', [{ status: 404 }], ['readStatus']],
    ['is empty', [{ status: 200 }, { status: 200 }], ['readStatus', 'readSubscriptions']],
  ])('writes a fresh opt-out if reading the status %s', async (_what, reads, expected) => {
    const { ports, calls } = await afterOne(...reads, proven);

    const { outcome } = await deliver(optOut(), ports);

    expect(outcome).toMatchObject({ kind: 'confirmed' });
    expect(outcome).not.toHaveProperty('unchecked');
    expect(calls).toEqual([...expected, 'unsubscribe']);
  });

  it.each<[string, HubSpotResponse[]]>([
    ['to a subscription type', [notOptedOut, shows([row({ status: 'SUBSCRIBED', timestamp: plus(1).toISOString() })])]],
    ['to everything', [shows([wideRow({ status: 'SUBSCRIBED', timestamp: plus(1).toISOString() })])]],
  ])('is superseded by an opt-in %s since the first attempt', async (_what, responses) => {
    const { ports, calls } = await afterOne(...responses);

    expect((await deliver(optOut(), ports)).outcome.kind).toBe('superseded');
    expect(calls).not.toContain('unsubscribe');
  });

  it.each([0, 401, 423, 429, 477, 500, 503, 524])(
    'does not write if reading the status fails with %d, and asks again in the next attempt',
    async (status) => {
      const { ports, calls } = await afterOne({ status, retryAfterSeconds: 8000 }, optedOut);

      expect((await deliver(optOut(), ports)).outcome).toMatchObject({ kind: 'deferred', retryAfterSeconds: 8000 });
      expect((await deliver(optOut(), ports)).outcome.kind).toBe('confirmed');
      expect(calls).toEqual(['readStatus', 'readStatus']);
    },
  );

  it('is rejected by a response to the write', async () => {
    const { ports } = await afterOne(unknownAddress, { status: 400 }, unknownAddress);

    expect((await deliver(optOut(), ports)).outcome).toMatchObject({ kind: 'rejected', status: 404 });
  });

  it('backs off longer than the previous attempt', async () => {
    const { ports } = await afterOne({ status: 503 }, { status: 503 });

    expect((await deliver(optOut(), ports)).outcome).toMatchObject({ retryAfterSeconds: 2 });
    expect((await deliver(optOut(), ports)).outcome).toMatchObject({ retryAfterSeconds: 4 });
  });
});

describe('a write that HubSpot did not apply', () => {
  it.each<HubSpotResponse>([
    ...[302, 401, 403, 404, 423, 429, 477].map((status) => ({ status })),
    { status: 0, isUnsent: true, category: 'HUBSPOT_DOWN' },
  ])('is repeated without a read: %j', async (response) => {
    const { ports, calls } = deliverPorts([response, response, proven]);

    for (const kind of ['deferred', 'deferred', 'confirmed']) {
      expect((await deliver(optOut(), ports)).outcome.kind).toBe(kind);
    }
    expect(calls).toEqual(['unsubscribe', 'unsubscribe', 'unsubscribe']);
  });

  it('is repeated without a read if an earlier one was in doubt and has been read since', async () => {
    const { ports, calls } = await afterOne(notOptedOut, notOptedOut, { status: 429 }, proven);

    await deliver(optOut(), ports);
    expect((await deliver(optOut(), ports)).outcome.kind).toBe('confirmed');

    expect(calls).toEqual(['readStatus', 'readSubscriptions', 'unsubscribe', 'unsubscribe']);
  });
});

describe('an old signal', () => {
  const OLD = 3_601;
  const DAY = 86_400;

  function old(responses: Parameters<typeof deliverPorts>[0], change: Parameters<typeof deliverPorts>[1] = {}) {
    const made = deliverPorts(responses, change);
    made.time.now = plus(OLD);
    return made;
  }
  const optIn = (subscriptionId: string, change: object = {}) =>
    row({ status: 'SUBSCRIBED', subscriptionId, timestamp: plus(1).toISOString(), ...change });
  const unset = (subscriptionId: string) => row({ status: 'NOT_SPECIFIED', subscriptionId });

  it('takes one read and one write', async () => {
    const { ports, calls } = old([optedInAt(-1), proven]);

    expect((await deliver(optOut(), ports)).outcome).toMatchObject({ kind: 'confirmed', evidence: 'response' });
    expect(calls).toEqual(['readSubscriptions', 'unsubscribe']);
  });

  it('is any signal whose time is assumed, however soon it is delivered', async () => {
    const { ports, calls } = deliverPorts([optedInAt(-1), proven]);

    expect((await deliver(optOut({ isTimeAssumed: true }), ports)).outcome).toMatchObject({ kind: 'confirmed' });
    expect(calls).toEqual(['readSubscriptions', 'unsubscribe']);
  });

  it.each(['opt_out', 'complaint', 'hard_bounce'] as const)(
    'of kind %s keeps the types that were opted into since, and unsubscribes each other type',
    async (kind) => {
      const one = (subscriptionId: string) => shows([row({ subscriptionId })]);
      const { ports, calls, subjects, ledger } = old([
        shows([
          optIn('7'),
          unset('8'),
          row({ subscriptionId: '9' }),
          optIn('10', { timestamp: plus(-1).toISOString() }),
        ]),
        one('8'),
        one('10'),
      ]);

      const { outcome } = await deliver(optOut({ kind }), ports);

      expect(outcome).toEqual({
        ...{ kind: 'confirmed', evidence: 'response', changed: true, correlationId: 'c-1' },
        kept: ['7'],
      });
      expect(calls).toEqual(['readSubscriptions', 'unsubscribe', 'unsubscribe']);
      expect(subjects.slice(1)).toEqual(['8', '10'].map((subscriptionId) => ({ email: ADA, subscriptionId })));
      expect(await ledger.find(optOut().id)).toMatchObject({ state: 'confirmed', kept: ['7'] });
    },
  );

  it('is not confirmed until HubSpot confirms every type, and does not repeat the ones that it has', async () => {
    const { ports, calls, time } = old([
      shows([optIn('7'), unset('8'), unset('9')]),
      shows([row({ subscriptionId: '8' })]),
      { status: 503 },
      notOptedOut,
      shows([optIn('7'), row({ subscriptionId: '8' }), unset('9')]),
      shows([row({ subscriptionId: '9' })]),
    ]);

    expect((await deliver(optOut(), ports)).outcome).toMatchObject({ kind: 'deferred', status: 503 });
    time.now = plus(OLD + 60);
    expect((await deliver(optOut(), ports)).outcome).toMatchObject({ kind: 'confirmed', kept: ['7'] });
    expect(calls.slice(3)).toEqual(['readStatus', 'readSubscriptions', 'unsubscribe']);
  });

  it('is confirmed by the subscriptions if an interrupted attempt has written all other types', async () => {
    const interrupts = (): HubSpotResponse => {
      throw new Error('interrupted');
    };
    const { ports, time } = old([
      shows([optIn('7'), unset('8')]),
      interrupts,
      notOptedOut,
      shows([optIn('7'), row({ subscriptionId: '8', timestamp: plus(OLD + 1).toISOString() })]),
    ]);
    await expect(deliver(optOut(), ports)).rejects.toThrow('interrupted');
    time.now = plus(OLD + 60);

    const { outcome } = await deliver(optOut(), ports);

    expect(outcome).toMatchObject({ kind: 'confirmed', evidence: 'read-back', changed: true, kept: ['7'] });
  });

  it('tries the other types if HubSpot rejects one, and is rejected', async () => {
    const { ports, calls } = old([
      shows([optIn('7'), unset('8'), unset('9')]),
      { status: 400, category: 'VALIDATION_ERROR' },
      shows([unset('8')]),
      shows([row({ subscriptionId: '9' })]),
    ]);

    expect((await deliver(optOut(), ports)).outcome).toMatchObject({ kind: 'rejected', status: 400 });
    expect(calls).toEqual(['readSubscriptions', 'unsubscribe', 'readStatus', 'unsubscribe']);
  });

  it.each<[string, HubSpotResponse, object]>([
    ['to every type', shows([optIn('7'), optIn('8')]), { kept: ['7', '8'] }],
    ['to one type, with all others unsubscribed before', optedInAt(1), { kept: ['7'] }],
    ['that names no type', shows([wideRow({ status: 'SUBSCRIBED', timestamp: plus(1).toISOString() })]), {}],
  ])('is superseded by a newer opt-in %s, without a write', async (_what, subscriptions, kept) => {
    const { ports, calls, completions } = old([subscriptions]);

    expect(await deliver(optOut(), ports)).toEqual({ outcome: { kind: 'superseded', ...kept }, attempt: 1 });
    expect(completions).toMatchObject([{ attempt: 1, outcome: { kind: 'superseded', ...kept } }]);
    expect(calls).toEqual(['readSubscriptions']);
  });

  it('is written for an address that HubSpot does not know', async () => {
    const { ports, calls } = old([unknownAddress, proven]);

    expect((await deliver(optOut(), ports)).outcome).toMatchObject({ kind: 'confirmed' });
    expect(calls).toEqual(['readSubscriptions', 'unsubscribe']);
  });

  const unreadable: [string, HubSpotResponse][] = [
    ...[0, 302, 403, 404, 503].map((status): [string, HubSpotResponse] => [`are a ${status}`, { status }]),
    ['have no report', { status: 200 }],
    ['are not complete', shows([], { status: 'PENDING' })],
    ['have an error', shows([], { numErrors: 1 })],
  ];

  it.each(unreadable)('waits if the subscriptions %s, since a write could undo an opt-in', async (_what, response) => {
    const { ports, calls, time } = old([response, response]);

    for (const now of [OLD, DAY]) {
      time.now = plus(now);
      expect((await deliver(optOut(), ports)).outcome.kind).toBe('deferred');
    }
    expect(calls).toEqual(['readSubscriptions', 'readSubscriptions']);
  });

  it.each(unreadable)('is written unchecked after a day if the subscriptions %s', async (_what, response) => {
    const endings: unknown[] = [];
    const sign: DeliverPorts['sign'] = async (_command, { outcome }) => {
      endings.push(outcome);
      return 'signed';
    };
    const { ports, calls, time, ledger } = old([response, proven], { sign });
    time.now = plus(DAY + 1);

    const { outcome } = await deliver(optOut(), ports);

    expect(outcome).toMatchObject({ kind: 'confirmed', unchecked: true });
    expect(endings).toEqual([outcome]);
    expect(calls).toEqual(['readSubscriptions', 'unsubscribe']);
    expect(await ledger.find(optOut().id)).toMatchObject({ state: 'confirmed', unchecked: true });
  });

  it('counts the day from its receipt, however old the signal is', async () => {
    const { ports, time } = old([{ status: 403 }]);
    time.now = plus(DAY + 60);
    const received = { occurredAt: plus(-9 * DAY).toISOString(), receivedAt: plus(DAY).toISOString() };

    expect((await deliver(optOut(received), ports)).outcome.kind).toBe('deferred');
  });

  it.each([401, 423, 429, 477])('is not written after a day if HubSpot refuses every call with %d', async (status) => {
    const { ports, calls, time } = old([{ status }]);
    time.now = plus(DAY + 1);

    expect((await deliver(optOut(), ports)).outcome.kind).toBe('deferred');
    expect(calls).toEqual(['readSubscriptions']);
  });

  it('stays unconfirmed if the write without a check is not answered', async () => {
    const { ports, time } = old([{ status: 403 }, { status: 503 }]);
    time.now = plus(DAY + 1);

    expect((await deliver(optOut(), ports)).outcome).toMatchObject({ kind: 'deferred', status: 503 });
  });

  it('from one list is superseded only by an opt-in to that list, which takes one read', async () => {
    const scope = { list: '7' };
    const toThisList = old([optedInAt(1)]);
    const toAnother = old([shows([optIn('8')]), proven]);
    const alreadyOut = old([shows([row({ timestamp: plus(-60).toISOString() })])]);

    expect((await deliver(optOut({ scope }), toThisList.ports)).outcome).toEqual({ kind: 'superseded', kept: ['7'] });
    expect((await deliver(optOut({ scope }), toAnother.ports)).outcome.kind).toBe('confirmed');
    expect((await deliver(optOut({ scope }), alreadyOut.ports)).outcome).toMatchObject({ changed: false });
    expect(toThisList.calls).toEqual(['readSubscriptions']);
    expect(toAnother.calls).toEqual(['readSubscriptions', 'unsubscribe']);
    expect(alreadyOut.calls).toEqual(['readSubscriptions']);
  });

  it('from one list whose write was not answered takes one read', async () => {
    const { ports, calls, time } = deliverPorts([{ status: 503 }, shows([])]);
    const scope = { list: '7' };
    await deliver(optOut({ scope }), ports);
    time.now = plus(OLD);

    await expect(deliver(optOut({ scope }), ports)).rejects.toThrow('no response for unsubscribe');
    expect(calls).toEqual(['unsubscribe', 'readStatus', 'unsubscribe']);
  });

  it('of a brand is superseded only by an opt-in to that brand', async () => {
    const businessUnitIds = { pets: '5' };
    for (const [businessUnitId, kind] of [
      ['5', 'superseded'],
      ['6', 'confirmed'],
    ] as const) {
      const { ports } = old([shows([optIn('7', { businessUnitId })]), proven], { businessUnitIds });
      expect((await deliver(optOut({ brand: 'pets' }), ports)).outcome.kind).toBe(kind);
    }
  });

  it('is old one second after the limit, counted from its receipt if the sender’s clock is ahead', async () => {
    const received = { receivedAt: AT.toISOString(), occurredAt: plus(86_400).toISOString() };
    const young = deliverPorts([proven]);
    young.time.now = plus(3_600);
    const ahead = old([shows([optIn('7')])]);

    await deliver(optOut(received), young.ports);
    expect((await deliver(optOut(received), ahead.ports)).outcome.kind).toBe('superseded');
    expect(young.calls).toEqual(['unsubscribe']);
  });
});

describe('an opt-out from every brand', () => {
  const TYPES = [
    { id: '1', businessUnitId: '0' },
    { id: '7001', businessUnitId: '7' },
    { id: '7002', businessUnitId: '7' },
  ];
  const readDefinitions = () => ({ status: 200, types: TYPES });
  const ofUnit = (businessUnitId: string) => shows([row({ businessUnitId })]);
  const wideIn = (businessUnitId: string) => shows([wideRow({ wideStatusType: 'BUSINESS_UNIT_WIDE', businessUnitId })]);
  const unit = (businessUnitId: string) => ({ email: ADA, businessUnitId });

  it('takes one call for each business unit, and needs evidence from each', async () => {
    const endings: unknown[] = [];
    const sign: DeliverPorts['sign'] = async (_command, { outcome }) => {
      endings.push(outcome);
      return 'signed';
    };
    const { ports, subjects, calls, ledger } = deliverPorts([ofUnit('0'), shows([]), wideIn('7'), ofUnit('9')], {
      ...{ sign, readDefinitions, businessUnitIds: { pets: '9' } },
    });

    const { outcome } = await deliver(optOut(), ports);

    const businessUnits = ['0', '7', '9'];
    expect(outcome).toMatchObject({ kind: 'confirmed', evidence: 'read-back', changed: true, businessUnits });
    expect(calls).toEqual(['unsubscribe', 'unsubscribe', 'readStatus', 'unsubscribe']);
    expect(subjects).toEqual([unit('0'), unit('7'), unit('7'), unit('9')]);
    expect(endings).toEqual([outcome]);
    expect(await ledger.find(optOut().id)).toMatchObject({ state: 'confirmed', businessUnits });
  });

  it('with a brand takes one call for that brand only', async () => {
    const { ports, subjects } = deliverPorts([ofUnit('7')], {
      businessUnitIds: { pets: '7' },
      readDefinitions: () => expect.unreachable(),
    });

    const { outcome } = await deliver(optOut({ brand: 'pets' }), ports);

    expect(outcome).toMatchObject({ kind: 'confirmed', businessUnits: ['7'] });
    expect(subjects).toEqual([unit('7')]);
  });

  it('is not confirmed while one business unit is not, and then asks before it writes the missing one', async () => {
    const { ports, subjects, calls } = deliverPorts(
      [ofUnit('0'), { status: 429 }, wideIn('0'), notOptedOut, notOptedOut, ofUnit('7')],
      { readDefinitions },
    );

    expect((await deliver(optOut(), ports)).outcome).toMatchObject({ kind: 'deferred', status: 429 });
    expect((await deliver(optOut(), ports)).outcome).toMatchObject({ kind: 'confirmed', businessUnits: ['0', '7'] });
    expect(calls.slice(2)).toEqual(['readStatus', 'readStatus', 'readSubscriptions', 'unsubscribe']);
    expect(subjects.slice(2)).toEqual([unit('0'), unit('7'), unit('7'), unit('7')]);
  });

  it('stops at the first response that is about the whole account', async () => {
    const { ports, calls } = deliverPorts([{ status: 429 }], { readDefinitions });

    expect((await deliver(optOut(), ports)).outcome.kind).toBe('deferred');
    expect(calls).toEqual(['unsubscribe']);
  });

  it('writes the other business units if HubSpot rejects one, and is rejected', async () => {
    const { ports, calls } = deliverPorts([{ status: 400 }, { status: 400 }, ofUnit('7')], { readDefinitions });

    expect((await deliver(optOut(), ports)).outcome).toMatchObject({ kind: 'rejected', status: 400 });
    expect(calls).toEqual(['unsubscribe', 'readStatus', 'unsubscribe']);
  });

  it('is deferred, not rejected, if another business unit may succeed later', async () => {
    const { ports } = deliverPorts([unknownAddress, { status: 403 }], { readDefinitions });

    expect((await deliver(optOut(), ports)).outcome).toMatchObject({ kind: 'deferred', status: 403 });
  });

  it('keeps a newer opt-in to one type of one brand only', async () => {
    const optIn = row({
      ...{ status: 'SUBSCRIBED', subscriptionId: '7001', businessUnitId: '7', timestamp: plus(1).toISOString() },
    });
    const { ports, subjects, time } = deliverPorts(
      [
        shows([optIn]),
        ofUnit('0'),
        shows([optIn, row({ subscriptionId: '7002', businessUnitId: '7', status: 'NOT_SPECIFIED' })]),
        shows([row({ subscriptionId: '7002', businessUnitId: '7' })]),
      ],
      { readDefinitions },
    );
    time.now = plus(3_601);

    const { outcome } = await deliver(optOut(), ports);

    expect(outcome).toMatchObject({ kind: 'confirmed', kept: ['7001'], businessUnits: ['0', '7'] });
    expect(subjects[3]).toEqual({ email: ADA, businessUnitId: '7', subscriptionId: '7002' });
  });

  it('is superseded only if it is in every business unit', async () => {
    const optIn = (businessUnitId: string) =>
      shows([row({ status: 'SUBSCRIBED', businessUnitId, timestamp: plus(1).toISOString() })]);
    const { ports, time } = deliverPorts([optIn('0'), optIn('7'), optIn('0'), shows([]), ofUnit('7')], {
      readDefinitions,
    });
    time.now = plus(3_601);

    expect((await deliver(optOut(), ports)).outcome).toMatchObject({ kind: 'superseded' });
    expect((await deliver(optOut({ id: 'other' }), ports)).outcome).toMatchObject({
      ...{ kind: 'confirmed', businessUnits: ['7'], kept: ['7'] },
    });
  });

  it('is unchecked if one business unit is', async () => {
    const { ports, time } = deliverPorts([shows([]), ofUnit('0'), { status: 403 }, ofUnit('7')], { readDefinitions });
    time.now = plus(86_401);

    expect((await deliver(optOut(), ports)).outcome).toMatchObject({ kind: 'confirmed', unchecked: true });
  });

  it.each([403, 404, 500, 0])('is one call without a brand, and the configured ones, after a %d', async (status) => {
    const { ports, subjects } = deliverPorts([proven, ofUnit('9')], {
      ...{ readDefinitions: () => ({ status }), businessUnitIds: { pets: '9' } },
    });

    expect((await deliver(optOut(), ports)).outcome).toMatchObject({ kind: 'confirmed', businessUnits: ['9'] });
    expect(subjects).toEqual([{ email: ADA }, unit('9')]);
  });

  it.each([401, 423, 429, 477])('is deferred without a write if the definitions respond with %d', async (status) => {
    const { ports, calls } = deliverPorts([{ status: 503 }, optedOut], { readDefinitions: () => ({ status }) });

    expect((await deliver(optOut(), ports)).outcome).toMatchObject({ kind: 'deferred', status });
    expect(calls).toEqual([]);
  });

  it('from one list is about the business unit of the list', async () => {
    const { ports, subjects } = deliverPorts(
      [shows([row({ subscriptionId: '7001' })]), shows([row({ subscriptionId: '1' })]), { status: 403 }],
      { readDefinitions },
    );

    for (const list of ['7001', '1', 'unknown']) await deliver(optOut({ id: list, scope: { list } }), ports);

    expect(subjects).toEqual([
      { email: ADA, businessUnitId: '7', subscriptionId: '7001' },
      { email: ADA, subscriptionId: '1' },
      { email: ADA, subscriptionId: 'unknown' },
    ]);
  });
});

describe('the surge limit', () => {
  const overLimit = async () => true;

  it('holds a command over the limit without a call to HubSpot', async () => {
    const { ports, calls, completions } = deliverPorts([], { isOverSurgeLimit: overLimit });
    const held = { kind: 'held', reason: 'surge-limit' };

    expect(await deliver(optOut(), ports)).toEqual({ outcome: held, attempt: 1 });
    expect(completions).toEqual([{ attempt: 1, outcome: held }]);
    expect(calls).toEqual([]);
  });

  it('counts a command once, however many attempts it takes', async () => {
    let counted = 0;
    const isOverSurgeLimit = async () => {
      counted += 1;
      return false;
    };
    const { ports } = deliverPorts([{ status: 429 }, proven], { isOverSurgeLimit });

    await deliver(optOut(), ports);
    await deliver(optOut(), ports);

    expect(counted).toBe(1);
  });

  it('holds the command at the next attempt if the ledger could not store the hold', async () => {
    const { ports, calls, ledger, time } = deliverPorts([], { isOverSurgeLimit: overLimit });
    const complete: Ledger['complete'] = () => Promise.reject(new Error('unreachable'));

    await expect(deliver(optOut(), { ...ports, ledger: { ...ledger, complete } })).rejects.toThrow('unreachable');
    time.now = plus(60);

    expect((await deliver(optOut(), ports)).outcome).toEqual({ kind: 'held', reason: 'surge-limit' });
    expect(calls).toEqual([]);
  });

  it.each<['surge-limit' | 'ambiguous', object]>([
    ['surge-limit', {}],
    ['ambiguous', { hold: 'ambiguous' }],
  ])('does not hold a command again after an operator has released it: %s', async (reason, change) => {
    const { ports, operatorLedger, calls, time } = deliverPorts([proven], { isOverSurgeLimit: overLimit });
    const command = optOut(change);
    expect((await deliver(command, ports)).outcome).toEqual({ kind: 'held', reason });
    expect(await operatorLedger.reopen(command.id, 'held', plus(30))).toEqual(command);
    time.now = plus(60);

    expect((await deliver(command, ports)).outcome.kind).toBe('confirmed');

    expect(calls).toEqual(['unsubscribe']);
  });
});

describe('the receipt', () => {
  it.each<[HubSpotResponse, string]>([
    [proven, 'confirmed'],
    [{ status: 414 }, 'rejected'],
  ])('of a closed command is signed and stored: %j', async (response, kind) => {
    const endings: unknown[] = [];
    const sign: DeliverPorts['sign'] = async (command, ending) => {
      endings.push([command.id, ending]);
      return 'signed';
    };
    const { ports, completions } = deliverPorts([response], { sign });

    const { outcome } = await deliver(optOut(), ports);

    expect(endings).toEqual([[optOut().id, { outcome, closedAt: AT, email: ADA }]]);
    expect(completions).toMatchObject([{ outcome: { kind }, signedReceipt: 'signed' }]);
  });

  it('has the times of the command that was received first', async () => {
    const signed: unknown[] = [];
    const sign: DeliverPorts['sign'] = async ({ occurredAt, receivedAt }) => {
      signed.push({ occurredAt, receivedAt });
      return 'signed';
    };
    const { ports } = deliverPorts([{ status: 429 }, proven], { sign });
    const { occurredAt, receivedAt } = optOut();

    await deliver(optOut(), ports);
    await deliver({ ...optOut(), occurredAt: plus(5).toISOString(), receivedAt: plus(6).toISOString() }, ports);

    expect(signed).toEqual([{ occurredAt, receivedAt }]);
  });

  it('has the address that was found for a contact', async () => {
    const emails: unknown[] = [];
    const sign: DeliverPorts['sign'] = async (_command, { email }) => {
      emails.push(email);
      return 'signed';
    };
    const { ports } = deliverPorts([{ status: 200, email: ADA, contactId: CONTACT }, proven], { sign });

    await deliver(contactOptOut(), ports);

    expect(emails).toEqual([ADA]);
  });

  it('is not signed for a deferred command', async () => {
    const sign = () => Promise.reject(new Error('unexpected call'));
    const { ports } = deliverPorts([{ status: 503 }], { sign });

    expect((await deliver(optOut(), ports)).outcome.kind).toBe('deferred');
  });
});

describe('a command about a contact', () => {
  const found = { status: 200, email: ADA, contactId: CONTACT };

  it('unsubscribes the address of the contact and stores it in the ledger', async () => {
    const { ports, calls, subjects, completions } = deliverPorts([found, proven], { businessUnitIds: { pets: '5' } });

    const attempt = await deliver(contactOptOut({ brand: 'pets' }), ports);

    expect(attempt).toEqual({
      outcome: {
        ...{ kind: 'confirmed', evidence: 'response', changed: true, correlationId: 'c-1' },
        businessUnits: ['5'],
      },
      attempt: 1,
    });
    expect(calls).toEqual(['findContact 4711', 'unsubscribe']);
    expect(subjects).toEqual([{ email: ADA, businessUnitId: '5' }]);
    expect(completions.map(({ email }) => email)).toEqual([ADA]);
  });

  it('keeps the address of a deferred attempt and does not look it up again', async () => {
    const { ports, calls, completions } = deliverPorts([found, { status: 429 }, proven]);
    expect((await deliver(contactOptOut(), ports)).outcome.kind).toBe('deferred');
    expect(completions.map(({ email }) => email)).toEqual([ADA]);
    calls.length = 0;

    expect((await deliver(contactOptOut(), ports)).outcome.kind).toBe('confirmed');

    expect(calls).toEqual(['unsubscribe']);
  });

  it('does not store an address for a command that has one', async () => {
    const { ports, completions, calls } = deliverPorts([proven]);

    await deliver(optOut(), ports);

    expect(completions.map(({ email }) => email)).toEqual([undefined]);
    expect(calls).toEqual(['unsubscribe']);
  });

  it.each<[ContactResponse, object]>([
    [unknownAddress, { kind: 'rejected' }],
    [{ status: 404 }, { kind: 'deferred', category: 'ROUTE_MISSING' }],
    [{ status: 400 }, { kind: 'rejected' }],
    [{ status: 200, category: 'NO_ADDRESS', correlationId: 'c-2' }, { kind: 'rejected' }],
    [{ status: 200 }, { kind: 'deferred', retryAfterSeconds: 1 }],
    [{ status: 503, category: 'NO_ADDRESS' }, { kind: 'deferred' }],
    [{ status: 401 }, { kind: 'deferred', retryAfterSeconds: 30 }],
    [
      { status: 403, category: 'MISSING_SCOPES' },
      { kind: 'deferred', retryAfterSeconds: 30 },
    ],
    [
      { status: 429, policyName: 'DAILY' },
      { kind: 'deferred', retryAfterSeconds: 901 },
    ],
  ])('that HubSpot responds to with %j ends as %j, without a write', async (response, outcome) => {
    const { ports, calls, completions } = deliverPorts([response]);
    const { policyName: _policyName, hasErrorBody: _body, ...known } = response;

    expect((await deliver(contactOptOut(), ports)).outcome).toMatchObject({ ...known, ...outcome });
    expect(calls).toEqual(['findContact 4711']);
    expect(completions.map(({ email }) => email)).toEqual([undefined]);
  });

  it('is deferred if the contact cannot be read', async () => {
    const { ports } = deliverPorts([{ status: 0, category: 'TIME_OUT' }]);

    expect((await deliver(contactOptOut(), ports)).outcome).toEqual({
      kind: 'deferred',
      category: 'TIME_OUT',
      retryAfterSeconds: 1,
    });
  });

  it('writes without a read if only the look-up failed before', async () => {
    const { ports, calls } = deliverPorts([{ status: 503 }, found, proven]);
    await deliver(contactOptOut(), ports);

    expect((await deliver(contactOptOut(), ports)).outcome.kind).toBe('confirmed');
    expect(calls).toEqual(['findContact 4711', 'findContact 4711', 'unsubscribe']);
  });

  const HELD = { kind: 'held', reason: 'contact-changed' };

  it('is held if the contact was merged into another one, and then carried out if an operator releases it', async () => {
    const merged = { ...found, contactId: '4712' };
    const { ports, calls, operatorLedger, time } = deliverPorts([merged, merged, proven]);

    expect((await deliver(contactOptOut(), ports)).outcome).toEqual(HELD);
    expect(calls).toHaveLength(1);

    await operatorLedger.reopen(contactOptOut().id, 'held', plus(30));
    time.now = plus(60);
    expect((await deliver(contactOptOut(), ports)).outcome.kind).toBe('confirmed');
  });

  it.each<[string, object, ContactResponse]>([
    ['no longer has the opt-out', { property: 'hs_email_optout' }, { ...found, value: 'false' }],
    ['never had the opt-out', { property: 'hs_email_optout' }, found],
    ['no longer has the opt-out from a list', { property: 'hs_email_optout_42' }, { ...found, value: '' }],
    [
      'bounces for another reason now',
      { property: 'hs_email_hard_bounce_reason_enum', kind: 'hard_bounce' },
      { ...found, value: 'MAILBOX_FULL' },
    ],
  ])('is held if the contact %s, after a second look', async (_what, change, response) => {
    const { ports, calls, operatorLedger, time } = deliverPorts([response, response, response, proven]);
    const command = contactOptOut(change);

    const deferred = { kind: 'deferred', status: 200, category: 'CONTACT_CHANGED', retryAfterSeconds: 1 };
    expect((await deliver(command, ports)).outcome).toEqual(deferred);
    expect((await deliver(command, ports)).outcome).toEqual(HELD);
    expect(calls).toHaveLength(2);

    await operatorLedger.reopen(command.id, 'held', plus(30));
    time.now = plus(60);
    expect((await deliver(command, ports)).outcome.kind).toBe('confirmed');
  });

  it('is carried out if the second look shows the opt-out', async () => {
    const { ports } = deliverPorts([found, { ...found, value: 'true' }, proven]);
    const command = contactOptOut({ property: 'hs_email_optout' });

    expect((await deliver(command, ports)).outcome.kind).toBe('deferred');
    expect((await deliver(command, ports)).outcome.kind).toBe('confirmed');
  });

  it.each<[string, object, ContactResponse]>([
    ['the opt-out', { property: 'hs_email_optout' }, { ...found, value: 'true' }],
    ['the opt-out from a list', { property: 'hs_email_optout_42' }, { ...found, value: 'true' }],
    ['a bad address', { property: 'hs_email_bad_address', kind: 'hard_bounce' }, { ...found, value: 'true' }],
    ['an id, without a property to compare', {}, found],
  ])('is carried out if the contact still has %s', async (_what, change, response) => {
    const { ports } = deliverPorts([response, proven]);

    expect((await deliver(contactOptOut(change), ports)).outcome.kind).toBe('confirmed');
  });

  it('is compared even after an attempt that could not read the contact', async () => {
    const { ports } = deliverPorts([{ status: 503 }, { ...found, contactId: '4712' }]);
    await deliver(contactOptOut(), ports);

    expect((await deliver(contactOptOut(), ports)).outcome).toEqual(HELD);
  });

  const several = {
    ...found,
    additionalEmails: [parseEmailAddress('b@example.com'), parseEmailAddress('c@example.com')],
  };

  it('enqueues one opt-out for each other address before it writes, always with the same ids', async () => {
    const queue: OptOut[][] = [];
    const enqueue = async (commands: readonly OptOut[]) => void queue.push([...commands]);
    const interrupts = (): ContactResponse => {
      throw new Error('interrupted');
    };
    const { ports, time } = deliverPorts([several, interrupts, several, proven], { allAddresses: true, enqueue });
    const command = contactOptOut({ brand: 'gone', scope: { list: '42' } });

    await expect(deliver(command, ports)).rejects.toThrow('interrupted');
    time.now = plus(60);
    await expect(deliver(command, ports)).rejects.toThrow('no response for');

    const [first = [], again] = queue;
    const { contactId: _contactId, id: _id, ...rest } = command;
    expect(first).toMatchObject([
      { ...rest, email: 'b@example.com' },
      { ...rest, email: 'c@example.com' },
    ]);
    expect(new Set([command.id, ...first.map(({ id }) => id)]).size).toBe(3);
    for (const { id } of first) expect(id).toMatch(/^[\w-]{43}$/);
    expect(again).toEqual(first);
  });

  it('does not write if the other addresses cannot be enqueued', async () => {
    const { ports, calls } = deliverPorts([several], { allAddresses: true });

    await expect(deliver(contactOptOut(), ports)).rejects.toThrow('unexpected call');
    expect(calls).toEqual(['findContact 4711']);
  });

  it.each<[string, object, boolean]>([
    ['by default', {}, false],
    ['for a bounce', { kind: 'hard_bounce' }, true],
  ])('is about one address %s', async (_what, change, allAddresses) => {
    const { ports } = deliverPorts([several, proven], { allAddresses });

    expect((await deliver(contactOptOut(change), ports)).outcome.kind).toBe('confirmed');
  });
});

describe('an erasure while the command is on its way', () => {
  it('closes the entry without the address', async () => {
    const { ports, ledger, completions } = deliverPorts([proven]);
    await ledger.erase({ email: ADA }, plus(0));

    await deliver(optOut(), ports);

    expect(completions).toMatchObject([{ erasedUntil: plus(0) }]);
    const entry = await ledger.find(optOut().id);
    expect(entry).toMatchObject({ state: 'confirmed', erasedAt: AT.toISOString() });
    expect(JSON.stringify(entry)).not.toContain(ADA);
  });

  it.each([{ contactId: CONTACT }, { email: ADA }])('of %j covers a command for the contact', async (recipient) => {
    const { ports, ledger } = deliverPorts([{ status: 200, email: ADA, contactId: CONTACT }, proven]);
    await ledger.erase(recipient, plus(0));

    await deliver(contactOptOut(), ports);

    const entry = await ledger.find(contactOptOut().id);
    expect(entry).toMatchObject({ state: 'confirmed', erasedAt: AT.toISOString() });
    for (const erased of [ADA, CONTACT]) expect(JSON.stringify(entry)).not.toContain(`"${erased}"`);
  });

  it('does not cover an opt-out that was received later', async () => {
    const { ports, ledger, completions } = deliverPorts([proven]);
    await ledger.erase({ email: ADA }, plus(-0.001));

    await deliver(optOut(), ports);

    expect(completions.map(({ erasedUntil }) => erasedUntil)).toEqual([undefined]);
    expect(await ledger.find(optOut().id)).toMatchObject({ state: 'confirmed', email: ADA });
  });

  it('is not looked up for a deferred attempt', async () => {
    const erasedUntil = () => Promise.reject(new Error('unexpected call'));
    const { ports, ledger } = deliverPorts([{ status: 503 }]);

    const { outcome } = await deliver(optOut(), { ...ports, ledger: { ...ledger, erasedUntil } });

    expect(outcome.kind).toBe('deferred');
  });
});

describe('an interrupted attempt', () => {
  const interrupts = (): HubSpotResponse => {
    throw new Error('interrupted');
  };

  it('that HubSpot has applied is confirmed by the status and not written again', async () => {
    const { ports, calls, time } = deliverPorts([interrupts, shows([wideRow({ timestamp: plus(1).toISOString() })])]);
    await expect(deliver(optOut(), ports)).rejects.toThrow('interrupted');

    time.now = plus(60);
    const { outcome, attempt } = await deliver(optOut(), ports);

    expect(outcome).toMatchObject({ kind: 'confirmed', evidence: 'read-back', changed: true });
    expect(attempt).toBe(2);
    expect(calls).toEqual(['unsubscribe', 'readStatus']);
  });

  it('that could not be completed in the ledger is confirmed by the status', async () => {
    const { ports, ledger, calls, time } = deliverPorts([proven, optedOut]);
    const complete = () => Promise.reject(new Error('interrupted'));
    await expect(deliver(optOut(), { ...ports, ledger: { ...ledger, complete } })).rejects.toThrow('interrupted');

    time.now = plus(60);

    expect((await deliver(optOut(), ports)).outcome).toMatchObject({ kind: 'confirmed', evidence: 'read-back' });
    expect(calls).toEqual(['unsubscribe', 'readStatus']);
  });
});

describe('the ledger', () => {
  it.each([
    ['confirmed', proven],
    ['rejected', { status: 414 }],
  ])('makes a command that is closed as %s a duplicate, without another call to HubSpot', async (kind, response) => {
    const { ports, calls, completions } = deliverPorts([response]);
    expect((await deliver(optOut(), ports)).outcome.kind).toBe(kind);

    expect(await deliver(optOut(), ports)).toEqual({ outcome: { kind: 'duplicate' }, attempt: 0 });
    expect(calls).toEqual(['unsubscribe']);
    expect(completions).toHaveLength(1);
  });

  it('defers a command while another attempt has the lease, so that only one of two writes', async () => {
    const { ports, calls } = deliverPorts([proven]);

    const [one, other] = await Promise.all([deliver(optOut(), ports), deliver(optOut(), ports)]);

    expect(one.outcome.kind).toBe('confirmed');
    expect(other).toEqual({ outcome: { kind: 'deferred', retryAfterSeconds: 15 }, attempt: 0 });
    expect(calls).toEqual(['unsubscribe']);
  });

  it('gets the expiry of a finished entry, counted from its closing', async () => {
    const { ports, completions, time } = deliverPorts([proven], { retentionDays: 30 });
    time.now = plus(9);

    await deliver(optOut(), ports);
    await deliver(optOut({ id: 'another', hold: 'ambiguous' }), ports);

    expect(completions.map(({ expiresAt }) => expiresAt)).toEqual([plus(9 + 30 * 86_400), undefined]);
  });

  it('stores when the attempt ended, not when it began', async () => {
    const { ports, ledger, time } = deliverPorts([
      () => {
        time.now = plus(9);
        return proven;
      },
    ]);

    await deliver(optOut(), ports);

    expect(await ledger.find(optOut().id)).toMatchObject({ state: 'confirmed', closedAt: plus(9).toISOString() });
  });
});
