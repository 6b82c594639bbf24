import type { OperatorLedger } from '../ledger/operator-ledger.ts';
import type { OptOut } from '../model/opt-out.ts';
import type { Report } from '../model/telemetry.ts';

/** One run of the sweep. */
export interface Run {
  /** When the schedule began it. */
  readonly now: Date;
  /** Whether there is time for one more step; a step is one entry, or one page of them. */
  readonly hasTime: () => boolean;
}

/** What the parts of the sweep have in common. */
export interface SweepPorts {
  readonly operatorLedger: OperatorLedger;
  /** Resolves once every command is durable. */
  readonly enqueue: (commands: readonly OptOut[]) => Promise<void>;
  readonly report: Report;
}
