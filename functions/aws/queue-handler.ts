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
  /** One attempt at one opt-out. */
  readonly deliver: (optOut: OptOut) => Promise<Attempt>;
  readonly erase: Ledger['erase'];
  readonly queue: Pick<Queue, 'postpone'>;
  /** Left out: nobody is told the results. */
  readonly publish?: PublishResults | undefined;
  readonly clock: () => Date;
  readonly report: Report;
}

/** A Lambda handler of an SQS event source with `ReportBatchItemFailures`: what is not settled goes back to the queue. */
export function createQueueHandler(through: QueueHandlerPorts): (event: SQSEvent) => Promise<SQSBatchResponse> {
  return async ({ Records }) => {
    const results: Result[] = [];
    const batch = { ...through, results };
    const settled = await Promise.all(Records.map((record) => isSettled(record, batch)));
    await through.publish?.(results);
    const left = Records.filter((_record, index) => !settled[index]);
    return { batchItemFailures: left.map(({ messageId }) => ({ itemIdentifier: messageId })) };
  };
}

/** What has ended within one invocation. */
type Batch = QueueHandlerPorts & { readonly results: Result[] };

/** Whatever goes wrong with one message, its neighbours are not delivered twice for it. */
async function isSettled(record: SQSRecord, through: Batch): Promise<boolean> {
  let command: Command | undefined;
  try {
    command = parseCommand(record.body);
    if ('erase' in command) return await isForgotten(command, through);
    return await isDelivered(command, record, through);
  } catch (error) {
    const { messageId } = record;
    const optOutId = command && 'id' in command ? command.id : undefined;
    through.report({ event: 'delivery.failed', messageId, optOutId, failure: failureOf(error) });
    return false;
  }
}

/** However late it is delivered: what came after it is a new matter. */
async function isForgotten({ erase: contactId, receivedAt }: Erase, through: QueueHandlerPorts): Promise<true> {
  const count = await through.erase({ contactId }, through.clock(), new Date(receivedAt));
  through.report({ event: 'ledger.erased', count });
  return true;
}

async function isDelivered(optOut: OptOut, record: SQSRecord, through: Batch): Promise<boolean> {
  const startedAt = through.clock().getTime();
  const { outcome, attempt } = await through.deliver(optOut);
  const closedAt = through.clock();
  const now = closedAt.getTime();
  const ageMs = now - Date.parse(optOut.receivedAt);
  through.report({ event: 'optout.attempted', optOut, delivery: { outcome, attempt, tookMs: now - startedAt, ageMs } });
  through.results.push({ optOut, outcome, closedAt });
  if (outcome.kind !== 'deferred') return true;
  await through.queue.postpone(record.receiptHandle, outcome.retryAfterSeconds);
  return false;
}
