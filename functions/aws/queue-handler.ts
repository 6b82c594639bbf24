import type { SQSBatchResponse, SQSEvent, SQSRecord } from 'aws-lambda';
import type { Attempt } from '../core/delivery/deliver.ts';
import type { Ledger } from '../core/ledger/ledger.ts';
import type { Command, Erase, OptOut } from '../core/model/opt-out.ts';
import type { Report } from '../core/model/telemetry.ts';
import type { PublishResults, Result } from './eventbridge.ts';
import type { Queue } from './sqs.ts';
import { parseCommand } from './sqs.ts';
import { failureOf } from './telemetry.ts';

export interface QueueHandlerPorts {
  /** Makes one attempt at an opt-out. */
  readonly deliver: (optOut: OptOut) => Promise<Attempt>;
  readonly erase: Ledger['erase'];
  readonly queue: Pick<Queue, 'postpone'>;
  readonly publish: PublishResults;
  readonly clock: () => Date;
  readonly report: Report;
}

/** Creates the Lambda handler of an SQS event source with `ReportBatchItemFailures`. */
export function createQueueHandler(ports: QueueHandlerPorts): (event: SQSEvent) => Promise<SQSBatchResponse> {
  return async ({ Records }) => {
    const results: Result[] = [];
    const batch = { ...ports, results };
    const isDone = await Promise.all(Records.map((record) => process(record, batch)));
    await ports.publish(results);
    const failed = Records.filter((_record, index) => !isDone[index]);
    return { batchItemFailures: failed.map(({ messageId }) => ({ itemIdentifier: messageId })) };
  };
}

/** `results`: outcomes of the current batch. */
type Batch = QueueHandlerPorts & { readonly results: Result[] };

/** Returns whether the message can be deleted. Never rejects, so that a failure does not redeliver the rest of the batch. */
async function process(record: SQSRecord, batch: Batch): Promise<boolean> {
  let command: Command | undefined;
  try {
    command = parseCommand(record.body);
    if ('erase' in command) return await processErase(command, batch);
    return await processOptOut(command, record, batch);
  } catch (error) {
    const { messageId } = record;
    const optOutId = command && 'id' in command ? command.id : undefined;
    batch.report({ event: 'delivery.failed', messageId, optOutId, failure: failureOf(error) });
    return false;
  }
}

/** Erases entries up to the time of the deletion. Later opt-outs of the contact are kept, however late this runs. */
async function processErase({ erase: contactId, receivedAt }: Erase, ports: QueueHandlerPorts): Promise<true> {
  const count = await ports.erase({ contactId }, ports.clock(), new Date(receivedAt));
  ports.report({ event: 'ledger.erased', count });
  return true;
}

async function processOptOut(optOut: OptOut, record: SQSRecord, batch: Batch): Promise<boolean> {
  const startedAt = batch.clock().getTime();
  const { outcome, attempt } = await batch.deliver(optOut);
  const closedAt = batch.clock();
  const now = closedAt.getTime();
  const ageMs = now - Date.parse(optOut.receivedAt);
  batch.report({ event: 'optout.attempted', optOut, delivery: { outcome, attempt, tookMs: now - startedAt, ageMs } });
  batch.results.push({ optOut, outcome, closedAt });
  if (outcome.kind !== 'deferred') return true;
  await batch.queue.postpone(record.receiptHandle, outcome.retryAfterSeconds);
  return false;
}
