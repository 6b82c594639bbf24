import { describe, expect, it } from 'vitest';
import { defaultDeadline, measureBacklog } from '../../../functions/core/reconcile/backlog-age.ts';
import { ADA, plus } from '../examples.ts';
import { entry, run, sweepPorts } from './sweep-ports.ts';

const HOUR = 3600;

/** Runs this many seconds after AT and returns the reported events. */
async function measure(entries: Parameters<typeof sweepPorts>[0], seconds: number, steps?: number) {
  const ports = sweepPorts(entries);
  await measureBacklog(run(seconds, steps), { ...ports, deadline: defaultDeadline });
  return ports.events;
}

describe('measureBacklog', () => {
  it('reports an age of 0 when the backlog is empty', async () => {
    const done = ['confirmed', 'rejected', 'superseded'] as const;

    const events = await measure(
      done.map((state) => entry(state, { state })),
      40 * HOUR,
    );

    expect(events).toEqual([{ event: 'backlog.measured', ageSeconds: 0 }]);
  });

  it('reports the greatest age of each source among open and held entries', async () => {
    const events = await measure(
      [
        entry('a', { source: 'acme', receivedAt: plus(30).toISOString() }),
        // Received before the other entry, claimed after it.
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

  it('reports an age of 0 for an entry received after the run began', async () => {
    expect(await measure([entry('a')], -5)).toEqual([{ event: 'backlog.measured', source: 'acme', ageSeconds: 0 }]);
  });

  it.each([
    [24 * HOUR, []],
    [24 * HOUR + 1, [false]],
    [36 * HOUR, [false]],
    [36 * HOUR + 1, [true]],
  ])(
    'after %d seconds reports whether the entry exceeds the warning or the paging limit',
    async (seconds, expected) => {
      const events = await measure([entry('a', { state: 'held' })], seconds);

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
    },
  );

  it('lists the 100 oldest entries and counts the others', async () => {
    const many = Array.from({ length: 130 }, (_, index) =>
      entry(`e${index}`, { state: index % 2 ? 'held' : 'open', receivedAt: plus(index).toISOString() }),
    );

    const events = await measure(many, 30 * HOUR);

    const [reported] = events.flatMap((each) => (each.event === 'optout.overdue' ? each : []));
    expect(reported?.more).toBe(30);
    expect(reported?.overdue.map(({ optOut }) => optOut.id)).toEqual(many.slice(0, 100).map(({ id }) => id));
  });

  it('reports what it has read when the time is up', async () => {
    const entries = [entry('a'), entry('b', { source: 'form', claimedAt: plus(1).toISOString() })];

    expect(await measure(entries, 100, 1)).toEqual([{ event: 'backlog.measured', source: 'acme', ageSeconds: 100 }]);
  });
});
