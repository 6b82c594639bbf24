import { DynamoDBClient, paginateScan, QueryCommand } from '@aws-sdk/client-dynamodb';
import { marshall, unmarshall } from '@aws-sdk/util-dynamodb';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createLedger } from '../../../functions/aws/dynamodb/ledger.ts';
import { shardOf } from '../../../functions/aws/dynamodb/shards.ts';
import type { Completion } from '../../../functions/core/ledger/ledger.ts';
import type { EmailAddress } from '../../../functions/core/model/email-address.ts';
import type { OptOut } from '../../../functions/core/model/opt-out.ts';
import type { State } from '../../../functions/core/model/state.ts';
import { plus } from '../../core/examples.ts';
import { CONFIRMED, DEFERRED, describeLedger, HELD, newRecipient } from '../../core/ledger/describe-ledger.ts';
import { KEYED } from '../../core/ledger/keyed-hashes.ts';
import { allOf, aws, thrownBy } from '../listening.ts';
import { startLedgerTable, TABLE } from './ledger-table.ts';

let table: Awaited<ReturnType<typeof startLedgerTable>>;
let optOut: OptOut;
let email: EmailAddress;
beforeAll(async () => {
  table = await startLedgerTable();
});
afterAll(() => table.stop());
beforeEach(() => {
  const recipient = newRecipient();
  email = recipient.email;
  optOut = recipient.byAddress();
});

describe('the ledger on DynamoDB', () => {
  describeLedger(() => table);
});

async function idsIn(IndexName: string, name: string, value: string): Promise<readonly string[]> {
  const query = { KeyConditionExpression: '#key = :value', ExpressionAttributeNames: { '#key': name } };
  const values = { ExpressionAttributeValues: marshall({ ':value': value }) };
  const read = new QueryCommand({ TableName: TABLE, IndexName, ...query, ...values });
  const { Items = [] } = await table.client.send(read);
  return Items.map((item) => unmarshall(item).id);
}

/** Claims and completes a command. */
async function close(command: OptOut, change: Partial<Completion> = {}): Promise<void> {
  await table.ledger.claim(command, plus(0));
  await table.ledger.complete(command, { attempt: 1, outcome: CONFIRMED, ...change }, plus(1));
}

/** The whole table as text. */
async function tableText(): Promise<string> {
  const texts: string[] = [];
  for await (const { Items = [] } of paginateScan({ client: table.client }, { TableName: TABLE })) {
    texts.push(JSON.stringify(Items));
  }
  return texts.join();
}

describe('the item', () => {
  it('of an open command has its fields, the lease, and a place in two indexes', async () => {
    optOut = { ...optOut, scope: { list: '228' }, brand: 'acme' };

    await table.ledger.claim(optOut, plus(0));

    const { version: _version, ...command } = optOut;
    expect(await table.item(optOut.id)).toEqual({
      ...command,
      state: 'open',
      unfinished: shardOf('open', optOut.id),
      attempts: 1,
      claimedAt: plus(0).toISOString(),
      leasedUntil: plus(15).getTime(),
      dueAt: plus(15).getTime(),
    });
    expect(await idsIn('unfinished-by-age', 'unfinished', shardOf('open', optOut.id))).toContain(optOut.id);
    expect(await idsIn('by-address', 'email', email)).toEqual([optOut.id]);
  });

  it.each<[State, Completion['outcome'], object]>([
    ['confirmed', CONFIRMED, { evidence: 'response', changed: true, correlationId: 'c-1' }],
    [
      'confirmed',
      { kind: 'confirmed', evidence: 'read-back', changed: false },
      { evidence: 'read-back', changed: false },
    ],
    [
      'rejected',
      { kind: 'rejected', status: 400, category: 'VALIDATION_ERROR', correlationId: 'c-2' },
      { lastStatus: 400, lastCategory: 'VALIDATION_ERROR', correlationId: 'c-2' },
    ],
    ['rejected', { kind: 'rejected', status: 404 }, { lastStatus: 404 }],
    ['held', HELD, { reason: 'surge-limit' }],
    ['superseded', { kind: 'superseded' }, {}],
  ])('of a %s command has neither a lease nor other leftovers', async (state, outcome, details) => {
    const isUnfinished = state === 'rejected' || state === 'held';
    await table.ledger.claim(optOut, plus(0));

    await table.ledger.complete(optOut, { attempt: 1, outcome, signedReceipt: 'a.b.c' }, plus(2));

    const { version: _version, ...command } = optOut;
    expect(await table.item(optOut.id)).toEqual({
      ...command,
      ...details,
      ...(isUnfinished ? { unfinished: shardOf(state, optOut.id) } : {}),
      signedReceipt: 'a.b.c',
      state,
      attempts: 1,
      answeredAttempts: 1,
      claimedAt: plus(0).toISOString(),
      closedAt: plus(2).toISOString(),
    });
    expect(await idsIn('unfinished-by-age', 'unfinished', shardOf('open', optOut.id))).not.toContain(optOut.id);
    expect(await idsIn('by-address', 'email', email)).toEqual([optOut.id]);
  });

  it('has the expiry in whole seconds, as the TTL needs it', async () => {
    await close(optOut, { expiresAt: plus(86_400.5) });

    expect(await table.item(optOut.id)).toMatchObject({ expiresAt: plus(86_400).getTime() / 1000 });
  });

  it('of a command that was erased while open has the hash and no leftovers', async () => {
    const recipient = newRecipient();
    optOut = recipient.byContact();
    await table.ledger.claim(optOut, plus(0));
    await table.ledger.complete(optOut, { attempt: 1, outcome: DEFERRED, email: recipient.email }, plus(1));
    await table.ledger.erase({ contactId: recipient.contactId }, plus(2));
    expect(await table.item(optOut.id)).toMatchObject({ eraseOnClose: true });
    await table.ledger.claim(optOut, plus(3));

    await table.ledger.complete(optOut, { attempt: 2, outcome: CONFIRMED }, plus(6));

    const { version: _version, contactId: _contactId, ...command } = optOut;
    expect(await table.item(optOut.id)).toEqual({
      ...command,
      state: 'confirmed',
      evidence: 'response',
      changed: true,
      correlationId: 'c-1',
      attempts: 2,
      answeredAttempts: 2,
      claimedAt: plus(0).toISOString(),
      closedAt: plus(6).toISOString(),
      email: await KEYED.hash(recipient.email),
      erasedAt: plus(6).toISOString(),
    });
  });
});

describe('an erasure', () => {
  it('leaves neither the addresses nor the contact id anywhere in the table or its indexes', async () => {
    const { contactId, byContact, byAddress, email: current } = newRecipient();
    const former = newRecipient();
    for (const address of [current, former.email]) await close(byContact(), { email: address });
    await close(byAddress());
    await close(former.byAddress());

    expect(await table.ledger.erase({ contactId }, plus(9))).toBe(4);

    const left = await tableText();
    for (const erased of [contactId, current, former.email]) expect(left).not.toContain(erased);
    expect(await idsIn('by-contact', 'contactId', contactId)).toEqual([]);
    expect(await idsIn('by-address', 'email', current)).toEqual([]);
  });

  it('reads every page of the indexes', async () => {
    const { contactId, email: current, byContact } = newRecipient();
    const moreThanAPage = Array.from({ length: 101 }, byContact);
    await Promise.all(moreThanAPage.map((command) => close(command, { email: current })));
    const queried: unknown[] = [];
    const counting = new DynamoDBClient(aws(table.url));
    counting.middlewareStack.add(
      (next) => (args) => {
        if (args.input && 'IndexName' in args.input) queried.push(args.input.IndexName);
        return next(args);
      },
      { step: 'initialize' },
    );

    expect(await createLedger(counting, TABLE, KEYED).erase({ contactId }, plus(9))).toBe(101);

    expect(queried.toSorted()).toEqual(['by-address', 'by-address', 'by-contact', 'by-contact']);
    const left = await tableText();
    for (const erased of [contactId, current]) expect(left).not.toContain(erased);
  });

  it('can be retried after a failure', async () => {
    const { contactId, email: current, byContact, byAddress } = newRecipient();
    await close(byContact(), { email: current });
    optOut = byAddress();
    await close(optOut);
    const failing = new DynamoDBClient(aws(table.url));
    failing.middlewareStack.add(
      (next) => (args) => {
        const { Key } = args.input as { Key?: unknown };
        if (Key && JSON.stringify(Key).includes(optOut.id)) throw new Error('interrupted');
        return next(args);
      },
      { step: 'initialize' },
    );

    await expect(createLedger(failing, TABLE, KEYED).erase({ contactId }, plus(8))).rejects.toThrow('interrupted');
    failing.destroy();

    expect(await table.ledger.erase({ contactId }, plus(9))).toBe(2);
    expect(await tableText()).not.toContain(current);
  });
});

it('throws without the address if the table cannot be reached', async () => {
  const unreachable = createLedger(table.client, 'no-such-table', KEYED);

  for (const call of [
    () => unreachable.claim(optOut, plus(0)),
    () => unreachable.erasedUntil([optOut]),
    () => unreachable.complete(optOut, { attempt: 1, outcome: CONFIRMED }, plus(0)),
    () => unreachable.find('x'),
    () => unreachable.erase({ email }, plus(0)),
  ]) {
    const error = await thrownBy(call);

    expect(error.name).toBe('ResourceNotFoundException');
    expect(allOf(error)).not.toContain(email);
  }
});
