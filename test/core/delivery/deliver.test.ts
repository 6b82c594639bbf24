import { describe, expect, it } from 'vitest';
import type { DeliverPorts } from '../../../functions/core/delivery/deliver.ts';
import { deliver } from '../../../functions/core/delivery/deliver.ts';
import type { ContactResponse, HubSpotResponse } from '../../../functions/core/delivery/hubspot.ts';
import type { Ledger } from '../../../functions/core/ledger/ledger.ts';
import { ADA, AT, contactOptOut, optOut, plus, row, shows, wideRow } from '../examples.ts';
import { ports } from '../ledger/memory.ts';

const proven = shows([row()]);
const optedOut = shows([wideRow()], {});
const optedOutBefore = shows([wideRow({ timestamp: plus(-60).toISOString() })]);
const notOptedOut = shows([]);
/** The subscriptions of somebody who opted in to one of them so many seconds after AT. */
const optedInAt = (seconds: number) =>
  shows([row({ subscriptionId: '8' }), row({ status: 'SUBSCRIBED', timestamp: plus(seconds).toISOString() })]);
const already: HubSpotResponse = { status: 400, category: 'VALIDATION_ERROR', saysAlreadyOptedOut: true };

/** Ports where one attempt has been made, and put off. */
async function afterOne(...answers: readonly HubSpotResponse[]) {
  const made = ports([{ status: 503 }, ...answers]);
  await deliver(optOut(), made.through);
  made.calls.length = 0;
  return made;
}

describe('a first attempt', () => {
  it.each<[string, HubSpotResponse[], object]>([
    ['proof in the answer', [proven], { evidence: 'response', changed: true }],
    ['an answer without rows, and the record', [shows([]), optedOut], { evidence: 'read-back', changed: true }],
    ['an empty body, and the record', [{ status: 204 }, optedOut], { evidence: 'read-back', changed: true }],
    [
      'PENDING, and the record',
      [shows([row()], { status: 'PENDING' }), optedOut],
      { evidence: 'read-back', changed: true },
    ],
    [
      'an answer without rows, and an old record',
      [shows([]), optedOutBefore],
      { evidence: 'read-back', changed: false },
    ],
    ['"already unsubscribed", and the record', [already, optedOut], { evidence: 'read-back', changed: false }],
    [
      'rows that had not changed',
      [shows([row({ setStatusSuccessReason: 'NO_STATUS_CHANGE' })])],
      { evidence: 'response', changed: false },
    ],
  ])('is confirmed by %s', async (_what, answers, outcome) => {
    const { through, ledger, calls } = ports(answers);

    const attempt = await deliver(optOut(), through);

    expect(attempt).toEqual({ outcome: { kind: 'confirmed', correlationId: 'c-1', ...outcome }, attempt: 1 });
    expect(ledger.settled).toEqual([attempt]);
    expect(calls).toEqual(['write', 'read'].slice(0, answers.length));
  });

  it.each([400, 404, 414])('is refused by %d, and asks no further', async (status) => {
    const { through, calls } = ports([{ status, category: 'VALIDATION_ERROR', correlationId: 'c-2' }]);

    const { outcome } = await deliver(optOut(), through);

    expect(outcome).toEqual({ kind: 'rejected', status, category: 'VALIDATION_ERROR', correlationId: 'c-2' });
    expect(calls).toEqual(['write']);
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
  ])('is put off by %j for %d seconds', async (answer, retryAfterSeconds) => {
    const { through, calls } = ports([{ ...answer, correlationId: 'c-2' }]);

    const { outcome } = await deliver(optOut(), through);

    const status = answer.status === 0 ? {} : { status: answer.status };
    const category = answer.category ? { category: answer.category } : {};
    expect(outcome).toEqual({ kind: 'deferred', ...status, ...category, correlationId: 'c-2', retryAfterSeconds });
    expect(calls).toEqual(['write']);
  });

  it.each<[string, HubSpotResponse, HubSpotResponse, object]>([
    ['that shows nothing', shows([]), notOptedOut, { status: 200 }],
    ['that shows nothing, though it says "already"', already, notOptedOut, { status: 400 }],
    ['that knows nobody', shows([]), { status: 404 }, { status: 404 }],
    ['that finds us wrong', shows([]), { status: 400 }, { status: 400 }],
    [
      'that we may not read',
      shows([]),
      { status: 403, category: 'MISSING_SCOPES' },
      { status: 403, retryAfterSeconds: 30 },
    ],
    ['that must wait', shows([]), { status: 429, retryAfterSeconds: 77 }, { status: 429, retryAfterSeconds: 77 }],
    ['that cannot be reached', shows([]), { status: 0 }, { retryAfterSeconds: 1 }],
  ])('is put off, never refused, by a record %s', async (_what, written, read, outcome) => {
    const { through, calls } = ports([written, read]);

    expect((await deliver(optOut(), through)).outcome).toMatchObject({ kind: 'deferred', ...outcome });
    expect(calls).toEqual(['write', 'read']);
  });

  it('is confirmed without a correlation id, where HubSpot gives none', async () => {
    const { through } = ports([{ ...proven, correlationId: undefined }]);

    expect((await deliver(optOut(), through)).outcome).toEqual({
      kind: 'confirmed',
      evidence: 'response',
      changed: true,
    });
  });

  it('is held when the command is ambiguous, and HubSpot hears nothing of it', async () => {
    const { through, calls, ledger } = ports([]);
    const held = { kind: 'held', reason: 'ambiguous' };

    expect(await deliver(optOut({ hold: 'ambiguous' }), through)).toEqual({ outcome: held, attempt: 1 });
    expect(ledger.settled).toEqual([{ attempt: 1, outcome: held }]);
    expect(calls).toEqual([]);
  });

  it('tells HubSpot the business unit of the brand and the subscription of the list', async () => {
    const list = row({ subscriptionId: '42', businessUnitId: '5' });
    const { through, subjects } = ports([shows([]), shows([list])]);

    const { outcome } = await deliver(optOut({ brand: 'pets', scope: { list: '42' } }), through);

    const subject = { email: ADA, businessUnitId: '5', subscriptionId: '42' };
    expect(subjects).toEqual([subject, subject]);
    expect(outcome.kind).toBe('confirmed');
  });
});

describe('a later attempt', () => {
  it('asks before it tells, and tells nothing that is on record', async () => {
    const { through, calls, ledger } = await afterOne(optedOut);

    const { outcome, attempt } = await deliver(optOut(), through);

    expect(outcome).toEqual({ kind: 'confirmed', evidence: 'read-back', changed: true, correlationId: 'c-1' });
    expect(attempt).toBe(2);
    expect(calls).toEqual(['read']);
    expect(ledger.settled.map(({ outcome: { kind } }) => kind)).toEqual(['deferred', 'confirmed']);
  });

  it.each([
    ['shows nothing', notOptedOut],
    ['knows nobody', { status: 404 }],
    ['finds us wrong', { status: 400 }],
    ['may not be read', { status: 403 }],
  ])('tells HubSpot when the record %s, and no subscription a newer opt-in', async (_what, record) => {
    const { through, calls } = await afterOne(record, optedInAt(-1), proven);

    expect((await deliver(optOut(), through)).outcome).toMatchObject({ kind: 'confirmed', evidence: 'response' });
    expect(calls).toEqual(['read', 'look', 'write']);
  });

  it('is superseded by an opt-in that came meanwhile', async () => {
    const { through, calls } = await afterOne(notOptedOut, optedInAt(1));

    expect((await deliver(optOut(), through)).outcome).toEqual({ kind: 'superseded' });
    expect(calls).toEqual(['read', 'look']);
  });

  it.each([0, 401, 423, 429, 477, 500, 503, 524])(
    'does not tell HubSpot after a record that is answered %d',
    async (status) => {
      const { through, calls } = await afterOne({ status, retryAfterSeconds: 8 });

      expect((await deliver(optOut(), through)).outcome).toMatchObject({ kind: 'deferred', retryAfterSeconds: 8 });
      expect(calls).toEqual(['read']);
    },
  );

  it('is refused by an answer to what it tells', async () => {
    const { through } = await afterOne(notOptedOut, { status: 404 }, { status: 400 });

    expect((await deliver(optOut(), through)).outcome).toEqual({ kind: 'rejected', status: 400 });
  });

  it('backs off longer than the one before', async () => {
    const { through } = await afterOne({ status: 503 }, { status: 503 });

    expect((await deliver(optOut(), through)).outcome).toMatchObject({ retryAfterSeconds: 2 });
    expect((await deliver(optOut(), through)).outcome).toMatchObject({ retryAfterSeconds: 4 });
  });
});

describe('an old signal', () => {
  const OLD = 3_601;

  function old(answers: Parameters<typeof ports>[0], change: Parameters<typeof ports>[1] = {}) {
    const made = ports(answers, change);
    made.time.now = plus(OLD);
    return made;
  }

  it.each<[string, HubSpotResponse[], string[]]>([
    ['a subscription', [notOptedOut, optedInAt(1)], ['read', 'look']],
    [
      'the wide record',
      [shows([wideRow({ status: 'SUBSCRIBED', timestamp: plus(1).toISOString() })]), { status: 404 }],
      ['read', 'look'],
    ],
  ])('is superseded by a newer opt-in in %s, and HubSpot is told nothing', async (_what, answers, asked) => {
    const { through, calls, ledger } = old(answers);

    expect(await deliver(optOut(), through)).toEqual({ outcome: { kind: 'superseded' }, attempt: 1 });
    expect(ledger.settled).toMatchObject([{ outcome: { kind: 'superseded' } }]);
    expect(calls).toEqual(asked);
  });

  it.each<[string, HubSpotResponse]>([
    ['an older opt-in', optedInAt(-1)],
    ['an opt-in of the same moment', optedInAt(0)],
    ['no subscription', shows([])],
    ['nobody', { status: 404 }],
    ['what it takes for no address', { status: 400 }],
  ])('is told where HubSpot shows %s', async (_what, subscriptions) => {
    const { through, calls } = old([notOptedOut, subscriptions, proven]);

    expect((await deliver(optOut(), through)).outcome).toMatchObject({ kind: 'confirmed', evidence: 'response' });
    expect(calls).toEqual(['read', 'look', 'write']);
  });

  it('is confirmed by the record where the person is opted out already, and nothing is written', async () => {
    const { through, calls } = old([optedOutBefore]);

    expect((await deliver(optOut(), through)).outcome).toMatchObject({ kind: 'confirmed', changed: false });
    expect(calls).toEqual(['read']);
  });

  it.each([0, 302, 401, 403, 429, 503])(
    'is put off where the subscriptions are answered %d, since it might undo an opt-in',
    async (status) => {
      const { through, calls } = old([notOptedOut, { status }]);

      expect((await deliver(optOut(), through)).outcome.kind).toBe('deferred');
      expect(calls).toEqual(['read', 'look']);
    },
  );

  it.each<[string, HubSpotResponse]>([
    ['no report', { status: 200 }],
    ['one that is not finished', shows([], { status: 'PENDING' })],
    ['one with an error', shows([], { numErrors: 1 })],
  ])('is put off where a success shows %s, whichever was asked', async (_what, blank) => {
    for (const answers of [
      [blank, shows([])],
      [notOptedOut, blank],
    ]) {
      const { through, calls } = old(answers);

      expect((await deliver(optOut(), through)).outcome.kind).toBe('deferred');
      expect(calls).toEqual(['read', 'look']);
    }
  });

  it('from one list is superseded by an opt-in to that list alone, and one question is enough', async () => {
    const scope = { list: '7' };
    const toThisList = old([optedInAt(1)]);
    const toAnother = old([
      shows([row({ status: 'SUBSCRIBED', subscriptionId: '8', timestamp: plus(1).toISOString() })]),
      proven,
    ]);

    expect((await deliver(optOut({ scope }), toThisList.through)).outcome.kind).toBe('superseded');
    expect((await deliver(optOut({ scope }), toAnother.through)).outcome.kind).toBe('confirmed');
    expect(toThisList.calls).toEqual(['read']);
    expect(toAnother.calls).toEqual(['read', 'write']);
  });

  it('of a brand is superseded by an opt-in to that brand alone', async () => {
    const optIn = (businessUnitId: string) =>
      shows([row({ status: 'SUBSCRIBED', businessUnitId, timestamp: plus(1).toISOString() })]);

    for (const [businessUnitId, kind] of [
      ['5', 'superseded'],
      ['6', 'confirmed'],
    ] as const) {
      const { through } = old([notOptedOut, optIn(businessUnitId), proven]);
      expect((await deliver(optOut({ brand: 'pets' }), through)).outcome.kind).toBe(kind);
    }
  });

  it('is old from one second after the limit on, whatever a sender with a fast clock says', async () => {
    const received = { receivedAt: AT.toISOString(), occurredAt: plus(86_400).toISOString() };
    const young = ports([proven]);
    young.time.now = plus(3_600);
    const ahead = old([notOptedOut, optedInAt(1)]);

    await deliver(optOut(received), young.through);
    expect((await deliver(optOut(received), ahead.through)).outcome.kind).toBe('superseded');
    expect(young.calls).toEqual(['write']);
  });
});

describe('the surge limit', () => {
  const overLimit = async () => true;

  it('holds what is over the limit, and HubSpot hears nothing of it', async () => {
    const { through, calls, ledger } = ports([], { isOverSurgeLimit: overLimit });
    const held = { kind: 'held', reason: 'surge-limit' };

    expect(await deliver(optOut(), through)).toEqual({ outcome: held, attempt: 1 });
    expect(ledger.settled).toEqual([{ attempt: 1, outcome: held }]);
    expect(calls).toEqual([]);
  });

  it('counts a command once, however often it is tried', async () => {
    let counted = 0;
    const isOverSurgeLimit = async () => {
      counted += 1;
      return false;
    };
    const { through } = ports([{ status: 503 }, notOptedOut, shows([]), proven], { isOverSurgeLimit });

    await deliver(optOut(), through);
    await deliver(optOut(), through);

    expect(counted).toBe(1);
  });

  it('holds at the next attempt what it could not hold, since that could not be written down', async () => {
    const { through, calls, ledger, time } = ports([], { isOverSurgeLimit: overLimit });
    const complete: Ledger['complete'] = () => Promise.reject(new Error('down'));

    await expect(deliver(optOut(), { ...through, ledger: { ...ledger, complete } })).rejects.toThrow('down');
    time.now = plus(60);

    expect((await deliver(optOut(), through)).outcome).toEqual({ kind: 'held', reason: 'surge-limit' });
    expect(calls).toEqual([]);
  });

  it.each(['surge-limit', 'ambiguous'])('lets go on what a person has released from a hold: %s', async (reason) => {
    const { through, calls } = ports([proven], { isOverSurgeLimit: overLimit });
    const claim: Ledger['claim'] = async (...asked) => ({
      ...(await through.ledger.claim(...asked)),
      isReleased: true,
    });
    const command = optOut(reason === 'ambiguous' ? { hold: reason } : {});

    const { outcome } = await deliver(command, { ...through, ledger: { ...through.ledger, claim } });

    expect(outcome.kind).toBe('confirmed');
    expect(calls).toEqual(['write']);
  });
});

describe('the receipt', () => {
  it.each<[HubSpotResponse, string]>([
    [proven, 'confirmed'],
    [{ status: 404 }, 'rejected'],
  ])('of an end is signed and kept with it: %j', async (answer, kind) => {
    const endings: unknown[] = [];
    const sign: DeliverPorts['sign'] = async (command, ending) => {
      endings.push([command.id, ending]);
      return 'signed';
    };
    const { through, ledger } = ports([answer], { sign });

    const { outcome } = await deliver(optOut(), through);

    expect(endings).toEqual([[optOut().id, { outcome, closedAt: AT, email: undefined }]]);
    expect(ledger.settled).toMatchObject([{ outcome: { kind }, signedReceipt: 'signed' }]);
  });

  it('says when the command was first heard of, whichever try of the sender brought it', async () => {
    const signed: unknown[] = [];
    const sign: DeliverPorts['sign'] = async ({ occurredAt, receivedAt }) => {
      signed.push({ occurredAt, receivedAt });
      return 'signed';
    };
    const { through } = ports([{ status: 503 }, notOptedOut, notOptedOut, proven], { sign });
    const { occurredAt, receivedAt } = optOut();

    await deliver(optOut(), through);
    await deliver({ ...optOut(), occurredAt: plus(5).toISOString(), receivedAt: plus(6).toISOString() }, through);

    expect(signed).toEqual([{ occurredAt, receivedAt }]);
  });

  it('is of the address that was found for a contact', async () => {
    const emails: unknown[] = [];
    const sign: DeliverPorts['sign'] = async (_command, { email }) => {
      emails.push(email);
      return 'signed';
    };
    const { through } = ports([{ status: 200, email: ADA }, proven], { sign });

    await deliver(contactOptOut(), through);

    expect(emails).toEqual([ADA]);
  });

  it('is not made of what goes on', async () => {
    const sign = () => Promise.reject(new Error('nobody may sign this'));
    const { through } = ports([{ status: 503 }], { sign });

    expect((await deliver(optOut(), through)).outcome.kind).toBe('deferred');
  });
});

describe('a command about a contact', () => {
  const found = { status: 200, email: ADA };

  /** Ports whose ledger keeps what it was told of the address, and knows this one already. */
  function portsOfContact(answers: readonly ContactResponse[], email?: typeof ADA) {
    const { through, ...made } = ports(answers);
    const { ledger } = through;
    const kept: unknown[] = [];
    const claim: Ledger['claim'] = async (...asked) => ({ ...(await ledger.claim(...asked)), email });
    const complete: Ledger['complete'] = (optOut, settled, now) => {
      kept.push(settled.email);
      return ledger.complete(optOut, settled, now);
    };
    return { ...made, kept, through: { ...through, ledger: { ...ledger, claim, complete } } };
  }

  it('is told to HubSpot for the address of the contact, which goes into the ledger and nowhere else', async () => {
    const { through, calls, subjects, kept } = portsOfContact([found, proven]);

    const attempt = await deliver(contactOptOut({ brand: 'pets' }), through);

    expect(attempt).toEqual({
      outcome: { kind: 'confirmed', evidence: 'response', changed: true, correlationId: 'c-1' },
      attempt: 1,
    });
    expect(calls).toEqual(['find 4711', 'write']);
    expect(subjects).toEqual([{ email: ADA, businessUnitId: '5' }]);
    expect(kept).toEqual([ADA]);
  });

  it('keeps the address that was found when HubSpot puts it off, and asks for it no more', async () => {
    const first = portsOfContact([found, { status: 503 }]);
    expect((await deliver(contactOptOut(), first.through)).outcome.kind).toBe('deferred');
    expect(first.kept).toEqual([ADA]);

    const later = portsOfContact([proven], ADA);
    expect((await deliver(contactOptOut(), later.through)).outcome.kind).toBe('confirmed');
    expect(later.calls).toEqual(['write']);
  });

  it('keeps no address of a command that names it', async () => {
    const { through, kept, calls } = portsOfContact([proven]);

    await deliver(optOut(), through);

    expect(kept).toEqual([undefined]);
    expect(calls).toEqual(['write']);
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
  ])('that is answered %j ends as %j, and HubSpot is told nothing', async (answer, outcome) => {
    const { through, calls, kept } = portsOfContact([answer]);
    const { policyName: _policyName, ...known } = answer;

    expect((await deliver(contactOptOut(), through)).outcome).toMatchObject({ ...known, ...outcome });
    expect(calls).toEqual(['find 4711']);
    expect(kept).toEqual([undefined]);
  });

  it('is put off by a contact that cannot be reached', async () => {
    const { through } = portsOfContact([{ status: 0, category: 'TIME_OUT' }]);

    expect((await deliver(contactOptOut(), through)).outcome).toEqual({
      kind: 'deferred',
      category: 'TIME_OUT',
      retryAfterSeconds: 1,
    });
  });

  it('asks the record before it tells in a later attempt, as every command does', async () => {
    const { through, calls } = portsOfContact([{ status: 503 }, found, optedOut]);
    await deliver(contactOptOut(), through);

    expect((await deliver(contactOptOut(), through)).outcome).toMatchObject({
      kind: 'confirmed',
      evidence: 'read-back',
    });
    expect(calls).toEqual(['find 4711', 'find 4711', 'read']);
  });
});

describe('a machine that dies', () => {
  const dies = (): HubSpotResponse => {
    throw new Error('cut off');
  };

  it('after HubSpot has applied the write leaves it to be confirmed by the record, not to be written again', async () => {
    const { through, calls, time } = ports([dies, shows([wideRow({ timestamp: plus(1).toISOString() })])]);
    await expect(deliver(optOut(), through)).rejects.toThrow('cut off');

    time.now = plus(60);
    const { outcome, attempt } = await deliver(optOut(), through);

    expect(outcome).toMatchObject({ kind: 'confirmed', evidence: 'read-back', changed: true });
    expect(attempt).toBe(2);
    expect(calls).toEqual(['write', 'read']);
  });

  it('before it has written the end into the ledger leaves it to be confirmed by the record, too', async () => {
    const { through, ledger, calls, time } = ports([proven, optedOut]);
    const complete = () => Promise.reject(new Error('cut off'));
    await expect(deliver(optOut(), { ...through, ledger: { ...ledger, complete } })).rejects.toThrow('cut off');

    time.now = plus(60);

    expect((await deliver(optOut(), through)).outcome).toMatchObject({ kind: 'confirmed', evidence: 'read-back' });
    expect(calls).toEqual(['write', 'read']);
  });
});

describe('the ledger', () => {
  it.each([
    ['confirmed', proven],
    ['rejected', { status: 400 }],
  ])('makes a command that is closed as %s a duplicate, and HubSpot hears nothing of it', async (kind, answer) => {
    const { through, calls, ledger } = ports([answer]);
    expect((await deliver(optOut(), through)).outcome.kind).toBe(kind);

    expect(await deliver(optOut(), through)).toEqual({ outcome: { kind: 'duplicate' }, attempt: 0 });
    expect(calls).toEqual(['write']);
    expect(ledger.settled).toHaveLength(1);
  });

  it('puts a command off that another delivery holds, and lets one of two write', async () => {
    const { through, calls } = ports([proven]);

    const [one, other] = await Promise.all([deliver(optOut(), through), deliver(optOut(), through)]);

    expect(one.outcome.kind).toBe('confirmed');
    expect(other).toEqual({ outcome: { kind: 'deferred', retryAfterSeconds: 30 }, attempt: 0 });
    expect(calls).toEqual(['write']);
  });

  it('hears how long to keep what is closed, counted from then', async () => {
    const { through, ledger, time } = ports([proven], { retentionDays: 30 });
    time.now = plus(9);

    await deliver(optOut(), through);
    await deliver(optOut({ id: 'another', hold: 'ambiguous' }), through);

    expect(ledger.settled.map(({ expiresAt }) => expiresAt)).toEqual([plus(9 + 30 * 86_400), undefined]);
  });

  it('hears of the end at the time it came', async () => {
    const { through, ledger, time } = ports([
      () => {
        time.now = plus(9);
        return proven;
      },
    ]);

    await deliver(optOut(), through);

    expect(await ledger.find(optOut().id)).toMatchObject({ state: 'confirmed', closedAt: plus(9).toISOString() });
  });
});
