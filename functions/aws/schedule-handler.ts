import type { Context, ScheduledEvent } from 'aws-lambda';
import { Unavailable } from '../core/model/errors.ts';
import type { Report } from '../core/model/telemetry.ts';
import type { Run } from '../core/reconcile/run.ts';
import { failureOf } from './telemetry.ts';

/** Longer than any single step: a call to HubSpot is limited to 12 seconds. */
const LONGEST_STEP_MS = 15_000;

/**
 * Creates the Lambda handler of a schedule. Parts run in order, each within its share of the remaining time, and a failed
 * part does not stop the next one. The invocation fails if any part failed, so that Lambda's `Errors` metric counts it.
 */
export function createScheduleHandler(
  parts: Readonly<Record<string, (run: Run) => Promise<void>>>,
  report: Report,
): (event: Pick<ScheduledEvent, 'time'>, context: Pick<Context, 'getRemainingTimeInMillis'>) => Promise<void> {
  return async ({ time }, context) => {
    const now = new Date(time);
    const failed: string[] = [];
    for (const [index, [part, runPart]] of Object.entries(parts).entries()) {
      const partsAfter = Object.keys(parts).length - index - 1;
      const remainingMs = context.getRemainingTimeInMillis() - LONGEST_STEP_MS;
      const reservedMs = LONGEST_STEP_MS + Math.max(0, (remainingMs * partsAfter) / (partsAfter + 1));
      try {
        await runPart({ now, hasTime: () => context.getRemainingTimeInMillis() > reservedMs });
      } catch (error) {
        failed.push(part);
        report({ event: 'sweep.failed', part, failure: failureOf(error) });
      }
    }
    if (failed.length > 0) throw new Unavailable(`parts of the sweep failed: ${failed.join(', ')}`);
  };
}
