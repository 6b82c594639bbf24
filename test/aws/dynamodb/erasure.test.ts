import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createLedger } from '../../../functions/aws/dynamodb/ledger.ts';
import type { DeliverPorts } from '../../../functions/core/delivery/deliver.ts';
import { deliver } from '../../../functions/core/delivery/deliver.ts';
import type { ContactResponse, HubSpotResponse } from '../../../functions/core/delivery/hubspot.ts';
import type { Ledger } from '../../../functions/core/ledger/ledger.ts';
import type { EmailAddress } from '../../../functions/core/model/email-address.ts';
import { Misconfigured } from '../../../functions/core/model/errors.ts';
import type { OptOut } from '../../../functions/core/model/opt-out.ts';
import { deliverPorts } from '../../core/delivery/deliver-ports.ts';
import { plus, row, shows } from '../../core/examples.ts';
import { newRecipient } from '../../core/ledger/describe-ledger.ts';
import { hashOf, KEYED, KEYED_BEFORE } from '../../core/ledger/keyed-hashes.ts';
import { aws } from '../listening.ts';
import { startLedgerTable, TABLE } from './ledger-table.ts';

let table: Awaited<ReturnType<typeof startLedgerTable>>;
let ledger: Ledger;
beforeAll(async () => {
  table = await startLedgerTable();
  ({ ledger } = table);
});
afterAll(() => table.stop());

interface Delivery extends Partial<DeliverPorts> {
  /** The address of the command or of its contact. */
  readonly email: EmailAddress;
  readonly response?: HubSpotResponse;
  readonly seconds?: number;
}

/** Delivers a command 61 seconds after AT and returns its entry. */
async function delivered(optOut: OptOut, { email, response, seconds = 61, ...change }: Delivery) {
  const contact: readonly ContactResponse[] = optOut.email === undefined ? [{ status: 200, email }] : [];
  const unsubscribed = response ?? shows([row({ subscriberIdString: email })]);
  const { ports } = deliverPorts([...contact, unsubscribed], { ledger, clock: () => plus(seconds), ...change });
  await deliver(optOut, ports);
  return ports.ledger.find(optOut.id);
}

const erased = async (email: EmailAddress) => ({ email: await KEYED.hash(email), erasedAt: plus(61).toISOString() });

describe('a command that is on the queue when its address is erased', () => {
  it('is delivered like any other and closed with the hash', async () => {
    const { email, byAddress } = newRecipient();
    const optOut = byAddress();
    expect(await ledger.erase({ email }, plus(9))).toBe(0);

    const deferred = await delivered(optOut, { email, response: { status: 503 }, seconds: 60 });
    expect(deferred).toMatchObject({ state: 'open', email });
    const showsNothing = shows([]);
    const { ports } = deliverPorts([showsNothing, showsNothing, shows([row({ subscriberIdString: email })])], {
      ledger,
      clock: () => plus(61),
    });

    expect((await deliver(optOut, ports)).outcome).toMatchObject({ kind: 'confirmed', evidence: 'response' });

    expect(await ledger.find(optOut.id)).toMatchObject({ state: 'confirmed', ...(await erased(email)) });
    expect(await ledger.claim(optOut, plus(90))).toEqual({ kind: 'closed' });
  });

  it.each<[string, Partial<Delivery>]>([
    ['rejected', { response: { status: 414 } }],
    ['held', { isOverSurgeLimit: async () => true }],
  ])('is closed with the hash and is not unfinished if it is %s', async (state, change) => {
    const { email, byAddress } = newRecipient();
    await ledger.erase({ email }, plus(9));

    const entry = await delivered(byAddress(), { email, ...change });

    expect(entry).toMatchObject({ state, ...(await erased(email)) });
    expect(entry).not.toHaveProperty('unfinished');
  });

  it('is covered up to the millisecond of the erasure; a later opt-out is not', async () => {
    const { email, byAddress } = newRecipient();
    await ledger.erase({ email }, plus(9));

    expect(await delivered(byAddress(9), { email })).toHaveProperty('erasedAt');
    const later = await delivered(byAddress(9.001), { email });
    expect(later).toMatchObject({ state: 'confirmed', email });
    expect(later).not.toHaveProperty('erasedAt');
  });

  it('is covered by the latest of several erasures, in whatever order they run', async () => {
    const { email, byAddress } = newRecipient();
    for (const seconds of [9, 20, 15]) await ledger.erase({ email }, plus(seconds));

    expect(await delivered(byAddress(20), { email })).toHaveProperty('erasedAt');
    expect(await delivered(byAddress(21), { email })).toMatchObject({ email });
  });

  it('is covered by an erasure from before the key rotation', async () => {
    const { email, byAddress } = newRecipient();
    await createLedger(table.client, TABLE, KEYED_BEFORE).erase({ email }, plus(9));

    expect(await delivered(byAddress(), { email })).toMatchObject(await erased(email));
  });

  it('is covered if this Lambda has not read the new key yet', async () => {
    const { email, byAddress } = newRecipient();
    await ledger.erase({ email }, plus(9));

    const entry = await delivered(byAddress(), { email, ledger: createLedger(table.client, TABLE, KEYED_BEFORE) });

    expect(entry).toMatchObject({ email: hashOf(email, 'old'), erasedAt: plus(61).toISOString() });
  });

  it('is closed with its address if the key is missing, so that the opt-out is still carried out', async () => {
    const { email, byAddress } = newRecipient();
    await ledger.erase({ email }, plus(9));
    const none = () => Promise.reject(new Misconfigured('the key is missing'));
    const keyless = createLedger(table.client, TABLE, { hash: none, hashes: none });

    expect(await delivered(byAddress(), { email, ledger: keyless })).toMatchObject({ state: 'confirmed', email });
    await expect(keyless.erase({ email }, plus(70))).rejects.toThrow('the key is missing');
  });

  it('stays open after any other failure of the key', async () => {
    const { email, byAddress } = newRecipient();
    const optOut = byAddress();
    const broken = () => Promise.reject(new TypeError('broken'));
    const failing = createLedger(table.client, TABLE, { hash: broken, hashes: broken });

    await expect(delivered(optOut, { email, ledger: failing })).rejects.toThrow('broken');
    expect(await ledger.find(optOut.id)).toMatchObject({ state: 'open' });
  });
});

describe('a command that is on the queue when its contact is erased', () => {
  it('is closed without the contact id and with the hash of the address that was found', async () => {
    const { contactId, email, byContact } = newRecipient();
    await ledger.erase({ contactId }, plus(9));

    const entry = await delivered(byContact(), { email });

    expect(entry).toMatchObject({ state: 'confirmed', ...(await erased(email)) });
    expect(entry).not.toHaveProperty('contactId');
  });

  it('is covered by an erasure of the address that is found', async () => {
    const { email, byContact } = newRecipient();
    await ledger.erase({ email }, plus(9));

    expect(await delivered(byContact(), { email })).toMatchObject(await erased(email));
  });

  it('covers commands for the addresses that the ledger knew of the contact', async () => {
    const { contactId, email, byAddress, byContact } = newRecipient();
    await delivered(byContact(-60), { email });

    expect(await ledger.erase({ contactId }, plus(70))).toBe(1);

    expect(await delivered(byAddress(), { email })).toMatchObject(await erased(email));
  });

  it('covers every command of its address that was received until then, delivered or not', async () => {
    const { contactId, email, byAddress, byContact } = newRecipient();
    const [closed, queued, later] = [byAddress(1), byAddress(2), byAddress(10)];
    for (const optOut of [closed, later]) await delivered(optOut, { email });
    await ledger.erase({ contactId }, plus(9));

    await delivered(byContact(), { email });

    expect(await ledger.find(closed.id)).toMatchObject(await erased(email));
    expect(await delivered(queued, { email })).toMatchObject(await erased(email));
    expect(await ledger.find(later.id)).toMatchObject({ email });
  });
});

/** A client that counts its requests and calls `interrupt` before the one with this number. */
function countingClient(number = 0, interrupt: () => Promise<unknown> = async () => {}) {
  const client = new DynamoDBClient(aws(table.url));
  const counter = { count: 0 };
  client.middlewareStack.add(
    (next) => async (args) => {
      counter.count += 1;
      if (counter.count === number) await interrupt();
      return next(args);
    },
    { step: 'initialize' },
  );
  return { client, counter };
}

it.each(['byAddress', 'byContact'] as const)(
  'covers a command %s between any two requests of its delivery',
  async (way) => {
    for (let number = 1; ; number += 1) {
      const { email, contactId, [way]: received } = newRecipient();
      const recipient = way === 'byAddress' ? { email } : { contactId };
      const { client, counter } = countingClient(number, () => ledger.erase(recipient, plus(61)));
      const optOut = received();

      await delivered(optOut, { email, ledger: createLedger(client, TABLE, KEYED) });

      client.destroy();
      if (counter.count < number) return expect(number).toBeGreaterThan(5);
      expect(await ledger.find(optOut.id), `before request ${number}`).toMatchObject(await erased(email));
    }
  },
);

it('costs one read per hash key of the address: four requests for a delivery without an erasure', async () => {
  const { email, byAddress } = newRecipient();
  const { client, counter } = countingClient();
  const { ports } = deliverPorts([shows([row({ subscriberIdString: email })])], {
    ledger: createLedger(client, TABLE, KEYED),
  });

  expect((await deliver(byAddress(), ports)).outcome.kind).toBe('confirmed');

  client.destroy();
  expect(counter.count).toBe(4);
});

it('stores a tombstone of a hash and two times for 30 days, outside the indexes', async () => {
  const { email } = newRecipient();

  await ledger.erase({ email }, plus(9));

  const id = `erased#${await KEYED.hash(email)}`;
  expect(await table.item(id)).toEqual({
    id,
    erasedAt: plus(9).toISOString(),
    expiresAt: plus(9).getTime() / 1000 + 30 * 86_400,
  });
});
