import * as z from 'zod/mini';
import type { ClockLimits } from '../core/reconcile/backlog-age.ts';
import { defaultClock } from '../core/reconcile/backlog-age.ts';
import type { DriftShare } from '../core/reconcile/sweep-look.ts';
import { defaultDrift, isEnoughForDrift } from '../core/reconcile/sweep-look.ts';

/** By law an opt-out has 48 at most. */
const hours = z.number().check(z.positive(), z.maximum(48));

/** What relay.config.ts may say about the sweep. */
export const sweepFields = {
  /** How old a command may become before it is named in the log; the alarms of infra/alarms.yml ring at the same ages. */
  clock: z._default(
    z
      .strictObject({ warnAfterHours: hours, pageAfterHours: hours })
      .check(z.refine(({ warnAfterHours, pageAfterHours }) => warnAfterHours < pageAfterHours)),
    defaultClock,
  ),
  /** How much of HubSpot's daily limit may go into reading back what it has confirmed; `false`: nothing is read back. */
  drift: z._default(
    z.union([
      z.literal(false),
      z
        .strictObject({
          shareOfDailyLimit: z.number().check(z.positive(), z.maximum(1)),
          dailyLimit: z.int().check(z.positive(), z.maximum(100_000_000)),
        })
        .check(z.refine(isEnoughForDrift)),
    ]),
    defaultDrift,
  ),
};

/** The checked form of it. */
export interface SweepConfig {
  readonly clock: ClockLimits;
  readonly drift: DriftShare;
}
