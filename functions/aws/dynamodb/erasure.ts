import type { KeyedHashes } from '../../core/ledger/keyed-hashes.ts';
import { RelayError } from '../../core/model/errors.ts';
import type { Recipient } from '../../core/model/signal.ts';
import { addressHashIn } from '../../crypto/signed-receipts.ts';
import type { Fields, Item, Table, Update } from './table.ts';
import { buildUpdate } from './table.ts';

export interface TombstonePorts {
  readonly table: Table;
  readonly keyed: KeyedHashes;
}

export interface ErasurePorts extends TombstonePorts {
  readonly now: Date;
}

interface Addressed {
  readonly email?: string | undefined;
  readonly signedReceipt?: string | undefined;
}

/**
 * Erases the entries of an address, or of a contact and every address known for it, that were received up to `until`.
 * Returns how many entries changed.
 */
export async function eraseRecipient(
  { email, contactId }: Recipient,
  until: string,
  ports: ErasurePorts,
): Promise<number> {
  const { table } = ports;
  // The tombstones come first: an entry that is closed after the queries below is then completed as an erased one.
  await writeTombstones([email ?? contactId], until, ports);
  if (email !== undefined) return eraseEach(await table.query('by-address', email), until, ports);
  const own = await table.query('by-contact', contactId);
  await writeTombstones(addressesOf(own), until, ports);
  const others = (await itemsOfAddresses(own, table)).filter((other) => other.contactId !== contactId);
  // The contact's own entries come last: they lead a retry to the addresses.
  return (await eraseEach(others, until, ports)) + (await eraseEach(own, until, ports));
}

/** Erases every entry of the addresses of these items that was received up to `until`. */
export async function eraseReceived(items: readonly Addressed[], until: string, ports: ErasurePorts): Promise<void> {
  await writeTombstones(addressesOf(items), until, ports);
  await eraseEach(await itemsOfAddresses(items, ports.table), until, ports);
}

async function itemsOfAddresses(items: readonly Addressed[], table: Table): Promise<Item[]> {
  return (await Promise.all(addressesOf(items).map((email) => table.query('by-address', email)))).flat();
}

function addressesOf(items: readonly Addressed[]): readonly string[] {
  return [...new Set(items.flatMap(({ email }) => email ?? []))];
}

/** Returns how many items changed. Marks before it erases, so that an item closed in between is not missed. */
async function eraseEach(items: readonly Item[], until: string, ports: ErasurePorts): Promise<number> {
  const due = items.filter(({ receivedAt }) => receivedAt <= until);
  const updates = due.map(async (item) => {
    const { table } = ports;
    return (await table.update(item.id, MARK)) ?? (await table.update(item.id, await erase(item, ports)));
  });
  return (await Promise.all(updates)).filter((item) => item !== undefined).length;
}

const MARK = buildUpdate(
  '#state = :isOpen AND attribute_not_exists(#eraseOnClose)',
  { eraseOnClose: true },
  { isOpen: 'open' },
);

async function erase(item: Item, ports: ErasurePorts): Promise<Update> {
  const condition = 'attribute_exists(#closedAt) AND attribute_not_exists(#erasedAt)';
  return buildUpdate(condition, await erasedFields(item, ports));
}

/**
 * Returns the fields that erase an item. It also leaves the index by age, since nothing more can be done with it. The
 * hash is the one in the signed receipt, whichever key made it, so that entry and receipt still match.
 */
export async function erasedFields({ email, signedReceipt }: Addressed, { keyed, now }: ErasurePorts): Promise<Fields> {
  const hash = async (text: string) => addressHashIn(signedReceipt) ?? (await keyed.hash(text));
  const replaced = email === undefined ? undefined : await hash(email);
  return {
    email: replaced,
    contactId: undefined,
    eraseOnClose: undefined,
    unfinished: undefined,
    erasedAt: now.toISOString(),
  };
}

/** SQS retains a command for 14 days, and a redriven dead letter for 14 more. */
const TOMBSTONE_SECONDS = 30 * 86_400;

/**
 * Records the erasure of addresses and contact ids, by their hashes, for commands that are still on a queue. Every key
 * is used, so that a Lambda that has not read the newest key yet finds the tombstone too. The TTL deletes it when no
 * such command can be left.
 */
async function writeTombstones(
  identifiers: readonly string[],
  until: string,
  { table, keyed }: TombstonePorts,
): Promise<void> {
  const expiresAt = Math.floor(Date.parse(until) / 1000) + TOMBSTONE_SECONDS;
  const isNewer = 'attribute_not_exists(#erasedAt) OR #erasedAt < :erasedAt';
  const tombstone = buildUpdate(isNewer, { erasedAt: until, expiresAt });
  const hashes = (await Promise.all(identifiers.map(keyed.hashes))).flat();
  await Promise.all(hashes.map((hash) => table.update(tombstoneId(hash), tombstone)));
}

/**
 * Returns the time of the latest erasure of any of these recipients. A missing hash key counts as no erasure, so that
 * it never blocks an opt-out; the missing receipt reports it.
 */
export async function erasedUntil(
  recipients: readonly Recipient[],
  { table, keyed }: TombstonePorts,
): Promise<Date | undefined> {
  const hashes = recipients.map(({ email, contactId }) => hashesIfKeyed(email ?? contactId, keyed));
  const ids = (await Promise.all(hashes)).flat().map(tombstoneId);
  const tombstones = await Promise.all(ids.map(table.find));
  const times = tombstones.flatMap((tombstone) => tombstone?.erasedAt ?? []);
  const latest = times.toSorted().at(-1);
  return latest === undefined ? undefined : new Date(latest);
}

/** Returns an empty list without a key. */
export async function hashesIfKeyed(text: string, keyed: Pick<KeyedHashes, 'hashes'>): Promise<readonly string[]> {
  try {
    return await keyed.hashes(text);
  } catch (error) {
    if (error instanceof RelayError) return [];
    throw error;
  }
}

/** Ids of commands contain no "#". */
function tombstoneId(hash: string): string {
  return `erased#${hash}`;
}
