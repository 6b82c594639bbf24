import { eventOf } from '../../local/event-source.ts';
import { commandFor } from '../commands.ts';
import type { CrashTurn, CrashWay, Scene } from './ways.ts';
import { otherThan } from './ways.ts';

/** From the queue to HubSpot. */
export const deliveries = (scene: Scene): readonly CrashWay[] => [
  { name: 'a delivery', function: 'deliver', begin: (turn) => batchOf([`delivery-${turn}`], scene) },
  {
    name: 'a delivery of three, of which HubSpot fails one',
    function: 'deliver',
    every: 5,
    async begin(turn) {
      const names = ['first', 'failing', 'last'].map((name) => `${name}-of-three-${turn}`);
      const failing = { match: `failing-of-three-${turn}%40example.com/unsubscribe-all`, times: 1, status: 503 };
      await scene.stage.sim('faults', 'POST', [failing]);
      return batchOf(names, scene);
    },
  },
];

async function batchOf(names: readonly string[], { stage, others, ledger, writesOf }: Scene): Promise<CrashTurn> {
  const commands = names.map(commandFor);
  await stage.enqueue(commands);
  const messages = await others.take(1);
  return {
    event: eventOf(messages),
    async after() {
      await stage.sim('faults', 'POST', []);
      for (const { id } of commands) await ledger.endLease(id);
      // The queue shows them again; here somebody else gets them at once.
      await others.deliver(messages);
      const states = await Promise.all(commands.map(async ({ id }) => (await ledger.find(id))?.state));
      const writes = await Promise.all(commands.map(({ email }) => writesOf(email)));
      const shouldBe = { states: commands.map(() => 'confirmed'), writes: commands.map(() => 1) };
      return otherThan(shouldBe, { states, writes });
    },
  };
}
