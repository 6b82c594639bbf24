import type { Recipient } from '../../core/verify/source.ts';
import { addressHashIn } from '../../crypto/signed-receipts.ts';
import type { Fields } from './change.ts';
import { changing } from './change.ts';
import type { Change, Item, Table } from './table.ts';
import type { Graveyard } from './tombstones.ts';
import { layTombstones } from './tombstones.ts';

export interface Forgetting extends Graveyard {
  readonly now: Date;
}

/**
 * Forgets what was received `until` then of an address, or of all addresses known for a contact, and the contact; gives how
 * many entries that changed.
 */
export async function forgetRecipient(
  { email, contactId }: Recipient,
  until: string,
  through: Forgetting,
): Promise<number> {
  const { table } = through;
  // First: what is closed after the entries were looked for finds it.
  await layTombstones([email ?? contactId], until, through);
  if (email !== undefined) return forgetEach(await table.query('by-address', email), until, through);
  const own = await table.query('by-contact', contactId);
  await layTombstones(addressesOf(own), until, through);
  const others = (await ofAddresses(own, table)).filter((other) => other.contactId !== contactId);
  // The others first: if that fails, the next try still finds the addresses by the contact's own.
  return (await forgetEach(others, until, through)) + (await forgetEach(own, until, through));
}

/** Forgets all that was received `until` then under the addresses of these. */
export async function forgetReceived(items: readonly Addressed[], until: string, through: Forgetting): Promise<void> {
  await layTombstones(addressesOf(items), until, through);
  await forgetEach(await ofAddresses(items, through.table), until, through);
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
async function forgetEach(items: readonly Item[], until: string, through: Forgetting): Promise<number> {
  const due = items.filter(({ receivedAt }) => receivedAt <= until);
  const changes = due.map(async (item) => {
    const { table } = through;
    return (await table.update(item.id, MARKING)) ?? (await table.update(item.id, await forgetting(item, through)));
  });
  return (await Promise.all(changes)).filter((item) => item !== undefined).length;
}

const MARKING = changing(
  '#state = :isOpen AND attribute_not_exists(#toForget)',
  { toForget: true },
  { isOpen: 'open' },
);

async function forgetting(item: Item, through: Forgetting): Promise<Change> {
  const condition = 'attribute_exists(#closedAt) AND attribute_not_exists(#forgottenAt)';
  return changing(condition, await forgotten(item, through));
}

/**
 * What is changed in an entry to forget whom it is about. Nobody can do anything about it any more, so it waits for nobody.
 * The hash is that of its receipt, by whichever key: the entry still says what was signed.
 */
export async function forgotten({ email, signedReceipt }: Addressed, { keyed, now }: Forgetting): Promise<Fields> {
  const hash = async (text: string) => addressHashIn(signedReceipt) ?? (await keyed.hash(text));
  const replaced = email === undefined ? undefined : await hash(email);
  return {
    email: replaced,
    contactId: undefined,
    toForget: undefined,
    open: undefined,
    forgottenAt: now.toISOString(),
  };
}
