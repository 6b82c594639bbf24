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

/** Ends the run at hand, and lets what waits for it begin. */
async function endRun(): Promise<void> {
  end.shift()?.();
  await vi.advanceTimersByTimeAsync(0);
}

it('begins at once, and then again and again', async () => {
  for (let minutes = 0; minutes < 10; minutes += 5) {
    await endRun();
    await vi.advanceTimersByTimeAsync(300_000);
  }

  expect(times).toEqual([AT, '2026-11-23T10:05:00.000Z', '2026-11-23T10:10:00.000Z']);
});

it('runs once more when it is told to, at that time and after the run at hand', async () => {
  await vi.advanceTimersByTimeAsync(0);
  const running = schedule.run(new Date('2027-01-01T00:00:00.000Z'));
  await vi.advanceTimersByTimeAsync(0);
  expect(times).toEqual([AT]);

  await endRun();
  await endRun();
  await running;

  expect(times).toEqual([AT, '2027-01-01T00:00:00.000Z']);
});

it('stops once the run at hand has ended', async () => {
  await vi.advanceTimersByTimeAsync(0);
  const stopped = schedule.stop();
  await endRun();
  await stopped;
  await vi.advanceTimersByTimeAsync(900_000);

  expect(times).toEqual([AT]);
});
