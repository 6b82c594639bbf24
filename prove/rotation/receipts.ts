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
import type { OutcomeLog } from '../harness/outcome-log.ts';
import type { Proof } from '../harness/proof.ts';
import type { Stage } from '../harness/stage.ts';
import { until } from '../harness/until.ts';

/** The value of the `receipts` secret. */
export interface ReceiptSecret {
  readonly keys: readonly { readonly kid: string; readonly privateKey: string }[];
  readonly hashKeys: readonly string[];
}

/** Creates the secret of each round: new keys come first, and old keys stay. */
export function receiptSecrets(rounds: number): readonly ReceiptSecret[] {
  const all = Array.from({ length: rounds }, () => ({
    key: { kid: randomBytes(4).toString('hex'), privateKey: bytes() },
    hashKey: bytes(),
  }));
  return all.map((_newest, round) => {
    const current = all.slice(0, round + 1).reverse();
    return { keys: current.map(({ key }) => key), hashKeys: current.map(({ hashKey }) => hashKey) };
  });
}

const bytes = () => randomBytes(32).toString('base64url');

export interface DeliveryContext {
  readonly stage: Stage;
  readonly outcomes: OutcomeLog;
}

/** The opt-outs of a round: one recipient is erased after the delivery, the other before it. */
const optOutOf = (erased: 'after' | 'before', round: number) => commandFor(`erased-${erased}-${round}`);

/** Delivers an opt-out with the secret of a round. Its recipient is erased in the next round. */
export async function deliverOptOut(round: number, context: DeliveryContext): Promise<void> {
  await deliver(optOutOf('after', round), context);
}

/**
 * Erases both recipients of a round with the next secret. The second opt-out is then delivered by an instance that has not read
 * that secret yet.
 */
export async function eraseBoth(
  round: number,
  next: ReceiptSecret | undefined,
  context: DeliveryContext,
): Promise<void> {
  const [after, before] = [optOutOf('after', round), optOutOf('before', round)];
  const client = new DynamoDBClient();
  const ledger = createLedger(client, tableName(), receiptsOf(next));
  for (const { email } of [after, before]) await ledger.erase({ email }, new Date());
  client.destroy();
  await deliver(before, context);
}

async function deliver(optOut: OptOut, { stage, outcomes }: DeliveryContext): Promise<void> {
  await stage.enqueue([optOut]);
  await until(async () => outcomes.closed.has(optOut.id), Boolean);
}

const tableName = () => process.env.LEDGER_TABLE ?? '';

/**
 * Checks with the last secret that every erased recipient is found, that its receipt is signed by the newest key of its round and
 * no other, and that every receipt in the ledger verifies. Returns the number of receipts.
 */
export async function checkReceipts(secrets: readonly ReceiptSecret[], proof: Proof): Promise<number> {
  const client = new DynamoDBClient();
  const receipts = receiptsOf(secrets.at(-1));
  const operatorLedger = createOperatorLedger(client, tableName(), receipts);
  const keys = await receipts.publicKeys();
  for (const [round, secret] of secrets.slice(0, -1).entries()) {
    for (const erased of ['after', 'before'] as const) {
      const found = await operatorLedger.about(optOutOf(erased, round).email);
      const isCorrect = await isErasedWithKey(found, secret.keys[0]?.kid, keys);
      proof.check(
        isCorrect,
        () =>
          `the recipient erased ${erased} the delivery of round ${round} is not found, or its receipt has another key`,
      );
    }
  }
  let closed = 0;
  for await (const entry of everyEntry(operatorLedger)) {
    if (entry.state === 'open') continue;
    closed += 1;
    const { fault } = await checkLine(JSON.stringify(entry), 1, { keys, hashes: receipts.hashes });
    proof.check(fault === undefined, () => `the receipt of ${entry.id} does not verify: ${fault}`);
  }
  client.destroy();
  return closed;
}

function receiptsOf(secret: ReceiptSecret | undefined): Receipts {
  const get = async () => parseReceiptKeys(JSON.stringify(secret));
  return createReceipts({ get, refresh: get }, () => undefined);
}

async function isErasedWithKey(
  [entry, ...others]: readonly Entry[],
  kid: string | undefined,
  keys: readonly PublicKey[],
) {
  const { signedReceipt, erasedAt } = entry ?? {};
  if (signedReceipt === undefined || erasedAt === undefined || others.length > 0) return false;
  const otherKeys = keys.filter((key) => key.kid !== kid);
  const verifiesWithOther = (await verifyReceipt(signedReceipt, otherKeys)) !== undefined;
  return decodeProtectedHeader(signedReceipt).kid === kid && !verifiesWithOther;
}
