import { randomBytes } from 'node:crypto';
import process from 'node:process';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { decodeProtectedHeader } from 'jose';
import { openLedger } from '../functions/adapters/dynamodb.ts';
import { openDesk } from '../functions/adapters/dynamodb-desk.ts';
import type { PublicKey, Receipts } from '../functions/adapters/receipts.ts';
import { openReceipts, parseReceiptKeys, verifyReceipt } from '../functions/adapters/receipts.ts';
import type { Entry } from '../functions/core/ledger.ts';
import type { LedgerDesk } from '../functions/core/ledger-desk.ts';
import { commandFor } from './commands.ts';
import type { Journal } from './journal.ts';
import type { Trial } from './proof.ts';
import type { Stage } from './stage.ts';
import { until } from './until.ts';

/** What stands in the `receipts` secret. */
export interface ReceiptSecret {
  readonly keys: readonly { readonly kid: string; readonly privateKey: string }[];
  readonly hashKeys: readonly string[];
}

/** That of each round: a new key comes first, and none is ever taken out. */
export function receiptSecrets(rounds: number): readonly ReceiptSecret[] {
  const made = Array.from({ length: rounds }, () => ({
    key: { kid: randomBytes(4).toString('hex'), privateKey: bytes() },
    hashKey: bytes(),
  }));
  return made.map((_newest, round) => {
    const known = made.slice(0, round + 1).reverse();
    return { keys: known.map(({ key }) => key), hashKeys: known.map(({ hashKey }) => hashKey) };
  });
}

const bytes = () => randomBytes(32).toString('base64url');

/** Somebody of a round is opted out, and forgotten as soon as HubSpot has agreed. */
export async function forgetSomebody(
  round: number,
  secret: ReceiptSecret,
  { stage, journal }: { readonly stage: Stage; readonly journal: Journal },
): Promise<void> {
  const person = personOf(round);
  await stage.enqueue([person]);
  await until(async () => journal.closed.has(person.id), Boolean);
  const client = new DynamoDBClient();
  await openLedger(client, tableName(), receiptsOf(secret)).forget({ email: person.email }, new Date());
  client.destroy();
}

const personOf = (round: number) => commandFor(`forgotten-in-round-${round}`);
const tableName = () => process.env.LEDGER_TABLE ?? '';

/**
 * With the secret of the last round everybody who was forgotten is found, signed for by the newest key of his round and by no
 * other; and all that is closed is proven. Gives how many that were.
 */
export async function checkReceipts(secrets: readonly ReceiptSecret[], trial: Trial): Promise<number> {
  const client = new DynamoDBClient();
  const receipts = receiptsOf(secrets.at(-1));
  const desk = openDesk(client, tableName(), receipts.hashes);
  const keys = await receipts.publicKeys();
  for (const [
    round,
    {
      keys: [newest],
    },
  ] of secrets.entries()) {
    const found = await desk.about(personOf(round).email);
    trial.holds(
      await isForgotten(found, newest?.kid, keys),
      () => `who was forgotten in round ${round} is not found, or not with its key`,
    );
  }
  const closed = await closedIn(desk);
  for (const { id, signedReceipt = '' } of closed) {
    trial.holds((await verifyReceipt(signedReceipt, keys)) !== undefined, () => `${id} is not proven`);
  }
  client.destroy();
  return closed.length;
}

function receiptsOf(secret: ReceiptSecret | undefined): Receipts {
  const get = async () => parseReceiptKeys(JSON.stringify(secret));
  return openReceipts({ get, refresh: get }, () => undefined);
}

async function isForgotten([entry, ...more]: readonly Entry[], kid: string | undefined, keys: readonly PublicKey[]) {
  const { signedReceipt, forgottenAt } = entry ?? {};
  if (signedReceipt === undefined || forgottenAt === undefined || more.length > 0) return false;
  const others = keys.filter((key) => key.kid !== kid);
  const isOthers = (await verifyReceipt(signedReceipt, others)) !== undefined;
  return decodeProtectedHeader(signedReceipt).kid === kid && !isOthers;
}

async function closedIn(desk: LedgerDesk): Promise<readonly Entry[]> {
  const closed: Entry[] = [];
  let cursor: string | undefined;
  do {
    const page = await desk.page(cursor, 100);
    closed.push(...page.entries.filter(({ state }) => state !== 'open'));
    cursor = page.cursor;
  } while (cursor !== undefined);
  return closed;
}
