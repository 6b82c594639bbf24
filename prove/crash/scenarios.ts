import process from 'node:process';
import type { Stage } from '../harness/stage.ts';
import { deliveries } from './deliveries.ts';
import { events } from './events.ts';
import { createCrashLedger } from './ledger.ts';
import { requests } from './requests.ts';
import type { Scenario } from './scenario.ts';
import { createSurvivors } from './survivors.ts';
import { sweeps } from './sweeps.ts';

export interface Scenarios {
  readonly scenarios: readonly Scenario[];
  /** Delivers what functions queued before they were killed. */
  finish(): Promise<void>;
}

/** Creates the scenarios of every function from the arrival of a signal to its confirmation, and of the sweep. */
export async function createScenarios(stage: Stage): Promise<Scenarios> {
  Object.assign(process.env, { DELIVER_CONCURRENCY: '1', HUBSPOT_RATE_PER_10_S: '999999' });
  const ledger = await createCrashLedger();
  const survivors = await createSurvivors(stage, 2);
  const brandSurvivors = await createSurvivors(stage, 3);
  const writesOf = async (email: string) => (await stage.contact(email)).optOutWrites;
  const context = { stage, survivors, brandSurvivors, ledger, writesOf };
  const scenarios = [requests, events, deliveries, sweeps].flatMap((create) => create(context));
  const begin = async (scenario: Scenario, run: number) => {
    // Earlier entries would be swept too, and would count towards the surge limit.
    await ledger.clear();
    return scenario.begin(run);
  };
  return {
    scenarios: scenarios.map((scenario) => ({ ...scenario, begin: (run) => begin(scenario, run) })),
    finish: survivors.deliverAll,
  };
}
