import { expect, it } from 'vitest';
import { followJourneys } from '../../../local/console/journeys.ts';

const accepted = { event: 'optout.accepted', optOutId: 'a', source: 'form', kind: 'opt_out' };
const delivered = { ...accepted, event: 'optout.attempted', attempt: 1, tookMs: 5, ageSeconds: 0 };
const confirmed = { ...delivered, outcome: 'confirmed', evidence: 'response' };

it('joins the log lines of an opt-out in any order', () => {
  const { follow } = followJourneys();

  follow(confirmed, 1030, 1000);
  const journey = follow(accepted, 1040, 1000);

  expect(journey).toMatchObject({ receivedAt: 1000, acceptedAt: 1040, confirmedAt: 1030 });
});

it('returns when a deferred opt-out is retried', () => {
  const { follow } = followJourneys();

  const journey = follow({ ...delivered, outcome: 'deferred', status: 503, retryAfterSeconds: 2 }, 5000, 4000);

  expect(journey?.attempts).toEqual([
    { at: 5000, outcome: 'deferred', attempt: 1, tookMs: 5, status: 503, againAt: 7000 },
  ]);
});

it('calculates the time of receipt from the age of an opt-out received earlier', () => {
  const { follow } = followJourneys();

  expect(follow({ ...confirmed, ageSeconds: 60 }, 100_000)).toMatchObject({ receivedAt: 40_000 });
});

it('keeps the first confirmation if the same event is received again', () => {
  const { follow } = followJourneys();
  follow(confirmed, 1030, 1000);

  const journey = follow({ ...delivered, outcome: 'duplicate', attempt: 0 }, 9000);

  expect(journey).toMatchObject({ confirmedAt: 1030, receivedAt: 1000 });
  expect(journey?.attempts.map(({ outcome }) => outcome)).toEqual(['confirmed', 'duplicate']);
});

it('marks an attempt without an outcome as failed', () => {
  const { follow } = followJourneys();

  const journey = follow({ event: 'delivery.failed', optOutId: 'a', name: 'TypeError' }, 1000);

  expect(journey?.attempts).toMatchObject([{ outcome: 'failed' }]);
});

it.each(['optout.requeued', 'optout.overdue', 'optout.drifted', 'optout.opted_in', 'receipt.unsigned'])(
  'does not count %s as an attempt',
  (event) => {
    const { follow } = followJourneys();
    follow(accepted, 1000);

    expect(follow({ ...accepted, event }, 2000)).toBeUndefined();
    expect(follow(confirmed, 3000)?.attempts).toHaveLength(1);
  },
);

it('returns no journey for a line without an opt-out', () => {
  expect(followJourneys().follow({ event: 'request.unauthenticated', source: 'ses' }, 1000)).toBeUndefined();
});
