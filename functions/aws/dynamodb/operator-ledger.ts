import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { KeyedHashes } from '../../core/ledger/keyed-hashes.ts';
import type { Entry } from '../../core/ledger/ledger.ts';
import { commandOf } from '../../core/ledger/ledger.ts';
import type { OperatorLedger } from '../../core/ledger/operator-ledger.ts';
import { hashesIfKeyed } from './erasure.ts';
import { merge, shardOf, shardsOf } from './shards.ts';
import type { Update } from './table.ts';
import { buildUpdate, createTableClient } from './table.ts';

/** Creates the ledger of the sweep and the operators. Erased entries of an address are found by its hashes. */
export function createOperatorLedger(
  client: DynamoDBClient,
  tableName: string,
  keyed: Pick<KeyedHashes, 'hashes'>,
): OperatorLedger {
  const table = createTableClient(client, tableName);
  return {
    unfinished(state) {
      const shards = shardsOf(state).map((shard) => table.each('unfinished-by-age', shard));
      return merge(shards, ({ claimedAt }) => claimedAt);
    },
    async about(email) {
      const keys = [email, ...(await hashesIfKeyed(email, keyed))];
      return (await Promise.all(keys.map((key) => table.query('by-address', key)))).flat();
    },
    page: table.page,
    async reopen(id, from, now) {
      const entry = await table.update(id, reopen(id, from, now));
      return entry && commandOf(entry);
    },
    async discard(id, now) {
      const isHeld = '#state = :held AND attribute_exists(#unfinished)';
      const update = buildUpdate(isHeld, { discardedAt: now.toISOString(), unfinished: undefined }, { held: 'held' });
      return (await table.update(id, update)) !== undefined;
    },
    async resolve(id, resolution) {
      const isRejected = '#state = :rejected AND attribute_exists(#unfinished)';
      const update = buildUpdate(isRejected, { ...resolution, unfinished: undefined }, { rejected: 'rejected' });
      return (await table.update(id, update)) !== undefined;
    },
    async requeue(entry, now) {
      return (await table.update(entry.id, requeue(entry, now))) !== undefined;
    },
    async recordOptIn(id, at) {
      await table.update(id, buildUpdate('#state = :state', { optedInAt: at.toISOString() }, { state: 'confirmed' }));
    },
    async sign(id, signedReceipt) {
      const isUnsigned = 'attribute_exists(#closedAt) AND attribute_not_exists(#signedReceipt)';
      await table.update(id, buildUpdate(isUnsigned, { signedReceipt }));
    },
    loadCursor: async (name) => (await table.find(cursorId(name)))?.cursor,
    async saveCursor(name, cursor) {
      await table.update(cursorId(name), buildUpdate('attribute_not_exists(#claimedAt)', { cursor }));
    },
  };
}

/** Ids of commands contain no "#". */
function cursorId(name: string): string {
  return `sweep#${name}`;
}

/** The attempts are counted on, and HubSpot has answered all of them. */
function reopen(id: string, from: string, now: Date): Update {
  const open = {
    state: 'open',
    unfinished: shardOf('open', id),
    leasedUntil: 0,
    dueAt: now.getTime(),
    reopenedAt: now.toISOString(),
  };
  const end = {
    closedAt: undefined,
    reason: undefined,
    evidence: undefined,
    changed: undefined,
    businessUnits: undefined,
    kept: undefined,
    unchecked: undefined,
    expiresAt: undefined,
  };
  const isFinal = ['erasedAt', 'discardedAt', 'resolvedAt'].map((name) => `attribute_not_exists(#${name})`);
  return buildUpdate(['#state = :from', ...isFinal].join(' AND '), { ...open, ...end }, { from });
}

function requeue({ dueAt }: Entry, now: Date): Update {
  return buildUpdate('#state = :isOpen AND #dueAt = :was', { dueAt: now.getTime() }, { isOpen: 'open', was: dueAt });
}
