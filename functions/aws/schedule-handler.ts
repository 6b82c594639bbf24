import type { Context, ScheduledEvent } from 'aws-lambda';
import { Unavailable } from '../core/model/errors.ts';
import type { Report } from '../core/model/telemetry.ts';
import type { Run } from '../core/reconcile/sweep.ts';
import { failureOf } from './telemetry.ts';

/** Longer than any step takes: a look at HubSpot has a limit of 12 seconds. */
const LONGEST_STEP_MS = 15_000;

/**
 * A Lambda handler of a schedule. The parts run one after the other, each whatever became of those before it and within its
 * share of the time that they have left; the run as a whole has failed when one of them has, so that Lambda's own count of
 * errors tells.
 */
export function createScheduleHandler(
  parts: Readonly<Record<string, (run: Run) => Promise<void>>>,
  report: Report,
): (event: Pick<ScheduledEvent, 'time'>, context: Pick<Context, 'getRemainingTimeInMillis'>) => Promise<void> {
  return async ({ time }, context) => {
    const now = new Date(time);
    const failed: string[] = [];
    for (const [index, [part, does]] of Object.entries(parts).entries()) {
      const others = Object.keys(parts).length - index - 1;
      const leftMs = context.getRemainingTimeInMillis() - LONGEST_STEP_MS;
      const keptMs = LONGEST_STEP_MS + Math.max(0, (leftMs * others) / (others + 1));
      try {
        await does({ now, hasTime: () => context.getRemainingTimeInMillis() > keptMs });
      } catch (error) {
        failed.push(part);
        report({ event: 'sweep.failed', part, failure: failureOf(error) });
      }
    }
    if (failed.length > 0) throw new Unavailable(`not all parts could be run to their end: ${failed.join(', ')}`);
  };
}
