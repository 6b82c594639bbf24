import type { Recipient } from '../../core/model/signal.ts';
import { addressHashIn } from '../../crypto/signed-receipts.ts';
import type { Fields } from './change.ts';
import { changing } from './change.ts';
import type { Change, Item, Table } from './table.ts';
import type { TombstonePorts } from './tombstones.ts';
import { writeTombstones } from './tombstones.ts';

export interface ErasurePorts extends TombstonePorts {
  readonly now: Date;
}

/**
 * Forgets what was received `until` then of an address, or of all addresses known for a contact, and the contact; gives how
 * many entries that changed.
 */
export async function eraseRecipient(
  { email, contactId }: Recipient,
  until: string,
  through: ErasurePorts,
): Promise<number> {
  const { table } = through;
  // First: what is closed after the entries were looked for finds it.
  await writeTombstones([email ?? contactId], until, through);
  if (email !== undefined) return eraseEach(await table.query('by-address', email), until, through);
  const own = await table.query('by-contact', contactId);
  await writeTombstones(addressesOf(own), until, through);
  const others = (await ofAddresses(own, table)).filter((other) => other.contactId !== contactId);
  // The others first: if that fails, the next try still finds the addresses by the contact's own.
  return (await eraseEach(others, until, through)) + (await eraseEach(own, until, through));
}

/** Forgets all that was received `until` then under the addresses of these. */
export async function eraseReceived(items: readonly Addressed[], until: string, through: ErasurePorts): Promise<void> {
  await writeTombstones(addressesOf(items), until, through);
  await eraseEach(await ofAddresses(items, through.table), until, through);
}

interface Addressed {
  readonly email?: string | undefined;
  readonly signedReceipt?: string | undefined;
}

async function ofAddresses(items: readonly Addressed[], table: Table): Promise<Item[]> {
  return (await Promise.all(addressesOf(items).map((email) => table.query('by-address', email)))).flat();
}

function addressesOf(items: readonly Addressed[]): readonly string[] {
  return [...new Set(items.flatMap(({ email }) => email ?? []))];
}

/** How many of them that changed. In this order: what was closed before it could be marked is forgotten all the same. */
async function eraseEach(items: readonly Item[], until: string, through: ErasurePorts): Promise<number> {
  const due = items.filter(({ receivedAt }) => receivedAt <= until);
  const changes = due.map(async (item) => {
    const { table } = through;
    return (await table.update(item.id, MARKING)) ?? (await table.update(item.id, await forgetting(item, through)));
  });
  return (await Promise.all(changes)).filter((item) => item !== undefined).length;
}

const MARKING = changing(
  '#state = :isOpen AND attribute_not_exists(#eraseOnClose)',
  { eraseOnClose: true },
  { isOpen: 'open' },
);

async function forgetting(item: Item, through: ErasurePorts): Promise<Change> {
  const condition = 'attribute_exists(#closedAt) AND attribute_not_exists(#erasedAt)';
  return changing(condition, await erased(item, through));
}

/**
 * What is changed in an entry to forget whom it is about. Nobody can do anything about it any more, so it waits for nobody.
 * The hash is that of its receipt, by whichever key: the entry still says what was signed.
 */
export async function erased({ email, signedReceipt }: Addressed, { keyed, now }: ErasurePorts): Promise<Fields> {
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
