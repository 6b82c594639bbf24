import type { SQSBatchResponse } from 'aws-lambda';
import { eventOf } from '../../local/event-source.ts';
import { commandFor } from '../harness/commands.ts';
import type { Scenario, ScenarioContext, ScenarioRun } from './scenario.ts';
import { difference } from './scenario.ts';

/** Scenarios of deliveries from the queue to HubSpot. */
export const deliveries = (context: ScenarioContext): readonly Scenario[] => [
  { name: 'a delivery', function: 'deliver', begin: (run) => batchOf([`delivery-${run}`], context) },
  {
    name: 'a delivery of three, one of which fails in HubSpot',
    function: 'deliver',
    async begin(run) {
      const names = ['first', FAILING, 'last'].map((name) => `${name}-of-three-${run}`);
      const fault = { match: `${FAILING}-of-three-${run}%40example.com/unsubscribe-all`, times: 1, status: 503 };
      await context.stage.sim('faults', 'POST', [fault]);
      return batchOf(names, context);
    },
  },
  {
    name: 'a delivery of three in one call',
    function: 'deliver',
    env: { HUBSPOT_BATCH: 'true' },
    begin: (run) =>
      batchOf(
        ['first', 'second', 'last'].map((name) => `${name}-in-one-call-${run}`),
        context,
      ),
  },
  {
    name: 'a delivery to two brands',
    function: 'deliver',
    async begin(run) {
      await context.stage.sim('portal', 'POST', { brands: BRANDS });
      const { event, finish } = await batchOf(
        [`two-brands-${run}`],
        { ...context, survivors: context.brandSurvivors },
        BRANDS.length,
      );
      return {
        event,
        async finish(result) {
          const violation = await finish(result);
          await context.stage.sim('portal', 'POST', { brands: [] });
          return violation;
        },
      };
    },
  },
];

/** Business units of the account. */
const BRANDS = [0, 7];
const FAILING = 'failing';

async function batchOf(
  names: readonly string[],
  { stage, survivors, ledger, writesOf }: ScenarioContext,
  writesEach = 1,
): Promise<ScenarioRun> {
  const commands = names.map(commandFor);
  await stage.enqueue(commands);
  const messages = await survivors.receive(1);
  const failures = names.filter((name) => name.startsWith(FAILING)).length;
  return {
    event: eventOf(messages),
    async finish(result) {
      await stage.sim('faults', 'POST', []);
      for (const { id } of commands) await ledger.endLease(id);
      // SQS redelivers messages that were not deleted. Here a survivor gets them immediately.
      const redelivered = await survivors.deleteSucceeded(messages, result?.response as SQSBatchResponse | undefined);
      await survivors.deliver(redelivered);
      const states = await Promise.all(commands.map(async ({ id }) => (await ledger.find(id))?.state));
      const writes = await Promise.all(commands.map(({ email }) => writesOf(email)));
      return difference(
        {
          redelivered: result ? failures : names.length,
          states: names.map(() => 'confirmed'),
          writes: names.map(() => writesEach),
        },
        { redelivered: redelivered.length, states, writes },
      );
    },
  };
}
