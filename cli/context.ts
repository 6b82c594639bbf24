import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { SQSClient } from '@aws-sdk/client-sqs';
import { openLedger } from '../functions/aws/dynamodb/ledger.ts';
import { openDesk } from '../functions/aws/dynamodb/operator-ledger.ts';
import { openSecret } from '../functions/aws/secrets-manager.ts';
import type { Queue } from '../functions/aws/sqs.ts';
import { openQueue } from '../functions/aws/sqs.ts';
import type { Ledger } from '../functions/core/ledger/ledger.ts';
import type { LedgerDesk } from '../functions/core/ledger/operator-ledger.ts';
import type { Receipts } from '../functions/crypto/signed-receipts.ts';
import { openReceipts, parseReceiptKeys } from '../functions/crypto/signed-receipts.ts';
import { environmentOf } from './environment.ts';

/** What most commands work on. Nothing has been read yet when it is open. */
export interface Books {
  readonly ledger: Ledger;
  readonly desk: LedgerDesk;
  readonly receipts: Receipts;
  readonly queue: Queue;
  readonly sqs: SQSClient;
  readonly queueUrl: string;
}

/** The ledger and the queue of the relay that the environment names, or the file in its place. Throws Usage when none is. */
export function openBooks(envFile: string | undefined): Books {
  const env = environmentOf(envFile, 'LEDGER_TABLE', 'QUEUE_URL', 'RECEIPTS_SECRET');
  const dynamodb = new DynamoDBClient();
  const sqs = new SQSClient();
  const receipts = openReceiptKeys(env.RECEIPTS_SECRET);
  return {
    ledger: openLedger(dynamodb, env.LEDGER_TABLE, receipts),
    desk: openDesk(dynamodb, env.LEDGER_TABLE, receipts.hashes),
    receipts,
    queue: openQueue(sqs, env.QUEUE_URL),
    sqs,
    queueUrl: env.QUEUE_URL,
  };
}

/** Nothing is signed here, so nothing is reported. */
export function openReceiptKeys(secretId: string): Receipts {
  const clock = () => new Date();
  const keys = openSecret(new SecretsManagerClient(), secretId, { parse: parseReceiptKeys, clock });
  return openReceipts(keys, () => undefined);
}
