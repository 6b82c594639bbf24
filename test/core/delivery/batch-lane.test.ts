import { describe, expect, it } from 'vitest';
import type { BatchCall, BatchOperation, BatchResponse } from '../../../functions/core/delivery/batch-lane.ts';
import { createBatchLane } from '../../../functions/core/delivery/batch-lane.ts';
import type { HubSpot, HubSpotResponse, StatusRow, Subject } from '../../../functions/core/delivery/hubspot.ts';
import type { EmailAddress } from '../../../functions/core/model/email-address.ts';
import { parseEmailAddress } from '../../../functions/core/model/email-address.ts';
import type { RelayEvent } from '../../../functions/core/model/telemetry.ts';
import { plus } from '../examples.ts';

const address = (name: string) => parseEmailAddress(`${name}@example.com`);
const OUT: StatusRow = { status: 'UNSUBSCRIBED' };
const DONE = { status: 'COMPLETE', results: [], numErrors: 0 };

/** Everyone is listed with one row. */
const everyone = ({ emails }: BatchCall): BatchResponse => ({
  status: 200,
  report: DONE,
  addresses: new Map(emails.map((email) => [email, [{ ...OUT, subscriberIdString: email }]])),
});
const answering = (response: BatchResponse) => (): BatchResponse => response;

function laneUnderTest(respond: (call: BatchCall) => BatchResponse = everyone, size = 100) {
  const calls: BatchCall[] = [];
  const singles: string[] = [];
  const events: RelayEvent[] = [];
  let now = plus(0);
  const lane = createBatchLane({
    call: async (call) => {
      calls.push(call);
      return respond(call);
    },
    size,
    clock: () => now,
    report: (event) => void events.push(event),
  });
  const single = (operation: string) => async (subject: Subject) => {
    singles.push(`${operation} ${subject.email}`);
    return { status: 299 };
  };
  const hubspot: HubSpot = {
    unsubscribe: single('unsubscribe'),
    readStatus: single('readStatus'),
    readSubscriptions: single('readSubscriptions'),
    findContact: async () => ({ status: 200 }),
    readDefinitions: async () => ({ status: 200 }),
  };
  return {
    calls,
    singles,
    events,
    sizes: () => calls.map(({ emails }) => emails.length),
    wait: (seconds: number) => {
      now = plus(seconds);
    },
    attempt: (writesAlone = false) => lane.join({ hubspot, deadline: AbortSignal.timeout(5_000), writesAlone }),
    all: (operation: BatchOperation, emails: readonly EmailAddress[], subject: Partial<Subject> = {}) =>
      Promise.all(
        emails.map((email) =>
          lane
            .join({ hubspot, deadline: AbortSignal.timeout(5_000), writesAlone: false })
            [operation]({ email, ...subject }),
        ),
      ),
  };
}

const many = (count: number) => Array.from({ length: count }, (_none, index) => address(`a${index}`));
const rowsOf = (response: HubSpotResponse | undefined) =>
  response?.report?.results.map(({ subscriberIdString }) => subscriberIdString);

describe('the batch lane', () => {
  it('sends the attempts that run at the same time in one call, and gives each the rows of its address', async () => {
    const under = laneUnderTest();
    const emails = many(60);

    const responses = await under.all('unsubscribe', emails);

    expect(under.sizes()).toEqual([60]);
    expect(responses.map(rowsOf)).toEqual(emails.map((email) => [email]));
    expect(under.singles).toEqual([]);
  });

  it('sends a full call at once, and the rest after a moment', async () => {
    const under = laneUnderTest(everyone, 25);

    await under.all('unsubscribe', many(60));

    expect(under.sizes()).toEqual([25, 25, 10]);
  });

  it('sends an address that occurs twice once, and answers both', async () => {
    const under = laneUnderTest();

    const responses = await under.all('unsubscribe', [address('ann'), address('bob'), address('ann')]);

    expect(under.calls[0]?.emails).toEqual([address('ann'), address('bob')]);
    expect(responses.map(rowsOf)).toEqual([[address('ann')], [address('bob')], [address('ann')]]);
  });

  it('separates operations and business units', async () => {
    const under = laneUnderTest();

    await Promise.all([
      under.all('unsubscribe', many(2)),
      under.all('unsubscribe', many(2), { businessUnitId: '7' }),
      under.all('readStatus', many(2)),
    ]);

    expect(under.calls.map(({ operation, businessUnitId }) => [operation, businessUnitId])).toEqual([
      ['unsubscribe', undefined],
      ['unsubscribe', '7'],
      ['readStatus', undefined],
    ]);
  });

  it('leaves one subscription type and the other calls to the attempt', async () => {
    const under = laneUnderTest();

    await under.all('unsubscribe', many(1), { subscriptionId: '228' });
    await under.attempt().readDefinitions();

    expect(under.calls).toEqual([]);
    expect(under.singles).toEqual(['unsubscribe a0@example.com']);
  });

  it('writes an address alone that an earlier write may have failed for, and still reads it with others', async () => {
    const under = laneUnderTest();
    const attempt = under.attempt(true);

    await attempt.readStatus({ email: address('ann') });
    await attempt.unsubscribe({ email: address('ann') });

    expect(under.calls.map(({ operation }) => operation)).toEqual(['readStatus']);
    expect(under.singles).toEqual(['unsubscribe ann@example.com']);
  });
});

describe('a response to a batch write', () => {
  it.each<[string, BatchResponse]>([
    ['lists nobody', { status: 200, report: DONE, addresses: new Map() }],
    ['lists a stranger', { status: 200, report: DONE, addresses: new Map([[address('stranger'), [OUT]]]) }],
  ])('that %s gives an attempt no rows', async (_what, response) => {
    const under = laneUnderTest(answering(response));

    const [first] = await under.all('unsubscribe', many(3));

    expect(first).toEqual({ status: 200, report: DONE });
    expect(under.sizes()).toEqual([3]);
  });

  it('with errors is passed on as such, so that nobody is confirmed by it', async () => {
    const report = { ...DONE, numErrors: 1 };
    const under = laneUnderTest((call) => ({ ...everyone(call), report }));

    const responses = await under.all('unsubscribe', many(2));

    expect(responses.map((response) => response.report?.numErrors)).toEqual([1, 1]);
  });

  it.each([
    ['without a body', { status: 200 }],
    ['that never came', { status: 0, category: 'NO_CONNECTION' }],
    ['of a failed server', { status: 503 }],
    ['that refuses the token', { status: 401 }],
    ['that asks to wait', { status: 429, retryAfterSeconds: 15 }],
    ['that was not asked for', { status: 0, isUnsent: true, slotInSeconds: 3 }],
  ])('%s is the same for all, and no write is repeated', async (_what, response) => {
    const under = laneUnderTest(answering(response));

    expect(await under.all('unsubscribe', many(3))).toEqual([response, response, response]);
    expect([under.sizes(), under.singles]).toEqual([[3], []]);
  });

  it('that refuses the whole batch is traced to the address that causes it', async () => {
    const bad = address('a13');
    const under = laneUnderTest((call) => (call.emails.includes(bad) ? { status: 400 } : everyone(call)));

    const responses = await under.all('unsubscribe', many(100));

    expect(under.singles).toEqual([`unsubscribe ${bad}`]);
    expect(responses.filter(({ status }) => status === 200)).toHaveLength(99);
    expect(under.calls.length).toBeLessThanOrEqual(15);
  });
});

describe('a response to a batch read', () => {
  it('does not answer for an address that it does not list', async () => {
    const [ann, bob] = [address('ann'), address('bob')];
    const under = laneUnderTest(answering({ status: 200, report: DONE, addresses: new Map([[ann, []]]) }));

    const [first] = await under.all('readSubscriptions', [ann, bob]);

    expect(first).toEqual({ status: 200, report: DONE });
    expect(under.singles).toEqual([`readSubscriptions ${bob}`]);
  });

  it.each([
    ['with errors', { status: 207, report: { ...DONE, numErrors: 1 } }],
    ['of a failed server', { status: 500 }],
    ['that refuses the batch', { status: 400 }],
  ])('%s is traced to the address that causes it', async (_what, response) => {
    const bad = address('a7');
    const under = laneUnderTest((call) => (call.emails.includes(bad) ? response : everyone(call)));

    await under.all('readStatus', many(64));

    expect(under.singles).toEqual([`readStatus ${bad}`]);
    expect(under.calls).toHaveLength(13);
  });

  it.each([
    ['is not finished', { status: 200, report: { ...DONE, status: 'PENDING' } }],
    ['has no body', { status: 200 }],
  ])('that %s answers for nobody', async (_what, response) => {
    const under = laneUnderTest(answering(response));

    await under.all('readStatus', many(3));

    expect([under.sizes(), under.singles.length]).toEqual([[3], 3]);
  });

  it('that never came is the same for all', async () => {
    const under = laneUnderTest(answering({ status: 0 }));

    expect(await under.all('readStatus', many(2))).toEqual([{ status: 0 }, { status: 0 }]);
  });
});

describe('an account without batch calls', () => {
  it.each([
    ['lacks the scope', { status: 403 }],
    ['has no such route', { status: 404 }],
  ])('that %s gets single calls for an hour, and one report', async (_what, response) => {
    const under = laneUnderTest(answering(response));

    await Promise.all([under.all('unsubscribe', many(3)), under.all('readStatus', many(3))]);
    await under.all('unsubscribe', many(3));
    under.wait(3_599);
    await under.all('unsubscribe', many(3));

    expect([under.calls.length, under.singles.length]).toEqual([2, 12]);
    expect(under.events).toEqual([{ event: 'batch.unavailable', status: response.status }]);
  });

  it('is asked again after the hour', async () => {
    let status = 403;
    const under = laneUnderTest((call) => (status === 200 ? everyone(call) : { status }));
    await under.all('unsubscribe', many(3));

    under.wait(3_601);
    status = 200;
    await under.all('unsubscribe', many(3));

    expect(under.sizes()).toEqual([3, 3]);
    expect(under.singles).toHaveLength(3);
  });
});
