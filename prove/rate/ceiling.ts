import process from 'node:process';
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { readEnvironment } from '../../functions/config/environment.ts';
import { createBatchLane } from '../../functions/core/delivery/batch-lane.ts';
import { deliver } from '../../functions/core/delivery/deliver.ts';
import { callBatch, createHubSpot } from '../../functions/hubspot/client.ts';
import { createHubSpotDependencies } from '../../functions/hubspot/dependencies.ts';
import { createMemoryLedger } from '../../test/core/ledger/memory.ts';
import { commandFor } from '../harness/commands.ts';
import type { Stage } from '../harness/stage.ts';

const SIZE = 100;

/**
 * Returns how many opt-outs a second one instance confirms in batches, with its ledger in memory and HubSpot's limit off. The local
 * DynamoDB stops the whole stack far earlier: it writes every claim and completion in one process. The simulator is in the same
 * process, so the relay's own share is larger than this.
 */
export async function measureCeiling(stage: Stage, optOuts: number): Promise<number> {
  await stage.sim('reset', 'POST');
  await stage.sim('limits', 'POST', { per10Seconds: 1_000_000, daily: 1_000_000 });
  Object.assign(process.env, { HUBSPOT_RATE_PER_10_S: '999999' });
  const attempt = createDelivery();
  const commands = Array.from({ length: optOuts }, (_none, index) => commandFor(`ceiling-${index}`));
  const startedAt = performance.now();
  let confirmed = 0;
  for (let at = 0; at < optOuts; at += SIZE) {
    const kinds = await Promise.all(commands.slice(at, at + SIZE).map(attempt));
    confirmed += kinds.filter((kind) => kind === 'confirmed').length;
  }
  return Math.round((confirmed * 1000) / (performance.now() - startedAt));
}

function createDelivery() {
  const [clock, report] = [() => new Date(), () => undefined];
  const env = readEnvironment(
    'HUBSPOT_SECRET',
    'RECEIPTS_SECRET',
    'HUBSPOT_BASE_URL',
    'HUBSPOT_API_VERSION',
    'HUBSPOT_RATE_PER_10_S',
  );
  const legalBasis = { legalBasis: 'NON_GDPR', legalBasisExplanation: 'The recipient asked.' };
  const { calls, definitions, receipts } = createHubSpotDependencies(new SecretsManagerClient(), env, {
    shareOfRate: 1,
    legalBasis,
    clock,
    report,
  });
  const lane = createBatchLane({ call: (call) => callBatch(call, calls), size: SIZE, clock, report });
  const { ledger } = createMemoryLedger();
  const ports = {
    ledger,
    hubspot: (writesAlone: boolean) => createHubSpot(calls, { lane, writesAlone }),
    definitions,
    businessUnitIds: {},
    staleAfterSeconds: 3_600,
    uncheckedAfterHours: 24,
    allAddresses: false,
    enqueue: async () => undefined,
    isOverSurgeLimit: async () => false,
    sign: receipts.sign,
    clock,
    random: Math.random,
  };
  return async (command: ReturnType<typeof commandFor>) => (await deliver(command, ports)).outcome.kind;
}
