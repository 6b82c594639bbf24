import type { SQSBatchResponse } from 'aws-lambda';
import { eventOf } from '../../local/event-source.ts';
import { commandFor } from '../harness/commands.ts';
import type { CrashTurn, CrashWay, Scene } from './ways.ts';
import { otherThan } from './ways.ts';

/** From the queue to HubSpot. */
export const deliveries = (scene: Scene): readonly CrashWay[] => [
  { name: 'a delivery', function: 'deliver', begin: (turn) => batchOf([`delivery-${turn}`], scene) },
  {
    name: 'a delivery of three, of which HubSpot fails one',
    function: 'deliver',
    async begin(turn) {
      const names = ['first', FAILING, 'last'].map((name) => `${name}-of-three-${turn}`);
      const failing = { match: `${FAILING}-of-three-${turn}%40example.com/unsubscribe-all`, times: 1, status: 503 };
      await scene.stage.sim('faults', 'POST', [failing]);
      return batchOf(names, scene);
    },
  },
];

const FAILING = 'failing';

async function batchOf(names: readonly string[], { stage, others, ledger, writesOf }: Scene): Promise<CrashTurn> {
  const commands = names.map(commandFor);
  await stage.enqueue(commands);
  const messages = await others.take(1);
  const givenBack = names.filter((name) => name.startsWith(FAILING)).length;
  return {
    event: eventOf(messages),
    async after(end) {
      await stage.sim('faults', 'POST', []);
      for (const { id } of commands) await ledger.endLease(id);
      // The queue shows again what was not deleted; here somebody else gets it at once.
      const left = await others.settle(messages, end?.answer as SQSBatchResponse | undefined);
      await others.deliver(left);
      const states = await Promise.all(commands.map(async ({ id }) => (await ledger.find(id))?.state));
      const writes = await Promise.all(commands.map(({ email }) => writesOf(email)));
      return otherThan(
        { left: end ? givenBack : names.length, states: names.map(() => 'confirmed'), writes: names.map(() => 1) },
        { left: left.length, states, writes },
      );
    },
  };
}
