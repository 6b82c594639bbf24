import process from 'node:process';
import { DeleteItemCommand, paginateScan } from '@aws-sdk/client-dynamodb';
import { openLedger } from '../../functions/adapters/dynamodb.ts';
import { changing } from '../../functions/adapters/dynamodb-change.ts';
import type { OptOut } from '../../functions/core/opt-out.ts';
import { commandFor } from '../commands.ts';
import { until } from '../until.ts';
import type { CrashWay, Scene } from './ways.ts';
import { otherThan } from './ways.ts';

const HOUR_MS = 3_600_000;

/**
 * A run that has one of each to do: a command whose message is lost, an opt-out that HubSpot has lost, an entry without a
 * receipt. The schedule brings the next one after five minutes; what was to be queued, and was not, waits an hour more.
 */
export const sweeps = (scene: Scene): readonly CrashWay[] => [
  {
    name: 'a sweep with three things to do',
    function: 'sweep',
    every: 5,
    async begin(turn) {
      const { stage, others, writesOf } = scene;
      const [lost, drifted, unsigned] = ['lost', 'drifted', 'unsigned'].map((name) => commandFor(`${name}-${turn}`));
      if (!(lost && drifted && unsigned)) throw new Error('there are three');
      // The stack runs one at its start.
      await until(() => others.ledger.find('sweep#walk'), Boolean);
      await clearLedger(scene);
      await loseMessage(lost, scene);
      await stage.enqueue([drifted, unsigned]);
      await others.deliverAll();
      await stage.sim(`contacts/${drifted.email}`, 'PUT', { optedOut: false });
      await others.ledger.update(
        unsigned.id,
        changing('attribute_exists(#closedAt)', { changed: true, signedReceipt: undefined }),
      );
      const at = Date.now() + 2 * HOUR_MS;
      return {
        event: eventAt(at),
        async after() {
          for (const later of [HOUR_MS / 12, 2 * HOUR_MS]) {
            await others.run('sweep', eventAt(at + later));
            await others.deliverAll();
          }
          const all = [lost, drifted, unsigned];
          const entries = await Promise.all(all.map(({ id }) => others.ledger.find(id)));
          const writes = await Promise.all(all.map(({ email }) => writesOf(email)));
          const states = entries.map((entry) => entry?.state);
          const signed = entries.filter((entry) => entry?.signedReceipt).length;
          return otherThan(
            { states: all.map(() => 'confirmed'), writes: [1, 2, 1], signed: 3 },
            { states, writes, signed },
          );
        },
      };
    },
  },
];

const eventAt = (ms: number) => ({ time: new Date(ms).toISOString() });

/** Somebody began with it and died, and then its message was lost. */
async function loseMessage(command: OptOut, { others }: Scene): Promise<void> {
  const keyed = { hash: async () => '', hashes: async () => [] };
  await openLedger(others.dynamodb, process.env.LEDGER_TABLE ?? '', keyed).open(command, new Date());
  await others.endLease(command.id);
}

/** Of what was there before, and how far a walk has come. */
async function clearLedger({ others: { dynamodb: client } }: Scene): Promise<void> {
  const TableName = process.env.LEDGER_TABLE ?? '';
  for await (const { Items = [] } of paginateScan({ client }, { TableName, ProjectionExpression: 'id' })) {
    await Promise.all(Items.map((Key) => client.send(new DeleteItemCommand({ TableName, Key }))));
  }
}
