import { expect, it } from 'vitest';
import { createScheduleHandler } from '../../functions/aws/schedule-handler.ts';
import { Unavailable } from '../../functions/core/model/errors.ts';
import type { RelayEvent } from '../../functions/core/model/telemetry.ts';
import type { Run } from '../../functions/core/reconcile/run.ts';
import { allOf, thrownBy } from './listening.ts';

const TIME = '2026-11-23T10:00:00Z';
const context = (leftMs = 240_000) => ({ getRemainingTimeInMillis: () => leftMs });

it('runs every part at the time of the schedule, in order', async () => {
  const runs: [string, Run][] = [];
  const part = (name: string) => async (run: Run) => void runs.push([name, run]);

  await createScheduleHandler({ clock: part('clock'), repair: part('repair') }, () => undefined)(
    { time: TIME },
    context(),
  );

  expect(runs.map(([name, { now }]) => [name, now])).toEqual([
    ['clock', new Date(TIME)],
    ['repair', new Date(TIME)],
  ]);
});

it.each([
  [15_001, true],
  [15_000, false],
])('with %d ms left has time for another step: %s', async (leftMs, expected) => {
  let hasTime: boolean | undefined;
  const part = async (run: Run) => {
    hasTime = run.hasTime();
  };

  await createScheduleHandler({ part }, () => undefined)({ time: TIME }, context(leftMs));

  expect(hasTime).toBe(expected);
});

it('gives each part its share of the remaining time', async () => {
  let leftMs = 240_000;
  const spent: number[] = [];
  const greedy = async ({ hasTime }: Run) => {
    const before = leftMs;
    while (hasTime()) leftMs -= 1_000;
    spent.push(before - leftMs);
  };
  const quick = async () => {
    leftMs -= 5_000;
  };
  const parts = { greedy, quick, next: greedy, last: greedy };

  await createScheduleHandler(parts, () => undefined)({ time: TIME }, { getRemainingTimeInMillis: () => leftMs });

  // A quarter of 225 s, then half of the remaining time minus 5 s, then all of it.
  expect(spent).toEqual([57_000, 82_000, 81_000]);
});

it('runs the other parts if one fails, reports it, and fails with the names of the failed parts', async () => {
  const events: RelayEvent[] = [];
  const done: string[] = [];
  const parts = {
    clock: async () => {
      throw new TypeError('ann@example.com');
    },
    repair: () => {
      throw new Unavailable('could not enqueue: InternalError');
    },
    walk: async () => void done.push('walk'),
  };
  const serve = createScheduleHandler(parts, (event) => void events.push(event));

  const error = await thrownBy(() => serve({ time: TIME }, context()));

  expect(done).toEqual(['walk']);
  expect(events).toMatchObject([
    { event: 'sweep.failed', part: 'clock', failure: { name: 'TypeError' } },
    { event: 'sweep.failed', part: 'repair', failure: { reason: 'could not enqueue: InternalError' } },
  ]);
  expect(error.message).toBe('parts of the sweep failed: clock, repair');
  expect(allOf([error, events])).not.toContain('ann@');
});
