import { describe, expect, it } from 'vitest';
import { defaultDeadline, measureBacklog } from '../../../functions/core/reconcile/backlog-age.ts';
import { ADA, plus } from '../examples.ts';
import { entry, run, sweepPorts } from '../ledger/memory-operator-ledger.ts';

const HOUR = 3600;

/** What a run says of these entries, so many seconds after they came in. */
async function saidOf(entries: Parameters<typeof sweepPorts>[0], seconds: number, steps?: number) {
  const ports = sweepPorts(entries);
  await measureBacklog(run(seconds, steps), { ...ports, deadline: defaultDeadline });
  return ports.events;
}

describe('the clock', () => {
  it('says 0 when nothing waits, so that silence means a sweep that does not run', async () => {
    const done = ['confirmed', 'rejected', 'superseded'] as const;

    const events = await saidOf(
      done.map((state) => entry(state, { state })),
      40 * HOUR,
    );

    expect(events).toEqual([{ event: 'backlog.measured', ageSeconds: 0 }]);
  });

  it('says the greatest age of each source, of what is open and of what is held', async () => {
    const events = await saidOf(
      [
        entry('a', { source: 'acme', receivedAt: plus(30).toISOString() }),
        // First seen by us before the other, first tried after it.
        entry('b', { source: 'acme', receivedAt: plus(10).toISOString(), claimedAt: plus(60).toISOString() }),
        entry('c', { source: 'form', state: 'held', reason: 'surge-limit' }),
      ],
      100,
    );

    expect(events).toEqual([
      { event: 'backlog.measured', source: 'acme', ageSeconds: 90 },
      { event: 'backlog.measured', source: 'form', ageSeconds: 100 },
    ]);
  });

  it('takes what came in after it had begun for new', async () => {
    expect(await saidOf([entry('a')], -5)).toEqual([{ event: 'backlog.measured', source: 'acme', ageSeconds: 0 }]);
  });

  it.each([
    [24 * HOUR, []],
    [24 * HOUR + 1, [false]],
    [36 * HOUR, [false]],
    [36 * HOUR + 1, [true]],
  ])('after %d seconds names what is over a limit, and says over which', async (seconds, expected) => {
    const events = await saidOf([entry('a', { state: 'held' })], seconds);

    const overdue = events.flatMap((each) => (each.event === 'optout.overdue' ? each.overdue : []));
    expect(overdue).toEqual(
      expected.map((isPaging) => ({
        optOut: { id: 'a', source: 'acme', kind: 'opt_out' },
        state: 'held',
        ageSeconds: seconds,
        isPaging,
      })),
    );
    expect(JSON.stringify(events)).not.toContain(ADA);
  });

  it('names the hundred oldest and counts the rest', async () => {
    const many = Array.from({ length: 130 }, (_, index) =>
      entry(`e${index}`, { state: index % 2 ? 'held' : 'open', receivedAt: plus(index).toISOString() }),
    );

    const events = await saidOf(many, 30 * HOUR);

    const [said] = events.flatMap((each) => (each.event === 'optout.overdue' ? each : []));
    expect(said?.more).toBe(30);
    expect(said?.overdue.map(({ optOut }) => optOut.id)).toEqual(many.slice(0, 100).map(({ id }) => id));
  });

  it('says what it has seen when its time is up', async () => {
    const entries = [entry('a'), entry('b', { source: 'form', claimedAt: plus(1).toISOString() })];

    expect(await saidOf(entries, 100, 1)).toEqual([{ event: 'backlog.measured', source: 'acme', ageSeconds: 100 }]);
  });
});
