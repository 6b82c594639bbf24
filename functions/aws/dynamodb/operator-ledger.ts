import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { Entry } from '../../core/ledger/ledger.ts';
import { commandOf } from '../../core/ledger/ledger.ts';
import type { OperatorLedger } from '../../core/ledger/operator-ledger.ts';
import { changing } from './change.ts';
import type { Change } from './table.ts';
import { createTableClient } from './table.ts';
import { hashesOrNone } from './tombstones.ts';

/** All hashes under which a forgotten address may stand: of the key in use and of those before it. */
export type HashesOfAddress = (email: string) => Promise<readonly string[]>;

/** The ledger for the sweep and the operator. */
export function createOperatorLedger(client: DynamoDBClient, name: string, hashes: HashesOfAddress): OperatorLedger {
  const table = createTableClient(client, name);
  return {
    unfinished: (state) => table.each('unfinished-by-age', state),
    async about(email) {
      const keys = [email, ...(await hashesOrNone(email, { hashes }))];
      return (await Promise.all(keys.map((key) => table.query('by-address', key)))).flat();
    },
    page: table.page,
    async reopen(id, from, now) {
      const entry = await table.update(id, reopening(from, now));
      return entry && commandOf(entry);
    },
    async discard(id, now) {
      const isHeld = '#state = :held AND attribute_exists(#unfinished)';
      const change = changing(isHeld, { discardedAt: now.toISOString(), unfinished: undefined }, { held: 'held' });
      return (await table.update(id, change)) !== undefined;
    },
    async requeue(entry, now) {
      return (await table.update(entry.id, requeuing(entry, now))) !== undefined;
    },
    async recordOptIn(id, at) {
      await table.update(id, changing('#state = :state', { optedInAt: at.toISOString() }, { state: 'confirmed' }));
    },
    async sign(id, signedReceipt) {
      const lacks = 'attribute_exists(#closedAt) AND attribute_not_exists(#signedReceipt)';
      await table.update(id, changing(lacks, { signedReceipt }));
    },
    loadCursor: async (about) => (await table.find(noteId(about)))?.note,
    async saveCursor(about, note) {
      await table.update(noteId(about), changing('attribute_not_exists(#claimedAt)', { note }));
    },
  };
}

/** Apart from every command: their ids have no "#". */
function noteId(about: string): string {
  return `sweep#${about}`;
}

/** The attempts go on counting: the next one asks HubSpot before it tells. */
function reopening(from: string, now: Date): Change {
  const open = {
    state: 'open',
    unfinished: 'open',
    leasedUntil: 0,
    dueAt: now.getTime(),
    reopenedAt: now.toISOString(),
  };
  const undone = {
    closedAt: undefined,
    reason: undefined,
    evidence: undefined,
    changed: undefined,
    expiresAt: undefined,
  };
  const condition = '#state = :from AND attribute_not_exists(#erasedAt) AND attribute_not_exists(#discardedAt)';
  return changing(condition, { ...open, ...undone }, { from });
}

function requeuing({ dueAt }: Entry, now: Date): Change {
  return changing('#state = :isOpen AND #dueAt = :was', { dueAt: now.getTime() }, { isOpen: 'open', was: dueAt });
}
