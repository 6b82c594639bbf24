import type { Stage } from '../harness/stage.ts';
import type { FunctionResult } from './crashing-process.ts';
import type { CrashLedger } from './ledger.ts';
import type { Survivors } from './survivors.ts';

/** One invocation of a function, which is killed at each of its awaits in turn. */
export interface Scenario {
  readonly name: string;
  readonly function: 'webhook' | 'unsubscribe' | 'events' | 'mailbox' | 'deliver' | 'sweep';
  /** Environment of the function that is killed, in addition to the environment of this process. */
  readonly env?: Readonly<Record<string, string>>;
  /** Prepares a run. `run` is a number that was not used before. */
  begin(run: number): Promise<ScenarioRun>;
}

export interface ScenarioRun {
  readonly event: unknown;
  /**
   * Has the survivors finish the work, and checks the effects. `result` is undefined if the function was killed. Returns a
   * description of what is wrong, or undefined.
   */
  finish(result: FunctionResult | undefined): Promise<string | undefined>;
}

/** What scenarios are created with. */
export interface ScenarioContext {
  readonly stage: Stage;
  readonly survivors: Survivors;
  /** They never worked while HubSpot had one brand, so they have not cached that. */
  readonly brandSurvivors: Survivors;
  readonly ledger: CrashLedger;
  /** How often HubSpot has opted out this address. */
  readonly writesOf: (email: string) => Promise<number>;
}

/** Returns the actual values as JSON if they differ from the expected ones. */
export function difference(expected: object, actual: object): string | undefined {
  return JSON.stringify(actual) === JSON.stringify(expected) ? undefined : JSON.stringify(actual);
}
