import { randomBytes } from 'node:crypto';
import process from 'node:process';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { decodeProtectedHeader } from 'jose';
import { everyEntry } from '../../cli/commands/export.ts';
import { checkLine } from '../../cli/verify/check-entry.ts';
import { createLedger } from '../../functions/aws/dynamodb/ledger.ts';
import { createOperatorLedger } from '../../functions/aws/dynamodb/operator-ledger.ts';
import type { Entry } from '../../functions/core/ledger/ledger.ts';
import type { OptOut } from '../../functions/core/model/opt-out.ts';
import type { PublicKey, Receipts } from '../../functions/crypto/signed-receipts.ts';
import { createReceipts, parseReceiptKeys, verifyReceipt } from '../../functions/crypto/signed-receipts.ts';
import { commandFor } from '../harness/commands.ts';
import type { Journal } from '../harness/journal.ts';
import type { Trial } from '../harness/proof.ts';
import type { Stage } from '../harness/stage.ts';
import { until } from '../harness/until.ts';

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

/** What people stand on, whose receipts are looked at in the end. */
export interface Ground {
  readonly stage: Stage;
  readonly journal: Journal;
}

/** By the key of a round one of these is signed for who is forgotten later, and one who has been forgotten before that. */
const personOf = (name: 'later' | 'before', round: number) => commandFor(`forgotten-${name}-${round}`);

/** Somebody is opted out in a round, with its secret. */
export async function optOutSomebody(round: number, ground: Ground): Promise<void> {
  await deliver(personOf('later', round), ground);
}

/** With the next secret that one is forgotten, and somebody else whose opt-out is carried out where it has not been read yet. */
export async function forgetBoth(round: number, next: ReceiptSecret | undefined, ground: Ground): Promise<void> {
  const [later, before] = [personOf('later', round), personOf('before', round)];
  const client = new DynamoDBClient();
  const ledger = createLedger(client, tableName(), receiptsOf(next));
  for (const { email } of [later, before]) await ledger.erase({ email }, new Date());
  client.destroy();
  await deliver(before, ground);
}

async function deliver(person: OptOut, { stage, journal }: Ground): Promise<void> {
  await stage.enqueue([person]);
  await until(async () => journal.closed.has(person.id), Boolean);
}

const tableName = () => process.env.LEDGER_TABLE ?? '';

/**
 * With the secret of the last round everybody who was forgotten is found, signed for by the newest key of his round and by no
 * other; and all that is closed is proven. Gives how many that were.
 */
export async function checkReceipts(secrets: readonly ReceiptSecret[], trial: Trial): Promise<number> {
  const client = new DynamoDBClient();
  const receipts = receiptsOf(secrets.at(-1));
  const operatorLedger = createOperatorLedger(client, tableName(), receipts);
  const keys = await receipts.publicKeys();
  for (const [round, secret] of secrets.slice(0, -1).entries()) {
    for (const when of ['later', 'before'] as const) {
      const found = await operatorLedger.about(personOf(when, round).email);
      const isSo = await isForgotten(found, secret.keys[0]?.kid, keys);
      trial.holds(isSo, () => `who was forgotten ${when} in round ${round} is not found, or not with its key`);
    }
  }
  let closed = 0;
  for await (const entry of everyEntry(operatorLedger)) {
    if (entry.state === 'open') continue;
    closed += 1;
    const { fault } = await checkLine(JSON.stringify(entry), 1, { keys, hashes: receipts.hashes });
    trial.holds(fault === undefined, () => `${entry.id} is not proven: ${fault}`);
  }
  client.destroy();
  return closed;
}

function receiptsOf(secret: ReceiptSecret | undefined): Receipts {
  const get = async () => parseReceiptKeys(JSON.stringify(secret));
  return createReceipts({ get, refresh: get }, () => undefined);
}

async function isForgotten([entry, ...more]: readonly Entry[], kid: string | undefined, keys: readonly PublicKey[]) {
  const { signedReceipt, erasedAt } = entry ?? {};
  if (signedReceipt === undefined || erasedAt === undefined || more.length > 0) return false;
  const others = keys.filter((key) => key.kid !== kid);
  const isOthers = (await verifyReceipt(signedReceipt, others)) !== undefined;
  return decodeProtectedHeader(signedReceipt).kid === kid && !isOthers;
}
