import type { Recipient } from '../core/source.ts';
import type { Fields } from './dynamodb-change.ts';
import { changing } from './dynamodb-change.ts';
import type { Change, Item, Table } from './dynamodb-table.ts';

/** The keyed hash of an address, which takes its place. Rejects when there is no key. */
export type HashAddress = (email: string) => Promise<string>;

export interface Forgetting {
  readonly table: Table;
  readonly hash: HashAddress;
  readonly now: Date;
}

/** Forgets an address, or all addresses known for a contact, and the contact; gives how many entries that changed. */
export async function forgetRecipient({ email, contactId }: Recipient, through: Forgetting): Promise<number> {
  if (email !== undefined) return forgetEach(await through.table.query('by-address', email), through);
  const own = await through.table.query('by-contact', contactId);
  const others = (await ofAddresses(own, through.table)).filter((other) => other.contactId !== contactId);
  // The others first: if that fails, the next try still finds the addresses by the contact's own.
  return (await forgetEach(others, through)) + (await forgetEach(own, through));
}

/** All that stands under the addresses of these. */
export async function ofAddresses(items: readonly Pick<Item, 'email'>[], table: Table): Promise<Item[]> {
  const emails = new Set(items.flatMap(({ email }) => email ?? []));
  return (await Promise.all([...emails].map((email) => table.query('by-address', email)))).flat();
}

/** How many of them that changed. In this order: what was closed before it could be marked is forgotten all the same. */
export async function forgetEach(items: readonly Item[], through: Forgetting): Promise<number> {
  const changes = items.map(async (item) => {
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

/** What is changed in an entry to forget whom it is about. Nobody can do anything about it any more, so it waits for nobody. */
export async function forgotten({ email }: Pick<Item, 'email'>, { hash, now }: Forgetting): Promise<Fields> {
  const replaced = email === undefined ? undefined : await hash(email);
  return {
    email: replaced,
    contactId: undefined,
    toForget: undefined,
    open: undefined,
    forgottenAt: now.toISOString(),
  };
}
