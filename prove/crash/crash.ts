import { join } from 'node:path';
import { bundle } from '../../infra/bundle.ts';
import type { Proof, ProofResult } from '../harness/proof.ts';
import { createProof } from '../harness/proof.ts';
import { createStage } from '../harness/stage.ts';
import { startCrashingProcess } from './crashing-process.ts';
import type { Scenario } from './scenario.ts';
import { createScenarios } from './scenarios.ts';

/**
 * Kills every function at its first await, and then at every `every`th, and has other instances finish its work: nothing is
 * lost, and each opt-out has one effect.
 */
export async function proveCrashPoints({ every }: { readonly every: number }): Promise<ProofResult> {
  const proof = createProof('lost', 'crash points');
  const figures: Record<string, number> = {};
  const stage = await createStage();
  const bundles = join(stage.dir, 'bundles');
  await bundle({ to: bundles });
  const { scenarios, finish } = await createScenarios(stage);
  for (const scenario of scenarios) {
    figures[`awaits of ${scenario.name}`] = await killAtEachAwait(scenario, { bundles, every, proof });
  }
  await finish();
  const remaining = await stage.queuedMessages();
  proof.check(remaining === 0, () => `${remaining} messages remain on the queues`);
  await stage.stop();
  return proof.result(figures);
}

interface KillOptions {
  readonly bundles: string;
  readonly every: number;
  readonly proof: Proof;
}

/** Runs a scenario with growing crash points until the function completes. Returns the number of its awaits. */
async function killAtEachAwait(scenario: Scenario, { bundles, every, proof }: KillOptions): Promise<number> {
  const start = (crashAt: number) =>
    startCrashingProcess(crashAt, { bundles, name: scenario.function, env: scenario.env });
  let next = start(1);
  for (let crashAt = 1; ; crashAt += every) {
    const current = next;
    // Started ahead, since starting a process takes longer than the run.
    next = start(crashAt + every);
    const { event, finish } = await scenario.begin(crashAt);
    const result = await current.run(event);
    const violation = await finish(result);
    proof.check(violation === undefined, () => `${scenario.name}, killed at await ${crashAt}: ${violation}`);
    if (result === undefined) continue;
    next.end();
    return result.awaits;
  }
}
