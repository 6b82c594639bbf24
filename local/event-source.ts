import { setTimeout as sleep } from 'node:timers/promises';
import type { Message } from '@aws-sdk/client-sqs';
import { DeleteMessageBatchCommand, ReceiveMessageCommand, type SQSClient } from '@aws-sdk/client-sqs';
import type { SQSBatchResponse, SQSEvent, SQSRecord } from 'aws-lambda';

export interface EventSource {
  readonly client: SQSClient;
  readonly queueUrl: string;
  /** Runs the function. What it throws leaves the whole batch on the queue. */
  readonly invoke: (event: SQSEvent) => Promise<SQSBatchResponse>;
}

/**
 * How long a received message stays invisible when the machine dies: a little more than the longest attempt. On AWS it is
 * six times the function's time limit, as Lambda wants it; here a restart should not have to wait that long.
 */
const VISIBILITY_SECONDS = 16;
const BATCH = 10;

/** Lambda's poller of an SQS queue: receives, invokes, and deletes all but `batchItemFailures`. Resolves once aborted. */
export async function pollQueue(source: EventSource, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    try {
      const messages = await receive(source, signal);
      if (messages.length > 0) await handle(source, messages);
    } catch {
      if (!signal.aborted) await sleep(500);
    }
  }
}

async function receive({ client, queueUrl }: EventSource, signal: AbortSignal): Promise<readonly Message[]> {
  const receiving = new ReceiveMessageCommand({
    QueueUrl: queueUrl,
    MaxNumberOfMessages: BATCH,
    WaitTimeSeconds: 20,
    VisibilityTimeout: VISIBILITY_SECONDS,
    MessageSystemAttributeNames: ['All'],
  });
  const { Messages = [] } = await client.send(receiving, { abortSignal: signal });
  return Messages;
}

async function handle({ client, queueUrl, invoke }: EventSource, messages: readonly Message[]): Promise<void> {
  const { batchItemFailures } = await invoke({ Records: messages.map(recordOf) });
  const failed = new Set(batchItemFailures.map(({ itemIdentifier }) => itemIdentifier));
  const done = messages.filter(({ MessageId = '' }) => !failed.has(MessageId));
  if (done.length === 0) return;
  const Entries = done.map(({ MessageId, ReceiptHandle }) => ({ Id: MessageId, ReceiptHandle }));
  await client.send(new DeleteMessageBatchCommand({ QueueUrl: queueUrl, Entries }));
}

function recordOf(message: Message): SQSRecord {
  return {
    messageId: message.MessageId ?? '',
    receiptHandle: message.ReceiptHandle ?? '',
    body: message.Body ?? '',
    md5OfBody: message.MD5OfBody ?? '',
    attributes: { ...message.Attributes } as unknown as SQSRecord['attributes'],
    messageAttributes: {},
    eventSource: 'aws:sqs',
    eventSourceARN: 'arn:aws:sqs:us-east-1:000000000000:optout-relay',
    awsRegion: 'us-east-1',
  };
}
