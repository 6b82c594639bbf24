import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { SQSClient } from '@aws-sdk/client-sqs';
import { createLedger } from '../functions/aws/dynamodb/ledger.ts';
import { createOperatorLedger } from '../functions/aws/dynamodb/operator-ledger.ts';
import { createSecretCache } from '../functions/aws/secrets-manager.ts';
import type { Queue } from '../functions/aws/sqs.ts';
import { createQueue } from '../functions/aws/sqs.ts';
import type { Ledger } from '../functions/core/ledger/ledger.ts';
import type { OperatorLedger } from '../functions/core/ledger/operator-ledger.ts';
import type { Receipts } from '../functions/crypto/signed-receipts.ts';
import { createReceipts, parseReceiptKeys } from '../functions/crypto/signed-receipts.ts';
import { envOption } from './define-command.ts';
import { requireEnvironment } from './environment.ts';

/** The ledger and the queue of the relay that a command operates. Creating it makes no call to AWS. */
export interface Context {
  readonly ledger: Ledger;
  readonly operatorLedger: OperatorLedger;
  readonly receipts: Receipts;
  readonly queue: Queue;
  /** The queue of opt-outs that may wait. */
  readonly bulkQueue: Queue;
  readonly sqs: SQSClient;
  readonly queueUrl: string;
  readonly bulkQueueUrl: string;
}

const VARIABLES = ['LEDGER_TABLE', 'QUEUE_URL', 'BULK_QUEUE_URL', 'RECEIPTS_SECRET'] as const;

/** `--env <file>` of the commands that need a context. */
export const CONTEXT_ENV = envOption(...VARIABLES);

/** @throws UsageError if a variable is missing */
export function createContext(envFile: string | undefined): Context {
  const env = requireEnvironment(envFile, ...VARIABLES);
  const { QUEUE_URL: queueUrl, BULK_QUEUE_URL: bulkQueueUrl = queueUrl } = env;
  const dynamodb = new DynamoDBClient();
  const sqs = new SQSClient();
  const receipts = createReceiptKeys(env.RECEIPTS_SECRET);
  return {
    ledger: createLedger(dynamodb, env.LEDGER_TABLE, receipts),
    operatorLedger: createOperatorLedger(dynamodb, env.LEDGER_TABLE, receipts),
    receipts,
    queue: createQueue(sqs, queueUrl),
    bulkQueue: createQueue(sqs, bulkQueueUrl),
    sqs,
    queueUrl,
    bulkQueueUrl,
  };
}

/** The keys of the `receipts` secret. Signing failures are not reported, since the CLI signs nothing. */
export function createReceiptKeys(secretId: string): Receipts {
  const clock = () => new Date();
  const keys = createSecretCache(new SecretsManagerClient(), secretId, { parse: parseReceiptKeys, clock });
  return createReceipts(keys, () => undefined);
}
