import { describe, expect, it } from 'vitest';
import type { HubSpotResponse, StatusRow, Subject } from '../../../functions/core/delivery/hubspot.ts';
import type { Entry } from '../../../functions/core/ledger/ledger.ts';
import { parseEmailAddress } from '../../../functions/core/model/email-address.ts';
import type { ScanPorts } from '../../../functions/core/reconcile/scan.ts';
import { scan } from '../../../functions/core/reconcile/scan.ts';
import type { DriftShare } from '../../../functions/core/reconcile/sweep-look.ts';
import { defaultDrift, isEnoughForDrift, readsPerRun } from '../../../functions/core/reconcile/sweep-look.ts';
import { ADA, CONTACT, optOut, plus, row, shows, wideRow } from '../examples.ts';
import { confirmedEntry, run, sweepPorts } from '../ledger/memory-operator-ledger.ts';

const HOUR = 3600;
const DAY = 24 * HOUR;
const BEN = parseEmailAddress('ben@example.com');
const CLEO = parseEmailAddress('cleo@example.com');
/** Ten reads in a run. */
const TEN: DriftShare = { shareOfDailyLimit: 0.01, dailyLimit: 288_000 };

const subscribed = (change: Partial<StatusRow> = {}) =>
  row({ status: 'SUBSCRIBED', timestamp: plus(60).toISOString(), ...change });

/** What HubSpot answers: about the opt-out itself, about the subscriptions, and about many addresses at once. */
interface Given {
  readonly record?: (subject: Subject) => HubSpotResponse;
  readonly subscriptions?: (subject: Subject) => HubSpotResponse;
  readonly many?: (emails: readonly string[]) => HubSpotResponse;
}

const NONE = () => shows([]);
const isOut = ({ email }: Subject) => shows([wideRow({ subscriberIdString: email })]);
const refuses = () => ({ status: 403, category: 'MISSING_SCOPES' });

/** The walk over these entries, with what HubSpot was asked in turn. */
function given(entries: readonly Entry[], { record = NONE, subscriptions = NONE, many = refuses }: Given = {}) {
  const asked: string[] = [];
  const ask = <About>(what: string, answer: (about: About) => HubSpotResponse) => {
    return async (about: About) => {
      asked.push(`${what} ${typeof about === 'object' && about && 'email' in about ? about.email : about}`);
      return answer(about);
    };
  };
  const ports = sweepPorts(entries);
  const through: ScanPorts = {
    ...ports,
    hubspot: () => ({ readStatus: ask('record', record), readSubscriptions: ask('subscriptions', subscriptions) }),
    readMany: ask('many', many),
    businessUnitIds: { pets: '5' },
    drift: TEN,
    sign: async () => undefined,
  };
  const events = () => ports.events.map(({ event }) => event).filter((event) => event !== 'ledger.scanned');
  return {
    ...ports,
    asked,
    through,
    said: events,
    go: (seconds = DAY, steps?: number) => scan(run(seconds, steps), through),
  };
}

describe('an entry about which HubSpot never answers', () => {
  it('is passed over when three runs have come no further, and looked at again a day later', async () => {
    const entries = [confirmedEntry('a'), confirmedEntry('b', { email: BEN }), confirmedEntry('c', { email: CLEO })];
    const record = (subject: Subject) => (subject.email === BEN ? { status: 503 } : isOut(subject));
    const { go, asked, notes } = given(entries, { record });

    for (let runs = 0; runs < 4; runs += 1) await go(DAY + runs * 300);
    const records = () => asked.filter((ask) => ask.startsWith('record'));
    expect(records()).not.toContain(`record ${CLEO}`);
    await go(DAY + 4 * 300);

    expect(records()).toEqual([ADA, BEN, BEN, BEN, BEN, CLEO].map((email) => `record ${email}`));
    expect(notes.get('scan')).toMatchObject({ isDone: true });
    await go(3 * DAY);
    expect(asked.at(-1)).toBe(`record ${BEN}`);
  });
});

describe('what HubSpot had confirmed', () => {
  it('is left alone when it is still so', async () => {
    const { go, asked, queue, said } = given([confirmedEntry('a')], { record: isOut });

    await go();

    expect(asked).toEqual([`record ${ADA}`]);
    expect([queue, said()]).toEqual([[], []]);
  });

  it('is carried out again when it is gone and nothing is newer', async () => {
    const old = shows([subscribed({ timestamp: plus(-60).toISOString() })]);
    const { go, asked, queue, find, events } = given([confirmedEntry('a')], { subscriptions: () => old });

    await go();

    expect(asked).toEqual([`record ${ADA}`, `subscriptions ${ADA}`]);
    expect(queue).toEqual([optOut({ id: 'a' })]);
    expect(find('a')).toMatchObject({ state: 'open', reopenedAt: plus(DAY).toISOString() });
    expect(events[0]).toEqual({ event: 'optout.drifted', optOut: optOut({ id: 'a' }) });
  });

  it.each<[string, Given]>([
    ['the record', { record: () => ({ status: 200 }) }],
    ['the subscriptions', { subscriptions: () => shows([], { status: 'PROCESSING' }) }],
  ])('is not called gone where an answer about %s does not tell', async (_what, answers) => {
    const { go, queue, said } = given([confirmedEntry('a')], answers);

    await go();

    expect([queue, said()]).toEqual([[], []]);
  });

  it.each<[string, Given]>([
    ['to a subscription', { subscriptions: () => shows([subscribed()]) }],
    ['to everything', { record: () => shows([wideRow({ ...subscribed(), wideStatusType: 'PORTAL_WIDE' })]) }],
  ])('is left to a newer opt-in %s, which is written down', async (_what, answers) => {
    const { go, queue, find, said } = given([confirmedEntry('a')], answers);

    await go();

    expect(queue).toEqual([]);
    expect(find('a')).toMatchObject({ state: 'confirmed', optedInAt: plus(DAY).toISOString() });
    expect(said()).toEqual(['optout.opted_in']);
  });

  it('is asked about no more after a newer opt-in, by an older entry either', async () => {
    const older = confirmedEntry('a', { closedAt: plus(0).toISOString() });
    const { go, asked } = given([older, confirmedEntry('b', { optedInAt: plus(9).toISOString() })]);

    await go();

    expect(asked).toEqual([]);
  });

  it('is asked about once for all entries of a page, and the newest decides', async () => {
    const newest = confirmedEntry('b', { closedAt: plus(100).toISOString() });
    const subscriptions = () => shows([subscribed()]);
    const { go, asked, queue } = given([confirmedEntry('a'), newest, confirmedEntry('c')], { subscriptions });

    await go();

    expect(asked).toHaveLength(2);
    expect(queue).toMatchObject([{ id: 'b' }]);
  });

  it('is asked about by brand and by list, each in its own way', async () => {
    const ofList = confirmedEntry('b', { scope: { list: '42' } });
    const subjects: Subject[] = [];
    const record = (subject: Subject) => {
      subjects.push(subject);
      return NONE();
    };
    const { go, asked, queue } = given([confirmedEntry('a', { brand: 'pets' }), ofList], { record });

    await go();

    expect(subjects).toEqual([
      { email: ADA, businessUnitId: '5' },
      { email: ADA, subscriptionId: '42' },
    ]);
    // Of a list, the record is all subscriptions already.
    expect(asked).toEqual([`record ${ADA}`, `subscriptions ${ADA}`, `record ${ADA}`]);
    expect(queue).toMatchObject([{ brand: 'pets' }, { scope: { list: '42' } }]);
  });

  it('about a contact is asked about by the address that was found', async () => {
    const { go, asked, queue } = given([confirmedEntry('a', { contactId: CONTACT })]);

    await go();

    expect(asked[0]).toBe(`record ${ADA}`);
    expect(queue).toMatchObject([{ contactId: CONTACT }]);
  });

  const { email: _email, ...unknown } = confirmedEntry('a');
  it.each<[string, Entry]>([
    ['whose address is forgotten', confirmedEntry('a', { erasedAt: plus(9).toISOString() })],
    ['whose address was never known', unknown],
    ['whose brand is not configured any more', confirmedEntry('a', { brand: 'gone' })],
    ['that was confirmed within the hour', confirmedEntry('a', { closedAt: plus(DAY - HOUR).toISOString() })],
    ['that is held', confirmedEntry('a', { state: 'held' })],
    ['that is superseded', confirmedEntry('a', { state: 'superseded' })],
    ['that is refused', confirmedEntry('a', { state: 'rejected' })],
  ])('%s is not asked about', async (_what, each) => {
    const { go, asked } = given([each]);

    await go();

    expect(asked).toEqual([]);
  });

  it.each([400, 404, 414])('is left alone while HubSpot answers %d about it', async (status) => {
    const { go, queue, said, notes } = given([confirmedEntry('a')], { record: () => ({ status }) });

    await go();

    expect([queue, said()]).toEqual([[], []]);
    expect(notes.get('scan')).toMatchObject({ isDone: true });
  });

  it.each([0, 401, 403, 423, 429, 477, 500, 503])('waits for another run after a %d', async (status) => {
    const answers = [{ status, category: 'X' }, shows([])];
    const record = () => answers.shift() ?? NONE();
    const { go, asked, queue, events } = given([confirmedEntry('a'), confirmedEntry('b', { email: BEN })], { record });

    await go();
    expect(asked.filter((each) => !each.startsWith('many'))).toEqual([`record ${ADA}`]);
    expect(events[0]).toEqual({ event: 'drift.stopped', status, category: 'X' });
    await go(DAY + 300);

    expect(queue).toMatchObject([{ id: 'a' }, { id: 'b' }]);
  });

  it('waits for another run too when the subscriptions cannot be read', async () => {
    const { go, queue, said } = given([confirmedEntry('a')], { subscriptions: () => ({ status: 503 }) });

    await go();

    expect([queue, said()]).toEqual([[], ['drift.stopped']]);
  });

  it('is not told twice when it was opened by somebody else meanwhile', async () => {
    const { go, put, queue, said } = given([confirmedEntry('a')], {
      subscriptions: () => {
        put(confirmedEntry('a', { state: 'superseded' }));
        return NONE();
      },
    });

    await go();

    expect([queue, said()]).toEqual([[], []]);
  });
});

describe('many addresses', () => {
  const three = [confirmedEntry('a'), confirmedEntry('b', { email: BEN }), confirmedEntry('c', { email: CLEO })];

  it('are asked about in one call, and singly where it does not show them out', async () => {
    const rows = [wideRow(), wideRow({ subscriberIdString: BEN, status: 'SUBSCRIBED' })];
    const { go, asked, queue } = given(three, {
      many: () => ({ ...shows(rows, { numErrors: 1 }), status: 207 }),
      record: (subject) => (subject.email === CLEO ? isOut(subject) : NONE()),
    });

    await go();

    expect(asked).toEqual([`many ${ADA},${BEN},${CLEO}`, `record ${BEN}`, `subscriptions ${BEN}`, `record ${CLEO}`]);
    expect(queue).toMatchObject([{ id: 'b' }]);
  });

  it('are not what entries of a brand or of a list ask for', async () => {
    const others = [confirmedEntry('d', { brand: 'pets' }), confirmedEntry('e', { scope: { list: '42' } })];
    const { go, asked } = given([...three, ...others], {
      many: (emails) => shows(emails.map((email) => wideRow({ subscriberIdString: email }))),
    });

    await go();

    expect(asked.filter((each) => each.startsWith('many'))).toEqual([`many ${ADA},${BEN},${CLEO}`]);
  });

  it.each([400, 403, 404])('are asked about singly for the rest of the run after a %d', async (status) => {
    const entries = Array.from({ length: 150 }, (_, index) =>
      confirmedEntry(`e${String(index).padStart(3, '0')}`, { email: `p${index}@example.com` }),
    );
    const { asked, through } = given(entries, { many: () => ({ status }), record: isOut });

    await scan(run(DAY), { ...through, drift: { shareOfDailyLimit: 1, dailyLimit: 288 * 200 } });

    expect(asked.filter((each) => each.startsWith('many'))).toHaveLength(1);
    expect(asked.filter((each) => each.startsWith('record'))).toHaveLength(150);
  });

  it('are asked about by the next run when HubSpot is down', async () => {
    const { asked, said, notes, through } = given(three, { many: () => ({ status: 503 }) });
    let pages = 0;
    const page: typeof through.operatorLedger.page = (...args) => {
      pages += 1;
      return through.operatorLedger.page(...args);
    };

    await scan(run(DAY), { ...through, operatorLedger: { ...through.operatorLedger, page } });

    expect([asked.length, pages]).toEqual([1, 1]);
    expect(said()).toEqual(['drift.stopped']);
    expect(notes.get('scan')).toMatchObject({ isDone: false });
  });
});

describe('the share of the limit', () => {
  const entries = Array.from({ length: 25 }, (_, index) =>
    confirmedEntry(`e${String(index).padStart(3, '0')}`, { email: `p${index}@example.com` }),
  );

  it.each<[DriftShare, number]>([
    [defaultDrift, 86],
    [{ shareOfDailyLimit: 1, dailyLimit: 2 * 288 }, 2],
    [{ shareOfDailyLimit: 0.5, dailyLimit: 6 * 288 }, 3],
    [false, 0],
  ])('%j is %d reads in a run', (drift, reads) => {
    expect(readsPerRun(drift)).toBe(reads);
    expect(isEnoughForDrift(drift)).toBe(reads > 2);
  });

  it('is never exceeded, and every run goes on where the one before ended', async () => {
    const { go, asked, queue } = given(entries);
    let runs = 0;

    for (; queue.length < entries.length && runs < 20; runs += 1) {
      const before = asked.length;
      await go(DAY + runs * 300);
      expect(asked.length - before).toBeLessThanOrEqual(10);
    }

    expect(queue.map(({ id }) => id)).toEqual(entries.map(({ id }) => id));
    // One call for many, then two for each of four.
    expect(runs).toBe(7);
  });

  it.each([
    [2, ['record p0@example.com']],
    [3, ['many p0@example.com,p1@example.com', 'record p0@example.com']],
  ])('of %d reads in a run is used up, and no look is begun that it does not cover', async (reads, expected) => {
    const { asked, through } = given(entries.slice(0, 2), { record: isOut });

    await scan(run(DAY), { ...through, drift: { shareOfDailyLimit: 1, dailyLimit: 288 * reads } });

    expect(asked).toEqual(expected);
  });

  it('is left alone altogether without a look for drift', async () => {
    const { asked, through, notes } = given(entries);

    await scan(run(DAY), { ...through, drift: false });

    expect(asked).toEqual([]);
    expect(notes.get('scan')).toMatchObject({ isDone: true });
  });
});
