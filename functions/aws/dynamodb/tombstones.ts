import { RelayError } from '../../core/model/errors.ts';
import { changing } from './change.ts';
import type { Table } from './table.ts';

/** Of an address or a contact id; they reject when there is no key. */
export interface KeyedHashes {
  /** By the key in use. */
  hash(text: string): Promise<string>;
  /** By every key, that one and those before it. */
  hashes(text: string): Promise<readonly string[]>;
}

export interface TombstonePorts {
  readonly table: Table;
  readonly keyed: KeyedHashes;
}

/** The queue keeps a command for 14 days, and a dead letter that is sent again for 14 more. */
const KEPT_SECONDS = 30 * 86_400;

/**
 * Writes down, by their hashes, that these addresses and contacts are forgotten: what was received of them `until` then and
 * has no entry yet is found by it at its closing, also where a new key has not been read yet. DynamoDB deletes it when
 * nothing of the kind can come any more.
 */
export async function writeTombstones(whom: readonly string[], until: string, { table, keyed }: TombstonePorts) {
  const expiresAt = Math.floor(Date.parse(until) / 1000) + KEPT_SECONDS;
  const isNewer = 'attribute_not_exists(#erasedAt) OR #erasedAt < :erasedAt';
  const tombstone = changing(isNewer, { erasedAt: until, expiresAt });
  const hashes = (await Promise.all(whom.map(keyed.hashes))).flat();
  await Promise.all(hashes.map((hash) => table.update(tombstoneId(hash), tombstone)));
}

/**
 * Until when what was received of these is forgotten, ISO 8601 UTC. Undefined where none of them is, and also where there is
 * no key: their opt-out is worth more, and the receipt that it then lacks is reported.
 */
export async function erasedUntil(whom: readonly string[], { table, keyed }: TombstonePorts) {
  const ids = (await Promise.all(whom.map((each) => hashesOrNone(each, keyed)))).flat().map(tombstoneId);
  const found = await Promise.all(ids.map(table.find));
  return found
    .flatMap((tombstone) => tombstone?.erasedAt ?? [])
    .toSorted()
    .at(-1);
}

/** None where there is no key. */
export async function hashesOrNone(text: string, keyed: Pick<KeyedHashes, 'hashes'>): Promise<readonly string[]> {
  try {
    return await keyed.hashes(text);
  } catch (error) {
    if (error instanceof RelayError) return [];
    throw error;
  }
}

/** Apart from every command: their ids have no "#". */
function tombstoneId(hash: string): string {
  return `erased#${hash}`;
}
