import { describe, expect, it } from 'vitest';
import { createDefinitions } from '../../../functions/core/delivery/definitions.ts';
import type {
  DefinitionsResponse,
  HubSpotResponse,
  StatusRow,
  Subject,
} from '../../../functions/core/delivery/hubspot.ts';
import type { Entry } from '../../../functions/core/ledger/ledger.ts';
import { parseEmailAddress } from '../../../functions/core/model/email-address.ts';
import type { DriftPorts, DriftShare } from '../../../functions/core/reconcile/drift.ts';
import { defaultDrift, detectDrift, isEnoughForDrift, readsPerRun } from '../../../functions/core/reconcile/drift.ts';
import { scan } from '../../../functions/core/reconcile/scan.ts';
import { NO_BRANDS } from '../delivery/deliver-ports.ts';
import { ADA, CONTACT, optOut, plus, row, shows, wideRow } from '../examples.ts';
import { confirmedEntry, run, sweepPorts } from './sweep-ports.ts';

const HOUR = 3600;
const DAY = 24 * HOUR;
const WITH_BRANDS: DefinitionsResponse = {
  status: 200,
  types: [
    { id: '7', businessUnitId: '0' },
    { id: '42', businessUnitId: '5' },
  ],
};
const BEN = parseEmailAddress('ben@example.com');
const CLEO = parseEmailAddress('cleo@example.com');
const TEN_READS_PER_RUN: DriftShare = { shareOfDailyLimit: 0.01, dailyLimit: 288_000 };

const subscribed = (change: Partial<StatusRow> = {}) =>
  row({ status: 'SUBSCRIBED', timestamp: plus(60).toISOString(), ...change });

/** HubSpot's responses to the reads. The account has no brands by default. */
interface Responses {
  readonly definitions?: DefinitionsResponse;
  readonly status?: (subject: Subject) => HubSpotResponse;
  readonly subscriptions?: (subject: Subject) => HubSpotResponse;
  readonly many?: (emails: readonly string[]) => HubSpotResponse;
}

const showsNothing = () => shows([]);
const showsOptOut = ({ email }: Subject) => shows([wideRow({ subscriberIdString: email })]);
const forbids = () => ({ status: 403, category: 'MISSING_SCOPES' });

/** A scan for drift over these entries. `reads` are the calls to HubSpot in turn. */
function setUp(
  entries: readonly Entry[],
  { definitions = NO_BRANDS, status = showsNothing, subscriptions = showsNothing, many = forbids }: Responses = {},
  businessUnitIds: DriftPorts['businessUnitIds'] = {},
) {
  const reads: string[] = [];
  const sweep = sweepPorts(entries);
  const ports: DriftPorts = {
    ...sweep,
    hubspot: () => ({
      async readStatus(subject) {
        reads.push(`status ${subject.email}`);
        return status(subject);
      },
      async readSubscriptions(subject) {
        reads.push(`subscriptions ${subject.email}`);
        return subscriptions(subject);
      },
      readDefinitions: async () => definitions,
    }),
    definitions: createDefinitions({ clock: () => plus(0), report: () => {} }),
    async readMany(emails) {
      reads.push(`many ${emails}`);
      return many(emails);
    },
    businessUnitIds,
    drift: TEN_READS_PER_RUN,
  };
  return {
    ...sweep,
    reads,
    eventNames: () => sweep.events.map(({ event }) => event).filter((event) => event !== 'ledger.scanned'),
    runScan(seconds = DAY, { operatorLedger = sweep.operatorLedger, drift = ports.drift } = {}) {
      const thisRun = run(seconds);
      return scan(thisRun, [detectDrift(thisRun, { ...ports, drift })], { ...sweep, operatorLedger });
    },
  };
}

describe('an entry for which HubSpot never responds', () => {
  it('is skipped after three runs without progress and probed again a day later', async () => {
    const entries = [confirmedEntry('a'), confirmedEntry('b', { email: BEN }), confirmedEntry('c', { email: CLEO })];
    const status = (subject: Subject) => (subject.email === BEN ? { status: 503 } : showsOptOut(subject));
    const { runScan, reads, cursors } = setUp(entries, { status });

    for (let runs = 0; runs < 4; runs += 1) await runScan(DAY + runs * 300);
    const statusReads = () => reads.filter((read) => read.startsWith('status'));
    expect(statusReads()).not.toContain(`status ${CLEO}`);
    await runScan(DAY + 4 * 300);

    expect(statusReads()).toEqual([ADA, BEN, BEN, BEN, BEN, CLEO].map((email) => `status ${email}`));
    expect(cursors.get('scan')).toMatchObject({ isDone: true });
    await runScan(3 * DAY);
    expect(reads.at(-1)).toBe(`status ${BEN}`);
  });
});

describe('a confirmed opt-out', () => {
  it('stays as it is while HubSpot shows it', async () => {
    const { runScan, reads, queue, eventNames } = setUp([confirmedEntry('a')], { status: showsOptOut });

    await runScan();

    expect(reads).toEqual([`status ${ADA}`]);
    expect([queue, eventNames()]).toEqual([[], []]);
  });

  it('is delivered again if HubSpot does not show it and there is no newer opt-in', async () => {
    const old = shows([subscribed({ timestamp: plus(-60).toISOString() })]);
    const { runScan, reads, queue, find, events } = setUp([confirmedEntry('a')], { subscriptions: () => old });

    await runScan();

    expect(reads).toEqual([`status ${ADA}`, `subscriptions ${ADA}`]);
    expect(queue).toEqual([optOut({ id: 'a' })]);
    expect(find('a')).toMatchObject({ state: 'open', reopenedAt: plus(DAY).toISOString() });
    expect(events[0]).toEqual({ event: 'optout.drifted', optOut: optOut({ id: 'a' }) });
  });

  it.each<[string, Responses]>([
    ['status', { status: () => ({ status: 200 }) }],
    ['subscriptions', { subscriptions: () => shows([], { status: 'PROCESSING' }) }],
  ])('does not count as drifted if the response about the %s is incomplete', async (_what, responses) => {
    const { runScan, queue, eventNames } = setUp([confirmedEntry('a')], responses);

    await runScan();

    expect([queue, eventNames()]).toEqual([[], []]);
  });

  it.each<[string, Responses]>([
    ['to one subscription', { subscriptions: () => shows([subscribed()]) }],
    ['to all subscriptions', { status: () => shows([wideRow({ ...subscribed(), wideStatusType: 'PORTAL_WIDE' })]) }],
  ])('yields to a newer opt-in %s, which is recorded', async (_what, responses) => {
    const { runScan, queue, find, eventNames } = setUp([confirmedEntry('a')], responses);

    await runScan();

    expect(queue).toEqual([]);
    expect(find('a')).toMatchObject({ state: 'confirmed', optedInAt: plus(DAY).toISOString() });
    expect(eventNames()).toEqual(['optout.opted_in']);
  });

  it('is not probed again after a recorded opt-in, and neither are older entries', async () => {
    const older = confirmedEntry('a', { closedAt: plus(0).toISOString() });
    const { runScan, reads } = setUp([older, confirmedEntry('b', { optedInAt: plus(9).toISOString() })]);

    await runScan();

    expect(reads).toEqual([]);
  });

  it('is probed once per page and subject, for the newest entry', async () => {
    const newest = confirmedEntry('b', { closedAt: plus(100).toISOString() });
    const subscriptions = () => shows([subscribed()]);
    const { runScan, reads, queue } = setUp([confirmedEntry('a'), newest, confirmedEntry('c')], { subscriptions });

    await runScan();

    expect(reads).toHaveLength(2);
    expect(queue).toMatchObject([{ id: 'b' }]);
  });

  it('is probed by brand and by list', async () => {
    const forList = confirmedEntry('b', { scope: { list: '42' } });
    const subjects: Subject[] = [];
    const status = (subject: Subject) => {
      subjects.push(subject);
      return showsNothing();
    };
    const entries = [confirmedEntry('a', { brand: 'pets' }), forList];
    const { runScan, reads, queue } = setUp(entries, { status, definitions: WITH_BRANDS }, { pets: '5' });

    await runScan();

    expect(subjects).toEqual([
      { email: ADA, businessUnitId: '5' },
      { email: ADA, businessUnitId: '5', subscriptionId: '42' },
    ]);
    // For a list, the status already contains the subscriptions.
    expect(reads).toEqual([`status ${ADA}`, `subscriptions ${ADA}`, `status ${ADA}`]);
    expect(queue).toMatchObject([{ brand: 'pets' }, { scope: { list: '42' } }]);
  });

  it('of a contact is probed by the address that was found', async () => {
    const { runScan, reads, queue } = setUp([confirmedEntry('a', { contactId: CONTACT })]);

    await runScan();

    expect(reads[0]).toBe(`status ${ADA}`);
    expect(queue).toMatchObject([{ contactId: CONTACT }]);
  });

  const { email: _email, ...unknown } = confirmedEntry('a');
  it.each<[string, Entry]>([
    ['of an erased recipient', confirmedEntry('a', { erasedAt: plus(9).toISOString() })],
    ['of a contact whose address was never found', unknown],
    ['of a brand that is not configured', confirmedEntry('a', { brand: 'gone' })],
    ['from the last hour', confirmedEntry('a', { closedAt: plus(DAY - HOUR).toISOString() })],
    ['that is held, not confirmed,', confirmedEntry('a', { state: 'held' })],
    ['that is superseded, not confirmed,', confirmedEntry('a', { state: 'superseded' })],
    ['that is rejected, not confirmed,', confirmedEntry('a', { state: 'rejected' })],
  ])('%s is not probed', async (_what, stored) => {
    const { runScan, reads } = setUp([stored]);

    await runScan();

    expect(reads).toEqual([]);
  });

  it.each([400, 404, 414])('stays as it is while HubSpot responds with %d', async (code) => {
    const { runScan, queue, eventNames, cursors } = setUp([confirmedEntry('a')], { status: () => ({ status: code }) });

    await runScan();

    expect([queue, eventNames()]).toEqual([[], []]);
    expect(cursors.get('scan')).toMatchObject({ isDone: true });
  });

  it.each([0, 401, 403, 423, 429, 477, 500, 503])('is left to the next run after a %d', async (code) => {
    const responses = [{ status: code, category: 'X' }, shows([])];
    const status = () => responses.shift() ?? showsNothing();
    const { runScan, reads, queue, events } = setUp([confirmedEntry('a'), confirmedEntry('b', { email: BEN })], {
      status,
    });

    await runScan();
    expect(reads.filter((read) => !read.startsWith('many'))).toEqual([`status ${ADA}`]);
    expect(events[0]).toEqual({ event: 'drift.stopped', status: code, category: 'X' });
    await runScan(DAY + 300);

    expect(queue).toMatchObject([{ id: 'a' }, { id: 'b' }]);
  });

  it('is left to the next run if the subscriptions cannot be read', async () => {
    const { runScan, queue, eventNames } = setUp([confirmedEntry('a')], { subscriptions: () => ({ status: 503 }) });

    await runScan();

    expect([queue, eventNames()]).toEqual([[], ['drift.stopped']]);
  });

  it('is not enqueued if its entry has changed in the meantime', async () => {
    const { runScan, put, queue, eventNames } = setUp([confirmedEntry('a')], {
      subscriptions: () => {
        put(confirmedEntry('a', { state: 'superseded' }));
        return showsNothing();
      },
    });

    await runScan();

    expect([queue, eventNames()]).toEqual([[], []]);
  });
});

describe('a confirmed opt-out from every brand', () => {
  const wideIn = (businessUnitId: string, email: string = ADA) =>
    wideRow({ wideStatusType: 'BUSINESS_UNIT_WIDE', businessUnitId, subscriberIdString: email });
  const isOutOf =
    (units: readonly (string | undefined)[]) =>
    ({ businessUnitId }: Subject) =>
      shows(units.includes(businessUnitId) ? [wideIn(String(businessUnitId))] : []);

  it.each<[string, readonly string[], object[]]>([
    ['stays as it is while every business unit shows it', ['0', '5'], []],
    ['is delivered again if one business unit does not show it', ['0'], [{ id: 'a' }]],
    ['is delivered again if the account does not show it', ['5'], [{ id: 'a' }]],
  ])('%s', async (_what, units, expected) => {
    const { runScan, queue } = setUp([confirmedEntry('a')], { definitions: WITH_BRANDS, status: isOutOf(units) });

    await runScan();

    expect(queue).toMatchObject(expected);
  });

  it('is settled by a batch read only if that shows every business unit', async () => {
    const entries = [confirmedEntry('a'), confirmedEntry('b', { email: BEN })];
    const { runScan, reads } = setUp(entries, {
      definitions: WITH_BRANDS,
      many: () => shows([wideIn('0'), wideIn('5'), wideIn('0', BEN)]),
    });

    await runScan();

    expect(reads.slice(1)).toEqual(
      ['status', 'subscriptions', 'status', 'subscriptions'].map((each) => `${each} ${BEN}`),
    );
  });

  it('is not probed unless the reads of all business units are left', async () => {
    const { runScan, reads } = setUp([confirmedEntry('a')], { definitions: WITH_BRANDS });

    await runScan(DAY, { drift: { shareOfDailyLimit: 1, dailyLimit: 288 * 3 } });

    expect(reads).toEqual([]);
  });

  it('is left to the next run if HubSpot fails for the second business unit', async () => {
    const status = (subject: Subject) => (subject.businessUnitId === '5' ? { status: 503 } : shows([wideIn('0')]));
    const { runScan, queue, eventNames } = setUp([confirmedEntry('a')], { definitions: WITH_BRANDS, status });

    await runScan();

    expect([queue, eventNames()]).toEqual([[], ['drift.stopped']]);
  });

  it('is left to the next run if HubSpot refuses to name the business units', async () => {
    const entries = [confirmedEntry('a'), confirmedEntry('b', { email: BEN })];
    const many = () => shows([wideIn('0'), wideIn('0', BEN)]);
    const { runScan, queue, eventNames } = setUp(entries, { definitions: { status: 429 }, many });

    await runScan();

    expect([queue, eventNames()]).toEqual([[], ['drift.stopped']]);
  });
});

describe('a confirmed opt-out that kept a newer opt-in', () => {
  const kept = subscribed({ timestamp: plus(0.5).toISOString() });
  const entries = [confirmedEntry('a', { kept: ['7'] })];

  it.each<[string, StatusRow[], object[], string[]]>([
    ['stays as it is while every other type is unsubscribed', [kept, row({ subscriptionId: '8' })], [], []],
    [
      'is delivered again if another type is not unsubscribed any longer',
      [kept, row({ subscriptionId: '8', status: 'NOT_SPECIFIED' })],
      [{ id: 'a' }],
      ['optout.drifted'],
    ],
    ['yields to an opt-in to another type since', [kept, subscribed({ subscriptionId: '8' })], [], ['optout.opted_in']],
    [
      'is delivered again if another type was opted into before the opt-out',
      [kept, subscribed({ subscriptionId: '8', timestamp: plus(-1).toISOString() })],
      [{ id: 'a' }],
      ['optout.drifted'],
    ],
  ])('%s', async (_what, rows, expected, names) => {
    const { runScan, queue, eventNames } = setUp(entries, { subscriptions: () => shows(rows) });

    await runScan();

    expect(queue).toMatchObject(expected);
    expect(eventNames()).toEqual(names);
  });
});

describe('a batch read', () => {
  const three = [confirmedEntry('a'), confirmedEntry('b', { email: BEN }), confirmedEntry('c', { email: CLEO })];

  it('is followed by single probes of the addresses that it does not show as opted out', async () => {
    const rows = [wideRow(), wideRow({ subscriberIdString: BEN, status: 'SUBSCRIBED' })];
    const { runScan, reads, queue } = setUp(three, {
      many: () => ({ ...shows(rows, { numErrors: 1 }), status: 207 }),
      status: (subject) => (subject.email === CLEO ? showsOptOut(subject) : showsNothing()),
    });

    await runScan();

    expect(reads).toEqual([`many ${ADA},${BEN},${CLEO}`, `status ${BEN}`, `subscriptions ${BEN}`, `status ${CLEO}`]);
    expect(queue).toMatchObject([{ id: 'b' }]);
  });

  it('excludes entries with a brand or a list', async () => {
    const others = [confirmedEntry('d', { brand: 'pets' }), confirmedEntry('e', { scope: { list: '42' } })];
    const many = (emails: readonly string[]) => shows(emails.map((email) => wideRow({ subscriberIdString: email })));
    const { runScan, reads } = setUp([...three, ...others], { many }, { pets: '5' });

    await runScan();

    expect(reads.filter((read) => read.startsWith('many'))).toEqual([`many ${ADA},${BEN},${CLEO}`]);
  });

  it.each([400, 403, 404])('is not repeated in the run after a %d', async (code) => {
    const entries = Array.from({ length: 150 }, (_, index) =>
      confirmedEntry(`e${String(index).padStart(3, '0')}`, { email: `p${index}@example.com` }),
    );
    const { reads, runScan } = setUp(entries, { many: () => ({ status: code }), status: showsOptOut });

    await runScan(DAY, { drift: { shareOfDailyLimit: 1, dailyLimit: 288 * 200 } });

    expect(reads.filter((read) => read.startsWith('many'))).toHaveLength(1);
    expect(reads.filter((read) => read.startsWith('status'))).toHaveLength(150);
  });

  it('ends the run if HubSpot is down', async () => {
    const { reads, eventNames, cursors, operatorLedger, runScan } = setUp(three, { many: () => ({ status: 503 }) });
    let pages = 0;
    const page: typeof operatorLedger.page = (...args) => {
      pages += 1;
      return operatorLedger.page(...args);
    };

    await runScan(DAY, { operatorLedger: { ...operatorLedger, page } });

    expect([reads.length, pages]).toEqual([1, 1]);
    expect(eventNames()).toEqual(['drift.stopped']);
    expect(cursors.get('scan')).toMatchObject({ isDone: false });
  });
});

describe('the share of the daily limit', () => {
  const entries = Array.from({ length: 25 }, (_, index) =>
    confirmedEntry(`e${String(index).padStart(3, '0')}`, { email: `p${index}@example.com` }),
  );

  it.each<[DriftShare, number]>([
    [defaultDrift, 86],
    [{ shareOfDailyLimit: 1, dailyLimit: 2 * 288 }, 2],
    [{ shareOfDailyLimit: 0.5, dailyLimit: 6 * 288 }, 3],
    [false, 0],
  ])('%j allows %d reads per run', (drift, count) => {
    expect(readsPerRun(drift)).toBe(count);
    expect(isEnoughForDrift(drift)).toBe(count > 2);
  });

  it('is never exceeded, and each run continues where the previous one ended', async () => {
    const { runScan, reads, queue } = setUp(entries);
    let runs = 0;

    for (; queue.length < entries.length && runs < 20; runs += 1) {
      const before = reads.length;
      await runScan(DAY + runs * 300);
      expect(reads.length - before).toBeLessThanOrEqual(10);
    }

    expect(queue.map(({ id }) => id)).toEqual(entries.map(({ id }) => id));
    // Each run makes one batch read and probes four entries with two reads each.
    expect(runs).toBe(7);
  });

  it.each([
    [2, ['status p0@example.com']],
    [3, ['many p0@example.com,p1@example.com', 'status p0@example.com']],
  ])('of %d reads per run is used up, and no probe starts that it does not cover', async (count, expected) => {
    const { reads, runScan } = setUp(entries.slice(0, 2), { status: showsOptOut });

    await runScan(DAY, { drift: { shareOfDailyLimit: 1, dailyLimit: 288 * count } });

    expect(reads).toEqual(expected);
  });

  it('is not used if the drift check is disabled', async () => {
    const { reads, runScan, cursors } = setUp(entries);

    await runScan(DAY, { drift: false });

    expect(reads).toEqual([]);
    expect(cursors.get('scan')).toMatchObject({ isDone: true });
  });
});
