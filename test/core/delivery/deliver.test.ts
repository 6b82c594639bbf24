import { describe, expect, it } from 'vitest';
import type { DeliverPorts } from '../../../functions/core/delivery/deliver.ts';
import { deliver } from '../../../functions/core/delivery/deliver.ts';
import type { ContactResponse, HubSpotResponse } from '../../../functions/core/delivery/hubspot.ts';
import type { Ledger } from '../../../functions/core/ledger/ledger.ts';
import { ADA, AT, CONTACT, contactOptOut, optOut, plus, row, shows, wideRow } from '../examples.ts';
import { deliverPorts } from './deliver-ports.ts';

const proven = shows([row()]);
const optedOut = shows([wideRow()], {});
const optedOutBefore = shows([wideRow({ timestamp: plus(-60).toISOString() })]);
const notOptedOut = shows([]);
/** Subscriptions with an opt-in to one of them this many seconds after AT. */
const optedInAt = (seconds: number) =>
  shows([row({ subscriptionId: '8' }), row({ status: 'SUBSCRIBED', timestamp: plus(seconds).toISOString() })]);
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

  it.each([400, 404, 414])('is rejected by a %d without another call', async (status) => {
    const { ports, calls } = deliverPorts([{ status, category: 'VALIDATION_ERROR', correlationId: 'c-2' }]);

    const { outcome } = await deliver(optOut(), ports);

    expect(outcome).toEqual({ kind: 'rejected', status, category: 'VALIDATION_ERROR', correlationId: 'c-2' });
    expect(calls).toEqual(['unsubscribe']);
  });

  it.each<[HubSpotResponse, number]>([
    [{ status: 401 }, 30],
    [{ status: 403, category: 'MISSING_SCOPES' }, 30],
    [{ status: 423 }, 2],
    [{ status: 429, policyName: 'TEN_SECONDLY_ROLLING' }, 1],
    [{ status: 429, policyName: 'TEN_SECONDLY_ROLLING', retryAfterSeconds: 11 }, 11],
    [{ status: 429, policyName: 'DAILY' }, 901],
    [{ status: 477 }, 3600],
    [{ status: 477, retryAfterSeconds: 7200 }, 7200],
    ...[0, 302, 402, 408, 500, 501, 502, 503, 504, 521, 522, 523, 524].map(
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
    ['is a 404', shows([]), { status: 404 }, { status: 404 }],
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
    const { ports, subjects } = deliverPorts([shows([]), shows([list])]);

    const { outcome } = await deliver(optOut({ brand: 'pets', scope: { list: '42' } }), ports);

    const subject = { email: ADA, businessUnitId: '5', subscriptionId: '42' };
    expect(subjects).toEqual([subject, subject]);
    expect(outcome.kind).toBe('confirmed');
  });
});

describe('a later attempt', () => {
  it('reads the status first and does not write if the opt-out is already set', async () => {
    const { ports, calls, completions } = await afterOne(optedOut);

    const { outcome, attempt } = await deliver(optOut(), ports);

    expect(outcome).toEqual({ kind: 'confirmed', evidence: 'read-back', changed: true, correlationId: 'c-1' });
    expect(attempt).toBe(2);
    expect(calls).toEqual(['readStatus']);
    expect(completions.map(({ outcome: { kind } }) => kind)).toEqual(['deferred', 'confirmed']);
  });

  it.each([
    ['shows nothing', notOptedOut],
    ['is a 404', { status: 404 }],
    ['is a 400', { status: 400 }],
    ['is forbidden', { status: 403 }],
  ])('writes if the status %s and the subscriptions show no newer opt-in', async (_what, record) => {
    const { ports, calls } = await afterOne(record, optedInAt(-1), proven);

    expect((await deliver(optOut(), ports)).outcome).toMatchObject({ kind: 'confirmed', evidence: 'response' });
    expect(calls).toEqual(['readStatus', 'readSubscriptions', 'unsubscribe']);
  });

  it('is superseded by an opt-in since the first attempt', async () => {
    const { ports, calls } = await afterOne(notOptedOut, optedInAt(1));

    expect((await deliver(optOut(), ports)).outcome).toEqual({ kind: 'superseded' });
    expect(calls).toEqual(['readStatus', 'readSubscriptions']);
  });

  it.each([0, 401, 423, 429, 477, 500, 503, 524])(
    'does not write if reading the status fails with %d',
    async (status) => {
      const { ports, calls } = await afterOne({ status, retryAfterSeconds: 8 });

      expect((await deliver(optOut(), ports)).outcome).toMatchObject({ kind: 'deferred', retryAfterSeconds: 8 });
      expect(calls).toEqual(['readStatus']);
    },
  );

  it('is rejected by a response to the write', async () => {
    const { ports } = await afterOne(notOptedOut, { status: 404 }, { status: 400 });

    expect((await deliver(optOut(), ports)).outcome).toEqual({ kind: 'rejected', status: 400 });
  });

  it('backs off longer than the previous attempt', async () => {
    const { ports } = await afterOne({ status: 503 }, { status: 503 });

    expect((await deliver(optOut(), ports)).outcome).toMatchObject({ retryAfterSeconds: 2 });
    expect((await deliver(optOut(), ports)).outcome).toMatchObject({ retryAfterSeconds: 4 });
  });
});

describe('an old signal', () => {
  const OLD = 3_601;

  function old(responses: Parameters<typeof deliverPorts>[0], change: Parameters<typeof deliverPorts>[1] = {}) {
    const made = deliverPorts(responses, change);
    made.time.now = plus(OLD);
    return made;
  }

  it.each<[string, HubSpotResponse[], string[]]>([
    ['a subscription', [notOptedOut, optedInAt(1)], ['readStatus', 'readSubscriptions']],
    [
      'the wide status',
      [shows([wideRow({ status: 'SUBSCRIBED', timestamp: plus(1).toISOString() })]), { status: 404 }],
      ['readStatus', 'readSubscriptions'],
    ],
  ])('is superseded by a newer opt-in in %s, without a write', async (_what, responses, expected) => {
    const { ports, calls, completions } = old(responses);

    expect(await deliver(optOut(), ports)).toEqual({ outcome: { kind: 'superseded' }, attempt: 1 });
    expect(completions).toMatchObject([{ outcome: { kind: 'superseded' } }]);
    expect(calls).toEqual(expected);
  });

  it.each<[string, HubSpotResponse]>([
    ['an older opt-in', optedInAt(-1)],
    ['an opt-in of the same moment', optedInAt(0)],
    ['no subscription', shows([])],
    ['a 404', { status: 404 }],
    ['a 400', { status: 400 }],
  ])('is written if the subscriptions show %s', async (_what, subscriptions) => {
    const { ports, calls } = old([notOptedOut, subscriptions, proven]);

    expect((await deliver(optOut(), ports)).outcome).toMatchObject({ kind: 'confirmed', evidence: 'response' });
    expect(calls).toEqual(['readStatus', 'readSubscriptions', 'unsubscribe']);
  });

  it('is confirmed by the status, without a write, if the recipient is already opted out', async () => {
    const { ports, calls } = old([optedOutBefore]);

    expect((await deliver(optOut(), ports)).outcome).toMatchObject({ kind: 'confirmed', changed: false });
    expect(calls).toEqual(['readStatus']);
  });

  it.each([0, 302, 401, 403, 429, 503])(
    'is deferred if reading the subscriptions fails with %d, since a write could undo an opt-in',
    async (status) => {
      const { ports, calls } = old([notOptedOut, { status }]);

      expect((await deliver(optOut(), ports)).outcome.kind).toBe('deferred');
      expect(calls).toEqual(['readStatus', 'readSubscriptions']);
    },
  );

  it.each<[string, HubSpotResponse]>([
    ['has no report', { status: 200 }],
    ['is not complete', shows([], { status: 'PENDING' })],
    ['has an error', shows([], { numErrors: 1 })],
  ])('is deferred if a 2xx response to either read %s', async (_what, incomplete) => {
    for (const responses of [
      [incomplete, shows([])],
      [notOptedOut, incomplete],
    ]) {
      const { ports, calls } = old(responses);

      expect((await deliver(optOut(), ports)).outcome.kind).toBe('deferred');
      expect(calls).toEqual(['readStatus', 'readSubscriptions']);
    }
  });

  it('from one list is superseded only by an opt-in to that list, which takes one read', async () => {
    const scope = { list: '7' };
    const toThisList = old([optedInAt(1)]);
    const toAnother = old([
      shows([row({ status: 'SUBSCRIBED', subscriptionId: '8', timestamp: plus(1).toISOString() })]),
      proven,
    ]);

    expect((await deliver(optOut({ scope }), toThisList.ports)).outcome.kind).toBe('superseded');
    expect((await deliver(optOut({ scope }), toAnother.ports)).outcome.kind).toBe('confirmed');
    expect(toThisList.calls).toEqual(['readStatus']);
    expect(toAnother.calls).toEqual(['readStatus', 'unsubscribe']);
  });

  it('of a brand is superseded only by an opt-in to that brand', async () => {
    const optIn = (businessUnitId: string) =>
      shows([row({ status: 'SUBSCRIBED', businessUnitId, timestamp: plus(1).toISOString() })]);

    for (const [businessUnitId, kind] of [
      ['5', 'superseded'],
      ['6', 'confirmed'],
    ] as const) {
      const { ports } = old([notOptedOut, optIn(businessUnitId), proven]);
      expect((await deliver(optOut({ brand: 'pets' }), ports)).outcome.kind).toBe(kind);
    }
  });

  it('is old one second after the limit, counted from its receipt if the sender’s clock is ahead', async () => {
    const received = { receivedAt: AT.toISOString(), occurredAt: plus(86_400).toISOString() };
    const young = deliverPorts([proven]);
    young.time.now = plus(3_600);
    const ahead = old([notOptedOut, optedInAt(1)]);

    await deliver(optOut(received), young.ports);
    expect((await deliver(optOut(received), ahead.ports)).outcome.kind).toBe('superseded');
    expect(young.calls).toEqual(['unsubscribe']);
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
    const { ports } = deliverPorts([{ status: 503 }, notOptedOut, shows([]), proven], { isOverSurgeLimit });

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
    const { ports, operatorLedger, calls, time } = deliverPorts([notOptedOut, notOptedOut, proven], {
      isOverSurgeLimit: overLimit,
    });
    const command = optOut(change);
    expect((await deliver(command, ports)).outcome).toEqual({ kind: 'held', reason });
    expect(await operatorLedger.reopen(command.id, 'held', plus(30))).toEqual(command);
    time.now = plus(60);

    expect((await deliver(command, ports)).outcome.kind).toBe('confirmed');

    expect(calls).toEqual(['readStatus', 'readSubscriptions', 'unsubscribe']);
  });
});

describe('the receipt', () => {
  it.each<[HubSpotResponse, string]>([
    [proven, 'confirmed'],
    [{ status: 404 }, 'rejected'],
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
    const { ports } = deliverPorts([{ status: 503 }, notOptedOut, notOptedOut, proven], { sign });
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
    const { ports } = deliverPorts([{ status: 200, email: ADA }, proven], { sign });

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
  const found = { status: 200, email: ADA };

  it('unsubscribes the address of the contact and stores it in the ledger', async () => {
    const { ports, calls, subjects, completions } = deliverPorts([found, proven]);

    const attempt = await deliver(contactOptOut({ brand: 'pets' }), ports);

    expect(attempt).toEqual({
      outcome: { kind: 'confirmed', evidence: 'response', changed: true, correlationId: 'c-1' },
      attempt: 1,
    });
    expect(calls).toEqual(['findContact 4711', 'unsubscribe']);
    expect(subjects).toEqual([{ email: ADA, businessUnitId: '5' }]);
    expect(completions.map(({ email }) => email)).toEqual([ADA]);
  });

  it('keeps the address of a deferred attempt and does not look it up again', async () => {
    const { ports, calls, completions } = deliverPorts([found, { status: 503 }, notOptedOut, notOptedOut, proven]);
    expect((await deliver(contactOptOut(), ports)).outcome.kind).toBe('deferred');
    expect(completions.map(({ email }) => email)).toEqual([ADA]);
    calls.length = 0;

    expect((await deliver(contactOptOut(), ports)).outcome.kind).toBe('confirmed');

    expect(calls).toEqual(['readStatus', 'readSubscriptions', 'unsubscribe']);
  });

  it('does not store an address for a command that has one', async () => {
    const { ports, completions, calls } = deliverPorts([proven]);

    await deliver(optOut(), ports);

    expect(completions.map(({ email }) => email)).toEqual([undefined]);
    expect(calls).toEqual(['unsubscribe']);
  });

  it.each<[ContactResponse, object]>([
    [{ status: 404, category: 'OBJECT_NOT_FOUND' }, { kind: 'rejected' }],
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
    const { policyName: _policyName, ...known } = response;

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

  it('reads the status first in a later attempt', async () => {
    const { ports, calls } = deliverPorts([{ status: 503 }, found, optedOut]);
    await deliver(contactOptOut(), ports);

    expect((await deliver(contactOptOut(), ports)).outcome).toMatchObject({
      kind: 'confirmed',
      evidence: 'read-back',
    });
    expect(calls).toEqual(['findContact 4711', 'findContact 4711', 'readStatus']);
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
    const { ports, ledger } = deliverPorts([{ status: 200, email: ADA }, proven]);
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
    ['rejected', { status: 400 }],
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
