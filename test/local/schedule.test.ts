import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import type { Schedule } from '../../local/schedule.ts';
import { startSchedule } from '../../local/schedule.ts';

const AT = '2026-11-23T10:00:00.000Z';

let times: string[];
let end: (() => void)[];
let schedule: Schedule;
beforeEach(() => {
  vi.useFakeTimers({ now: new Date(AT) });
  [times, end] = [[], []];
  const invoke = ({ time }: { readonly time: string }) => {
    times.push(time);
    return new Promise<void>((resolve) => end.push(resolve));
  };
  schedule = startSchedule({ everySeconds: 300, invoke });
});
afterEach(() => {
  vi.useRealTimers();
});

/** Ends the current run, so that the next one can begin. */
async function endRun(): Promise<void> {
  end.shift()?.();
  await vi.advanceTimersByTimeAsync(0);
}

it('runs at once and then at its rate', async () => {
  for (let minutes = 0; minutes < 10; minutes += 5) {
    await endRun();
    await vi.advanceTimersByTimeAsync(300_000);
  }

  expect(times).toEqual([AT, '2026-11-23T10:05:00.000Z', '2026-11-23T10:10:00.000Z']);
});

it('runs on demand with the given time, after the current run', async () => {
  await vi.advanceTimersByTimeAsync(0);
  const running = schedule.run(new Date('2027-01-01T00:00:00.000Z'));
  await vi.advanceTimersByTimeAsync(0);
  expect(times).toEqual([AT]);

  await endRun();
  await endRun();
  await running;

  expect(times).toEqual([AT, '2027-01-01T00:00:00.000Z']);
});

it('stops after the current run', async () => {
  await vi.advanceTimersByTimeAsync(0);
  const stopped = schedule.stop();
  await endRun();
  await stopped;
  await vi.advanceTimersByTimeAsync(900_000);

  expect(times).toEqual([AT]);
});
